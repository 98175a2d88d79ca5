#include "penstock/workload/trace_distance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "penstock/base/check.h"

namespace penstock::workload {
namespace {

std::vector<double> as_numbers(const std::vector<int64_t>& tokens) {
  return {tokens.begin(), tokens.end()};
}

/// The rank of each value, from 0; equal values share the mean of their ranks.
std::vector<double> ranks(const std::vector<int64_t>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> result(values.size());
  for (size_t i = 0; i < order.size();) {
    size_t end = i;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    const double shared = 0.5 * static_cast<double>(i + end - 1);
    for (; i < end; ++i) result[order[i]] = shared;
  }
  return result;
}

}  // namespace

double ks_distance_fraction(std::span<const double> first, std::span<const double> second) {
  PENSTOCK_CHECK(!first.empty() && !second.empty(), "samples of {} and {}", first.size(),
                 second.size());
  std::vector<double> a(first.begin(), first.end());
  std::vector<double> b(second.begin(), second.end());
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  double worst = 0.0;
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    // both functions step at a shared value before they are compared
    const double at = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == at) ++i;
    while (j < b.size() && b[j] == at) ++j;
    const double difference = static_cast<double>(i) / static_cast<double>(a.size()) -
                              static_cast<double>(j) / static_cast<double>(b.size());
    worst = std::max(worst, std::abs(difference));
  }
  return worst;
}

double rank_correlation_factor(const Trace& trace) {
  const std::vector<double> x = ranks(trace.input_tokens);
  const std::vector<double> y = ranks(trace.output_tokens);
  const double mean = 0.5 * (static_cast<double>(trace.size()) - 1.0);
  double xx = 0.0;
  double yy = 0.0;
  double xy = 0.0;
  for (size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
    xy += (x[i] - mean) * (y[i] - mean);
  }
  return xx > 0.0 && yy > 0.0 ? xy / std::sqrt(xx * yy) : 0.0;
}

std::vector<double> gap_seconds(const Trace& trace) {
  std::vector<double> gaps;
  gaps.reserve(trace.size());
  for (size_t i = 1; i < trace.size(); ++i) {
    gaps.push_back((trace.arrivals[i] - trace.arrivals[i - 1]).value());
  }
  return gaps;
}

TraceDistance distance(const Trace& first, const Trace& second) {
  PENSTOCK_CHECK(first.size() > 0 && second.size() > 0, "traces of {} and {} requests",
                 first.size(), second.size());
  TraceDistance result;
  if (first.size() > 1 && second.size() > 1) {
    result.gaps_fraction = ks_distance_fraction(gap_seconds(first), gap_seconds(second));
  }
  result.inputs_fraction =
      ks_distance_fraction(as_numbers(first.input_tokens), as_numbers(second.input_tokens));
  result.outputs_fraction =
      ks_distance_fraction(as_numbers(first.output_tokens), as_numbers(second.output_tokens));
  result.requests_ratio = static_cast<double>(second.size()) / static_cast<double>(first.size());
  result.correlation_factor = rank_correlation_factor(second) - rank_correlation_factor(first);
  return result;
}

}  // namespace penstock::workload
