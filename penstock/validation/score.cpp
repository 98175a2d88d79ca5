#include "penstock/validation/score.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "penstock/base/check.h"

namespace penstock::validation {
namespace {

constexpr double kMedian = 0.5;
constexpr double kNinetieth = 0.9;

/// Where the asked keys stand among the suite's own.
std::vector<size_t> places_of(const SuiteOutcome& outcome, std::span<const std::string> group_by) {
  std::vector<size_t> places;
  for (const std::string& key : group_by) {
    const auto at = std::find(outcome.keys.begin(), outcome.keys.end(), key);
    if (at != outcome.keys.end()) places.push_back(static_cast<size_t>(at - outcome.keys.begin()));
  }
  return places;
}

std::string group_name(const Observation& observation, const std::vector<size_t>& places) {
  std::string name = observation.section;
  for (const size_t place : places) {
    if (!name.empty()) name += '/';
    name += observation.keys[place].empty() ? "-" : observation.keys[place];
  }
  return name;
}

Score score_of(const std::string& suite, const std::string& group,
               const std::vector<const Observation*>& observations) {
  Score score;
  score.suite = suite;
  score.group = group;
  score.metric = observations.front()->metric;
  score.rows = static_cast<int64_t>(observations.size());
  std::vector<double> errors;
  std::vector<double> sizes;
  int64_t banded = 0;
  int64_t inside = 0;
  for (const Observation* o : observations) {
    if (!o->answered()) {
      ++score.unanswered[o->unanswered];
      continue;
    }
    errors.push_back(o->error_fraction());
    sizes.push_back(std::abs(errors.back()));
    const std::optional<bool> in_band = o->in_band();
    banded += in_band ? 1 : 0;
    inside += in_band.value_or(false) ? 1 : 0;
  }
  score.answered = static_cast<int64_t>(errors.size());
  if (errors.empty()) return score;
  std::sort(errors.begin(), errors.end());
  std::sort(sizes.begin(), sizes.end());
  score.median_ape = sorted_quantile_factor(sizes, kMedian);
  score.mean_ape =
      std::accumulate(sizes.begin(), sizes.end(), 0.0) / static_cast<double>(sizes.size());
  score.p90_ape = sorted_quantile_factor(sizes, kNinetieth);
  score.bias = sorted_quantile_factor(errors, kMedian);
  if (banded > 0) score.in_band = static_cast<double>(inside) / static_cast<double>(banded);
  return score;
}

}  // namespace

double sorted_quantile_factor(std::span<const double> sorted, double share_fraction) {
  PENSTOCK_CHECK(!sorted.empty(), "a quantile of {} values", sorted.size());
  const double at = share_fraction * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (sorted[below + 1] - sorted[below]) * (at - static_cast<double>(below));
}

std::vector<Score> scores_of(const SuiteOutcome& outcome, std::span<const std::string> group_by) {
  const std::vector<size_t> places = places_of(outcome, group_by);
  // the whole comes before its groups, metrics in order of first mention
  using Group = std::tuple<bool, std::string, size_t>;
  std::map<Group, std::vector<const Observation*>> groups;
  std::vector<std::string_view> metrics;
  for (const Observation& o : outcome.observations) {
    auto metric = std::find(metrics.begin(), metrics.end(), o.metric);
    if (metric == metrics.end()) metric = metrics.insert(metrics.end(), o.metric);
    const auto index = static_cast<size_t>(metric - metrics.begin());
    if (o.section.empty()) groups[{false, "all", index}].push_back(&o);
    const std::string name = group_name(o, places);
    if (!o.section.empty() && name != o.section) groups[{true, o.section, index}].push_back(&o);
    if (!name.empty()) groups[{true, name, index}].push_back(&o);
  }
  std::vector<Score> scores;
  for (const auto& [group, observations] : groups) {
    scores.push_back(score_of(outcome.suite, std::get<1>(group), observations));
  }
  return scores;
}

}  // namespace penstock::validation
