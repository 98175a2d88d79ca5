/// ANSI colours for terminal texts, or none.
#pragma once

#include <string>
#include <string_view>

#include "penstock/report/text.h"

namespace penstock::report {

class Paint {
 public:
  explicit Paint(const TextOptions& options) : on_(options.colour) {}

  [[nodiscard]] std::string bold(std::string_view text) const { return in(text, "1"); }
  [[nodiscard]] std::string dim(std::string_view text) const { return in(text, "2"); }
  [[nodiscard]] std::string good(std::string_view text) const { return in(text, "32"); }
  [[nodiscard]] std::string bad(std::string_view text) const { return in(text, "1;31"); }
  [[nodiscard]] std::string weak(std::string_view text) const { return in(text, "33"); }

 private:
  [[nodiscard]] std::string in(std::string_view text, std::string_view code) const {
    std::string out(text);
    if (!on_ || text.empty()) return out;
    return std::string("\x1b[").append(code).append("m").append(out).append("\x1b[0m");
  }
  bool on_;
};

/// Options with the width brought into its limits.
TextOptions bounded(TextOptions options);

}  // namespace penstock::report
