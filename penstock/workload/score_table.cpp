#include "penstock/workload/score_table.h"

#include <algorithm>
#include <limits>

#include "penstock/base/check.h"
#include "penstock/base/rng.h"

namespace penstock::workload {
namespace {

double score_of_share(double share) {
  return normal_quantile_factor(
      std::clamp(share, ScoreTable::kTailFraction, 1.0 - ScoreTable::kTailFraction));
}

}  // namespace

ScoreTable::ScoreTable(const std::vector<Knot>& knots) {
  PENSTOCK_CHECK(!knots.empty(), "a table of {} knots", knots.size());
  segments_.push_back({-kScoreMax, std::log(knots.front().value_factor), 0.0});
  for (size_t i = 0; i < knots.size(); ++i) {
    const Knot& knot = knots[i];
    const double before = i == 0 ? 0.0 : knots[i - 1].value_factor;
    PENSTOCK_CHECK(
        knot.value_factor > 0.0 && knot.value_factor >= before && std::isfinite(knot.value_factor),
        "knot {} holds {} after {}", i, knot.value_factor, before);
    Segment segment{score_of_share(knot.share_fraction), std::log(knot.value_factor), 0.0};
    PENSTOCK_CHECK(segment.score_factor >= segments_.back().score_factor,
                   "share {} of knot {} is below the one before", knot.share_fraction, i);
    if (i + 1 < knots.size()) {
      const double width = score_of_share(knots[i + 1].share_fraction) - segment.score_factor;
      // a jump has no width and is never drawn from
      if (width > 0.0) {
        segment.slope_factor =
            (std::log(knots[i + 1].value_factor) - segment.log_value_factor) / width;
      }
    }
    segments_.push_back(segment);
  }
  guide_.reserve(kCells);
  uint32_t at = 0;
  for (int cell = 0; cell < kCells; ++cell) {
    const double begin = static_cast<double>(cell) / kCellsPerUnit - kScoreMax;
    while (at + 1 < segments_.size() && segments_[at + 1].score_factor <= begin) ++at;
    guide_.push_back(at);
  }
}

double ScoreTable::mean_below_factor(double score) const {
  double sum = 0.0;
  for (size_t i = 0; i < segments_.size(); ++i) {
    const Segment& s = segments_[i];
    const double begin = i == 0 ? -std::numeric_limits<double>::infinity() : s.score_factor;
    const double next = i + 1 < segments_.size() ? segments_[i + 1].score_factor : kScoreMax;
    const double end = std::min(next, score);
    if (end <= begin) continue;
    // integral of exp(c + b z) phi(z) dz is exp(c + b*b/2) [Phi(z - b)]; differences are taken in
    // the tail where they are small, so that no digits cancel
    const double b = s.slope_factor;
    const double low = begin - b;
    const double high = end - b;
    const double mass = low > 0.0 ? normal_cdf_factor(-low) - normal_cdf_factor(-high)
                                  : normal_cdf_factor(high) - normal_cdf_factor(low);
    if (mass <= 0.0) continue;
    sum += std::exp(s.log_value_factor - b * s.score_factor + b * b / 2.0 + std::log(mass));
  }
  return sum;
}

double ScoreTable::score_of_factor(double value) const {
  const double log_value = std::log(value);
  if (log_value < segments_.front().log_value_factor) {
    return -std::numeric_limits<double>::infinity();
  }
  if (log_value >= segments_.back().log_value_factor) {
    return std::numeric_limits<double>::infinity();
  }
  // the last segment that begins at or below the value
  size_t i = segments_.size() - 1;
  while (segments_[i].log_value_factor > log_value) --i;
  const Segment& s = segments_[i];
  const double next = segments_[i + 1].score_factor;
  if (s.slope_factor <= 0.0) return next;
  return std::min(next, s.score_factor + (log_value - s.log_value_factor) / s.slope_factor);
}

ScoreTable ScoreTable::scaled(double ratio) const {
  PENSTOCK_CHECK(ratio > 0.0 && std::isfinite(ratio), "table scaled by {}", ratio);
  ScoreTable result = *this;
  for (Segment& segment : result.segments_) segment.log_value_factor += std::log(ratio);
  return result;
}

}  // namespace penstock::workload
