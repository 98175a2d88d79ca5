/// Knots of a quantile table that follow a sample: few numbers instead of its rows.
///
/// Greedy: the point of the sample's distribution function that the table misses most becomes the
/// next knot, until the largest miss is small or the knots are used up.
#pragma once

#include <cstdint>
#include <vector>

#include "penstock/workload/score_table.h"

namespace penstock::workload {

struct KnotOptions {
  int64_t count = 28;                 ///< most knots
  double tolerance_fraction = 0.002;  ///< largest miss of the distribution function that may stay
  bool whole_numbers = false;         ///< values are rounded up when drawn, as tokens are
};

/// Values must be above zero; at least one. Larger samples are thinned to even shares first.
std::vector<ScoreTable::Knot> fit_knots(std::vector<double> values, const KnotOptions& options);

}  // namespace penstock::workload
