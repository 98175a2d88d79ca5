/// The law of the gaps between arrivals, with mean one: constant, exponential, gamma or a table.
///
/// An arrival process multiplies these gaps by its rate, so rate and burstiness stay apart.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "penstock/base/rng.h"
#include "penstock/workload/score_table.h"

namespace penstock::workload {

class GapLaw {
 public:
  /// Gamma gaps with the given coefficient of variation (standard deviation over mean): 0 is a
  /// constant gap, 1 a Poisson process. The shape is 1 / burstiness^2; vLLM's `--burstiness` is
  /// that shape.
  static GapLaw gamma(double burstiness_ratio);
  /// Gaps of the table's shape, scaled to mean one.
  static GapLaw table(const ScoreTable& shape);

  static constexpr double kBurstinessMax = 20.0;

  /// One gap. Every law but the constant takes exactly one draw.
  double draw_factor(Rng& rng) const {
    switch (kind_) {
      case Kind::kConstant: return 1.0;
      case Kind::kExponential: return rng.exponential_factor();
      case Kind::kTable: break;
    }
    return table_->value_factor(rng.normal_factor());
  }

 private:
  enum class Kind : uint8_t { kConstant, kExponential, kTable };
  explicit GapLaw(Kind kind) : kind_(kind) {}

  Kind kind_;
  std::optional<ScoreTable> table_;
};

/// Quantile of the gamma distribution with the given shape and scale one, as a logarithm (small
/// shapes reach below the smallest double). Relative error of the quantile below 1e-9.
double gamma_log_quantile_factor(double shape_factor, double share_fraction);

}  // namespace penstock::workload
