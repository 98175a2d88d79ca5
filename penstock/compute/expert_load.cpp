#include "penstock/compute/expert_load.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace penstock::compute {

namespace {

/// Counts of a call, as numbers to calculate with.
struct Counts {
  double tokens, topk, experts, ranks, experts_a_rank;

  [[nodiscard]] double copies() const { return tokens * topk; }
  [[nodiscard]] double rows_mean() const { return copies() / ranks; }
  [[nodiscard]] double rows_max() const { return tokens * std::min(topk, experts_a_rank); }
};

/// Tokens with a copy on the rank, when each copy lands there by the same chance.
double tokens_reaching(const Counts& c, double rows) {
  const double share = std::min(rows / c.copies(), 1.0);
  return std::clamp(c.tokens * (1.0 - std::pow(1.0 - share, c.topk)), std::min(1.0, c.tokens),
                    c.tokens);
}

ExpertLoad even(const Counts& c) {
  const double rows = std::ceil(c.rows_mean());
  return {rows, std::min(rows, c.experts_a_rank), std::min(rows, c.tokens)};
}

ExpertLoad random(const Counts& c) {
  const double share = 1.0 / c.ranks;
  // copies of one token go to different experts: without replacement, hence the last factor
  const double unpicked = c.experts > 1.0 ? (c.experts - c.topk) / (c.experts - 1.0) : 0.0;
  const double variance = c.copies() * share * (1.0 - share) * unpicked;
  const double excess = std::sqrt(2.0 * std::log(c.ranks) * variance);
  const double rows = std::clamp(c.rows_mean() + excess, std::min(1.0, c.copies()), c.rows_max());
  const double missed = 1.0 - rows / c.experts_a_rank / c.tokens;
  const double reached = c.experts_a_rank * (1.0 - std::pow(std::max(missed, 0.0), c.tokens));
  return {rows, std::min(reached, rows), tokens_reaching(c, rows)};
}

/// Rows of an expert as a function of the quantile u of its popularity: scale * x(u), at most all
/// tokens, where x^(1 - exponent) runs evenly from that of the least popular to the most.
class PowerLaw {
 public:
  PowerLaw(const Counts& c, double exponent) : power_(1.0 - exponent), most_(c.tokens) {
    const bool many = c.copies() > c.experts;
    const double low = many ? 1.0 : 0.01;
    high_ = many ? std::max(0.8 * c.tokens, 1.001) : 2.0;
    at_low_ = std::pow(low, power_);
    span_ = std::pow(high_, power_) - at_low_;
    scale_ = 1.0;
    scale_ = c.copies() / c.experts / mean_between(low, high_);
    none_ = quantile(0.5);
    one_ = quantile(1.5);
  }

  /// Mean rows of an expert, rounded to whole ones.
  [[nodiscard]] double mean_rounded() const {
    const double least = std::clamp(0.5 / scale_, std::pow(at_low_, 1.0 / power_), high_);
    const double cap = std::clamp(most_ / scale_, least, high_);
    return mean_between(least, cap) + most_ * (1.0 - quantile(cap * scale_)) + kUp * (one_ - none_);
  }

  /// The same when u is distributed as u^tilt.
  [[nodiscard]] double mean_rounded(double tilt) const {
    // 8-point Gauss-Legendre on [0, 1]; the weights of the upper half mirror the lower's
    constexpr std::array<double, 8> kAt = {
        0.019855071751231884, 0.10166676129318664, 0.2372337950418355, 0.4082826787521751,
        0.5917173212478249,   0.7627662049581645,  0.8983332387068134, 0.9801449282487681};
    constexpr std::array<double, 4> kWeight = {0.05061426814518813, 0.11119051722668724,
                                               0.15685332293894364, 0.1813418916891810};
    const double none = std::pow(none_, tilt);
    double sum = 0.0;
    for (size_t i = 0; i < kAt.size(); ++i) {
      // nodes crowd where popular experts have nearly all rows
      const double below = 1.0 - kAt[i];
      const double u = std::pow(1.0 - (1.0 - none) * below * below, 1.0 / tilt);
      const double rows = std::min(scale_ * std::pow(at_low_ + span_ * u, 1.0 / power_), most_);
      sum += 2.0 * below * kWeight[std::min(i, kAt.size() - 1 - i)] * rows;
    }
    return (1.0 - none) * sum + kUp * (std::pow(one_, tilt) - none);
  }

