/// How far predictions are from measurements: errors, bias and bands of groups of observations.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "penstock/validation/observation.h"

namespace penstock::validation {

/// Observations of one suite.
struct SuiteOutcome {
  std::string suite;
  std::vector<std::string> keys;    ///< what they can be grouped by, in order of Observation::keys
  std::vector<std::string> groups;  ///< keys they are grouped by when nothing is asked
  std::vector<Observation> observations;
  std::vector<std::string> notes;  ///< rules and assumptions behind the predictions
};

/// One metric of one group. Fractions are of the measured value; without an answered row, or
/// without a band, what cannot be computed is unset.
struct Score {
  std::string suite;
  std::string group;  ///< "all", or the values of the keys joined by '/'
  std::string metric;
  int64_t rows = 0;
  int64_t answered = 0;
  std::optional<double> median_ape;  ///< of |predicted / measured - 1|
  std::optional<double> mean_ape;
  std::optional<double> p90_ape;
  std::optional<double> bias;                 ///< median of predicted / measured - 1
  std::optional<double> in_band;              ///< share of answered rows with a band inside it
  std::map<std::string, int64_t> unanswered;  ///< rows by reason
};

/// Scores of the group "all" for every metric, then of every group by the named keys in name order.
/// Keys that the suite does not have are passed over. Sections follow the main part, their group
/// names led by the section's.
std::vector<Score> scores_of(const SuiteOutcome& outcome, std::span<const std::string> group_by);

/// Value at a share of sorted values, interpolated between neighbours. `sorted` is not empty.
double sorted_quantile_factor(std::span<const double> sorted, double share_fraction);

}  // namespace penstock::validation
