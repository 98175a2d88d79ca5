/// The books of a run: what came in equals what went out, checked at the end, in release too.
#pragma once

#include <string>
#include <vector>

#include "penstock/base/result.h"
#include "penstock/base/time.h"

namespace penstock::engine {

/// Collects conservation laws. `require_balanced` stops the run with the numbers when one fails.
class Ledger {
 public:
  /// Whole numbers: must be equal.
  void count(std::string_view name, std::string_view in_name, Int128 in, std::string_view out_name,
             Int128 out);
  /// Spans in fine ticks: must be equal to the tick.
  void span(std::string_view name, std::string_view in_name, Fine in, std::string_view out_name,
            Fine out);
  /// Sums of rounded parts: must agree to `tolerance_fraction` of the larger side.
  void amount(std::string_view name, std::string_view in_name, double in_factor,
              std::string_view out_name, double out_factor, double tolerance_fraction,
              std::string_view unit);

  [[nodiscard]] const std::vector<LedgerLine>& lines() const { return lines_; }
  [[nodiscard]] bool balanced() const;
  void require_balanced() const;

 private:
  std::vector<LedgerLine> lines_;
};

}  // namespace penstock::engine
