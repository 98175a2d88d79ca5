#include "penstock/workload/gap_law.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "penstock/base/check.h"

namespace penstock::workload {
namespace {

constexpr int kTermsMax = 100'000;  // of a series that converges in about sqrt(shape) terms
constexpr double kConverged = 1e-16;

/// Regularised lower incomplete gamma P(a, x) and its complement.
/// Source: Abramowitz and Stegun 6.5.29 (series) and 6.5.31 (continued fraction, Lentz's method).
struct IncompleteGamma {
  double lower;
  double upper;
};

IncompleteGamma incomplete_gamma(double a, double log_x) {
  const double x = std::exp(log_x);
  const double log_front = a * log_x - x - std::lgamma(a);
  if (x < a + 1.0) {
    double term = 1.0 / a;
    double sum = term;
    for (int n = 1; n < kTermsMax && term > sum * kConverged; ++n) {
      term *= x / (a + n);
      sum += term;
    }
    const double lower = std::exp(log_front + std::log(sum));
    return {lower, 1.0 - lower};
  }
  constexpr double kTiny = std::numeric_limits<double>::min() / kConverged;
  double b = x + 1.0 - a;
  double c = 1.0 / kTiny;
  double d = 1.0 / b;
  double h = d;
  for (int n = 1; n < kTermsMax; ++n) {
    const double numerator = -n * (n - a);
    b += 2.0;
    d = numerator * d + b;
    if (std::abs(d) < kTiny) d = kTiny;
    c = b + numerator / c;
    if (std::abs(c) < kTiny) c = kTiny;
    d = 1.0 / d;
    h *= d * c;
    if (std::abs(d * c - 1.0) < kConverged) break;
  }
  const double upper = std::exp(log_front + std::log(h));
  return {1.0 - upper, upper};
}

}  // namespace

double gamma_log_quantile_factor(double shape, double share) {
  PENSTOCK_CHECK(shape > 0.0 && share > 0.0 && share < 1.0, "gamma shape {} at share {}", shape,
                 share);
  // for small x, P(a, x) is x^a / Gamma(a + 1); it bounds the quantile from below
  double low = (std::log(share) + std::lgamma(shape + 1.0)) / shape;
  if (low < -700.0) return low;
  double high = std::log(shape + 10.0 * std::sqrt(shape) + 80.0);
  low = std::min(low, high);
  // bisection on the logarithm; the smaller tail is compared, so that both ends keep their digits
  const bool lower_tail = share <= 0.5;
  for (int i = 0; i < 200 && high - low > 1e-11; ++i) {
    const double middle = 0.5 * (low + high);
    const IncompleteGamma p = incomplete_gamma(shape, middle);
    const bool below = lower_tail ? p.lower < share : p.upper > 1.0 - share;
    (below ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

GapLaw GapLaw::gamma(double burstiness) {
  PENSTOCK_CHECK(burstiness >= 0.0 && burstiness <= kBurstinessMax, "burstiness {}", burstiness);
  constexpr double kNearlyConstant = 1e-3;
  if (burstiness < kNearlyConstant) return GapLaw(Kind::kConstant);
  if (burstiness == 1.0) return GapLaw(Kind::kExponential);
  // knots every 1/32 of a score: between them the interpolated quantile is off by about
  // burstiness^2 / 8192 of itself, far below what any trace can tell
  constexpr int kKnotsPerUnit = 32;
  constexpr int kUnits = 5;
  const double shape = 1.0 / (burstiness * burstiness);
  std::vector<ScoreTable::Knot> knots;
  for (int i = -kUnits * kKnotsPerUnit; i <= kUnits * kKnotsPerUnit; ++i) {
    const double share = normal_cdf_factor(static_cast<double>(i) / kKnotsPerUnit);
    if (share < ScoreTable::kTailFraction || share > 1.0 - ScoreTable::kTailFraction) continue;
    const double value = std::exp(gamma_log_quantile_factor(shape, share)) / shape;
    knots.push_back({share, std::max(value, std::numeric_limits<double>::min())});
  }
  return table(ScoreTable(knots));
}

GapLaw GapLaw::table(const ScoreTable& shape) {
  GapLaw law(Kind::kTable);
  law.table_ = shape.scaled(1.0 / shape.mean_factor());
  return law;
}

}  // namespace penstock::workload
