/// A positive quantity drawn by inverting its distribution: a table from normal scores to values.
///
/// The logarithm of the value is linear in the standard normal score between knots and constant
/// outside them. Two knots are a lognormal cut at both ends; thirty follow any measured
/// distribution, atoms included. A Gaussian copula needs scores, so no draw computes a share.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace penstock::workload {

class ScoreTable {
 public:
  /// A point of the quantile function: `share_fraction` of the draws are at most `value_factor`.
  struct Knot {
    double share_fraction = 0.0;
    double value_factor = 0.0;
  };

  /// Knots need at least one entry, shares in [0, 1] and values above 0, both non-decreasing.
  /// Shares of 0 and 1 are moved inwards by kTailFraction, where the score is finite.
  explicit ScoreTable(const std::vector<Knot>& knots);

  static constexpr double kTailFraction = 1e-6;

  /// The value at a standard normal score.
  [[nodiscard]] double value_factor(double score_factor) const {
    const Segment& s = segments_[segment_of(score_factor)];
    return std::exp(s.log_value_factor + s.slope_factor * (score_factor - s.score_factor));
  }
  /// Mean over a standard normal score, in closed form.
  [[nodiscard]] double mean_factor() const { return mean_below_factor(kScoreMax); }
  /// The mean's share from scores below the given one: the integral of value times density.
  [[nodiscard]] double mean_below_factor(double score_factor) const;
  /// The largest score whose value is at most `value_factor`; -infinity when there is none.
  [[nodiscard]] double score_of_factor(double value_factor) const;
  /// The same shape with every value multiplied.
  [[nodiscard]] ScoreTable scaled(double ratio) const;

 private:
  struct Segment {
    double score_factor;  // where it begins; the first begins before every score
    double log_value_factor;
    double slope_factor;
  };

  static constexpr double kScoreMax = 9.0;  // the 53-bit uniform reaches 8.2
  static constexpr int kCellsPerUnit = 32;
  static constexpr int kCells = static_cast<int>(2 * kScoreMax) * kCellsPerUnit;

  [[nodiscard]] size_t segment_of(double score) const {
    const double cell = (score + kScoreMax) * kCellsPerUnit;
    size_t i = guide_[cell < 0.0 ? 0 : cell >= kCells ? kCells - 1 : static_cast<size_t>(cell)];
    while (i + 1 < segments_.size() && segments_[i + 1].score_factor <= score) ++i;
    return i;
  }

  std::vector<Segment> segments_;
  std::vector<uint32_t> guide_;  // the last segment that begins at or before a cell
};

}  // namespace penstock::workload
