/// How far apart two traces are: the numbers by which a generator is judged against its source.
#pragma once

#include <span>
#include <vector>

#include "penstock/workload/trace.h"

namespace penstock::workload {

/// Distances of Kolmogorov and Smirnov (largest difference of the distribution functions, 0 to 1)
/// and differences of the second trace from the first.
struct TraceDistance {
  double gaps_fraction = 0.0;
  double inputs_fraction = 0.0;
  double outputs_fraction = 0.0;
  double requests_ratio = 1.0;      ///< requests of the second over those of the first
  double correlation_factor = 0.0;  ///< rank correlation of the second less that of the first
};

/// Both traces need a request; with fewer than two there are no gaps, and their distance is 0.
TraceDistance distance(const Trace& first, const Trace& second);

/// Largest difference between the distribution functions of two samples, ties included. Both need
/// a value.
double ks_distance_fraction(std::span<const double> first, std::span<const double> second);

/// Spearman's rank correlation of input and output tokens; equal values share their mean rank. 0
/// when one of them does not vary.
double rank_correlation_factor(const Trace& trace);

/// Gaps between arrivals in seconds, in order.
std::vector<double> gap_seconds(const Trace& trace);

}  // namespace penstock::workload
