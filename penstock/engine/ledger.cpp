#include "penstock/engine/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "penstock/base/check.h"
#include "penstock/base/text.h"

namespace penstock::engine {
namespace {

std::string count_text(Int128 number, std::string_view name) {
  // counts beyond 64 bits print in scientific form; the comparison itself is exact
  constexpr Int128 kWhole = Int128{1} << 62;
  if (number > -kWhole && number < kWhole) {
    return fmt::format("{} {}", with_commas(static_cast<int64_t>(number)), name);
  }
  return fmt::format("{:.12g} {}", static_cast<double>(number), name);
}

}  // namespace

void Ledger::count(std::string_view name, std::string_view in_name, Int128 in,
                   std::string_view out_name, Int128 out) {
  lines_.push_back(
      {std::string(name), count_text(in, in_name), count_text(out, out_name), in == out});
}

void Ledger::span(std::string_view name, std::string_view in_name, Fine in,
                  std::string_view out_name, Fine out) {
  lines_.push_back({std::string(name), fmt::format("{:.6f} s {}", in.seconds().value(), in_name),
                    fmt::format("{:.6f} s {}", out.seconds().value(), out_name), in == out});
}

void Ledger::amount(std::string_view name, std::string_view in_name, double in,
                    std::string_view out_name, double out, double tolerance,
                    std::string_view unit) {
  const double scale = std::max(std::abs(in), std::abs(out));
  const bool equal = std::abs(in - out) <= tolerance * scale;
  lines_.push_back({std::string(name), fmt::format("{:.6g} {} {}", in, unit, in_name),
                    fmt::format("{:.6g} {} {}", out, unit, out_name), equal});
}

bool Ledger::balanced() const {
  return std::all_of(lines_.begin(), lines_.end(), [](const LedgerLine& l) { return l.balanced; });
}

void Ledger::require_balanced() const {
  for (const LedgerLine& line : lines_) {
    PENSTOCK_CHECK(line.balanced, "{}: {} against {}", line.name, line.in_text, line.out_text);
  }
}

}  // namespace penstock::engine
