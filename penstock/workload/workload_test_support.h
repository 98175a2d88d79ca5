/// Helpers of the workload tests: configs from YAML text, moments and distances of samples.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/fields.h"
#include "penstock/base/node.h"
#include "penstock/workload/workload.h"

namespace penstock::workload::testing {

inline Node yaml(const std::string& text, Findings& findings) {
  auto source = std::make_shared<Source>();
  source->name = "test.yaml";
  source->text = text;
  return parse_yaml(source, findings);
}

/// A checked config; throws the findings when there are any.
inline WorkloadConfig workload(const std::string& text) {
  Findings findings;
  const Node node = yaml(text, findings);
  auto config = read_config<WorkloadConfig>(node, findings);
  if (findings.empty()) check_workload(config, node, findings);
  findings.throw_if_any();
  return config;
}

/// Everything that is wrong with a config, as printed.
inline std::string mistakes(const std::string& text) {
  Findings findings;
  const Node node = yaml(text, findings);
  const auto config = read_config<WorkloadConfig>(node, findings);
  check_workload(config, node, findings);
  return to_text(findings.all());
}

/// A stream with the given arrivals and fixed lengths.
inline std::unique_ptr<RequestStream> arrivals_stream(const std::string& arrivals, int64_t requests,
                                                      uint64_t seed = 1) {
  return make_stream(workload("arrivals: " + arrivals +
                              "\nlengths: {input: {distribution: fixed, tokens: 1},"
                              " output: {distribution: fixed, tokens: 1}}\nrequests: " +
                              std::to_string(requests)),
                     seed);
}

/// Arrival times in seconds.
inline std::vector<double> arrival_seconds(RequestStream& stream) {
  std::vector<double> times;
  Request request;
  while (stream.next(request)) times.push_back(request.arrival.seconds().value());
  return times;
}

inline std::vector<double> gaps_of(const std::vector<double>& times) {
  std::vector<double> gaps;
  for (size_t i = 1; i < times.size(); ++i) gaps.push_back(times[i] - times[i - 1]);
  return gaps;
}

/// Input counts of a stream whose inputs have the given distribution.
inline std::vector<double> drawn_lengths(const std::string& distribution, int64_t requests) {
  const auto stream =
      make_stream(workload("arrivals: {process: at_once}\nlengths: {input: " + distribution +
                           ", output: {distribution: fixed, tokens: 1}}\nrequests: " +
                           std::to_string(requests)),
                  1);
  std::vector<double> lengths;
  Request request;
  while (stream->next(request)) lengths.push_back(static_cast<double>(request.input_tokens));
  return lengths;
}

inline double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Standard deviation over mean.
inline double burstiness_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double squares = 0.0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return std::sqrt(squares / static_cast<double>(values.size())) / mean;
}

/// Largest distance between the samples' distribution and a continuous one.
template <class Cdf>
double ks_distance(std::vector<double> values, Cdf cdf) {
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  double worst = 0.0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double at = cdf(values[i]);
    worst = std::max({worst, std::abs(static_cast<double>(i + 1) / n - at),
                      std::abs(static_cast<double>(i) / n - at)});
  }
  return worst;
}

}  // namespace penstock::workload::testing