  [[nodiscard]] double share_reached(double tilt) const { return 1.0 - std::pow(none_, tilt); }

 private:
  // half a row to one and a half rounds to one, which is more than its logarithmic mean, 1 / ln 3
  static constexpr double kUp = 1.0 - 0.9102392266268373;

  [[nodiscard]] double quantile(double rows) const {
    return std::clamp((std::pow(rows / scale_, power_) - at_low_) / span_, 0.0, 1.0);
  }

  /// Integral of the rows over u where x lies between two values.
  [[nodiscard]] double mean_between(double from, double to) const {
    const double above = power_ + 1.0;
    return scale_ * power_ / above * (std::pow(to, above) - std::pow(from, above)) / span_;
  }

  double power_;
  double most_;
  double high_;
  double at_low_;
  double span_;
  double scale_;
  double none_;  ///< quantile below which an expert rounds to no rows
  double one_;   ///< below which to one
};

ExpertLoad power_law(const Counts& c, double exponent) {
  // at 1 and 2 integrals of the density are logarithms: a hair beside, powers give the same
  constexpr double kHair = 1e-6;
  for (const double pole : {1.0, 2.0}) {
    if (std::abs(exponent - pole) < kHair) exponent = pole + kHair;
  }
  const double m = c.experts_a_rank;
  const PowerLaw law(c, exponent);
  // how much more popular the busiest rank's experts are: expert_load.h
  const double single = 0.5 + 0.5 * std::pow(m, -1.5);
  const double tilt =
      1.0 + 1.1 * (1.0 + 1.5 * (exponent - 1.0)) * std::pow(c.ranks - 1.0, single) / std::sqrt(m);
  const double left_over = (c.copies() / c.experts - law.mean_rounded()) * m;
  const double mean = c.ranks > 1.0 ? law.mean_rounded(tilt) : law.mean_rounded();
  const double rows = std::clamp(m * mean + left_over,
                                 std::max(c.rows_mean(), std::min(1.0, c.copies())), c.rows_max());
  const double reached = m * law.share_reached(tilt) + std::max(left_over, 0.0);
  return {rows, std::clamp(reached, std::min(1.0, rows), std::min(m, rows)),
          tokens_reaching(c, rows)};
}

}  // namespace

ExpertLoad expert_load(const ExpertsCall& call) {
  if (call.tokens <= 0 || call.topk <= 0 || call.experts <= 0) return {};
  const auto experts = static_cast<double>(call.experts);
  const auto ranks = static_cast<double>(std::clamp<int64_t>(call.expert_ranks, 1, call.experts));
  const Counts counts = {static_cast<double>(call.tokens),
                         static_cast<double>(std::min(call.topk, call.experts)), experts, ranks,
                         experts / ranks};
  switch (call.routing) {
    case Routing::kEven: return even(counts);
    case Routing::kRandom: return random(counts);
    case Routing::kPowerLaw: return power_law(counts, call.skew_factor);
  }
  return {};
}

double expected_experts_factor(int64_t experts, int64_t topk, int64_t tokens) {
  if (experts <= 0 || topk <= 0 || tokens <= 0) return 0.0;
  const auto count = static_cast<double>(experts);
  const double missed = 1.0 - static_cast<double>(topk) / count;
  return count * (1.0 - std::pow(missed, static_cast<double>(tokens)));
}

}  // namespace penstock::compute
