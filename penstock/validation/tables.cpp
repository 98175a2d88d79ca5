#include "penstock/validation/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "penstock/scenario/run.h"

namespace penstock::validation {
namespace {

constexpr double kPercent = 100.0;
// points of a cloud that can still be told apart
constexpr size_t kPointsOfCloud = 150;
constexpr size_t kPointsOfCurve = 100;

Cell percent_cell(const std::optional<double>& fraction) {
  if (!fraction) return std::string();
  return *fraction * kPercent;
}

std::string unit_of(std::string_view metric) {
  if (metric == "power") return "W";
  if (metric == "throughput" || metric == "tokens_per_second") return "token/s";
  return "s";
}

/// The value of the first group key of a suite.
std::string series_of(const SuiteOutcome& outcome, const Observation& observation) {
  if (outcome.groups.empty()) return {};
  const auto key = std::find(outcome.keys.begin(), outcome.keys.end(), outcome.groups.front());
  if (key == outcome.keys.end()) return {};
  return observation.keys[static_cast<size_t>(key - outcome.keys.begin())];
}

using Series = std::map<std::string, std::vector<const Observation*>>;

/// Answered observations of a metric outside sections, by series.
Series series_of(const SuiteOutcome& outcome, std::string_view metric) {
  Series series;
  for (const Observation& o : outcome.observations) {
    if (o.metric != metric || !o.answered() || !o.section.empty()) continue;
    series[series_of(outcome, o)].push_back(&o);
  }
  return series;
}

/// Every so many of them, so that few enough are left.
template <class T>
std::vector<T> thinned(const std::vector<T>& all, size_t count_max) {
  if (all.size() <= count_max) return all;
  std::vector<T> some;
  for (size_t i = 0; i < count_max; ++i)
    some.push_back(all[i * (all.size() - 1) / (count_max - 1)]);
  return some;
}

Plot scatter(const SuiteOutcome& outcome, const std::string& metric, const Series& series) {
  const std::string unit = unit_of(metric);
  Plot plot{outcome.suite + "_" + metric,
            fmt::format("{}: {} predicted over measured", outcome.suite, metric),
            PlotKind::kScatter,
            "measured",
            unit,
            "predicted",
            unit,
            {},
            {}};
  double least = HUGE_VAL;
  double most = 0.0;
  for (const auto& [name, observations] : series) {
    Line line{name, {}, {}, false, {}};
    for (const Observation* o : thinned(observations, kPointsOfCloud)) {
      line.x.push_back(o->measured_factor);
      line.y.push_back(o->predicted_factor);
      line.labels.push_back(o->place);
      least = std::min(least, o->measured_factor);
      most = std::max(most, o->measured_factor);
    }
    plot.lines.push_back(std::move(line));
  }
  plot.lines.push_back({"equal", {least, most}, {least, most}, true, {}});
  return plot;
}

Plot error_cdf(const SuiteOutcome& outcome, const std::string& metric, const Series& series) {
  Plot plot{outcome.suite + "_" + metric + "_errors",
            fmt::format("{}: error of {}", outcome.suite, metric),
            PlotKind::kCdf,
            "absolute error",
            "",
            "share of rows",
            "",
            {},
            {}};
  for (const auto& [name, observations] : series) {
    std::vector<double> errors;
    for (const Observation* o : observations) errors.push_back(std::abs(o->error_fraction()));
    std::sort(errors.begin(), errors.end());
    Line line{name, {}, {}, false, {}};
    const size_t points = std::min(kPointsOfCurve, errors.size());
    for (size_t i = 1; i <= points; ++i) {
      const size_t at = i * errors.size() / points - 1;
      line.x.push_back(errors[at]);
      line.y.push_back(static_cast<double>(at + 1) / static_cast<double>(errors.size()));
    }
    plot.lines.push_back(std::move(line));
  }
  return plot;
}

}  // namespace

Table score_table(const std::string& suite, std::span<const Score> scores) {
  Table table{"scores_" + suite,
              suite,
              {{"group", ""},
               {"metric", ""},
               {"rows", ""},
               {"answered", ""},
               {"median", "%"},
               {"mean", "%"},
               {"p90", "%"},
               {"bias", "%"},
               {"in band", "%"}},
              {}};
  for (const Score& s : scores) {
    table.rows.push_back({s.group, s.metric, s.rows, s.answered, percent_cell(s.median_ape),
                          percent_cell(s.mean_ape), percent_cell(s.p90_ape), percent_cell(s.bias),
                          percent_cell(s.in_band)});
  }
  return table;
}

Table unanswered_table(const std::string& suite, std::span<const Score> scores) {
  Table table{"unanswered_" + suite,
              suite + ": rows without an answer",
              {{"metric", ""}, {"rows", ""}, {"reason", ""}},
              {}};
  for (const Score& s : scores) {
    if (s.group != "all") continue;
    for (const auto& [reason, count] : s.unanswered) {
      table.rows.push_back({s.metric, count, reason});
    }
  }
  return table;
}

Table worst_table(const SuiteOutcome& outcome, std::string_view metric, int64_t count) {
  const std::string unit = unit_of(metric);
  Table table{fmt::format("worst_{}_{}", outcome.suite, metric),
              fmt::format("{}: rows whose {} is furthest off", outcome.suite, metric),
              {{"error", "%"},
               {"measured", unit},
               {"predicted", unit},
               {"row", ""},
               {"what", ""},
               {"likely reason", ""}},
              {}};
  std::vector<const Observation*> answered;
  for (const Observation& o : outcome.observations) {
    if (o.metric == metric && o.answered() && o.section.empty()) answered.push_back(&o);
  }
  // too small by half is as far off as twice too large
  const auto distance = [](const Observation* o) {
    return std::abs(std::log(o->predicted_factor / o->measured_factor));
  };
  std::stable_sort(answered.begin(), answered.end(),
                   [&](const auto* a, const auto* b) { return distance(a) > distance(b); });
  answered.resize(std::min(answered.size(), static_cast<size_t>(count)));
  for (const Observation* o : answered) {
    table.rows.push_back({o->error_fraction() * kPercent, o->measured_factor, o->predicted_factor,
                          o->place, o->what, o->hint});
  }
  return table;
}

std::vector<std::string> metrics_of(const SuiteOutcome& outcome) {
  std::vector<std::string> metrics;
  for (const Observation& o : outcome.observations) {
    if (std::find(metrics.begin(), metrics.end(), o.metric) == metrics.end()) {
      metrics.emplace_back(o.metric);
    }
  }
  return metrics;
}

std::vector<Plot> plots_of(const SuiteOutcome& outcome) {
  std::vector<Plot> plots;
  for (const std::string& metric : metrics_of(outcome)) {
    const Series series = series_of(outcome, metric);
    if (series.empty()) continue;
    plots.push_back(scatter(outcome, metric, series));
    plots.push_back(error_cdf(outcome, metric, series));
  }
  return plots;
}

Result result_of(std::span<const SuiteOutcome> outcomes, const std::vector<std::string>& group_by,
                 int64_t worst_count) {
  Result result;
  result.name = "validation";
  result.description = "Predictions against measurements; errors are |predicted / measured - 1|.";
  result.version = scenario::version();
  for (const SuiteOutcome& outcome : outcomes) {
    const std::vector<Score> scores =
        scores_of(outcome, group_by.empty() ? outcome.groups : group_by);
    for (const Score& s : scores) {
      if (s.group != "all" || !s.median_ape) continue;
      result.metrics.push_back(
          {fmt::format("validation.{}_{}.median_error", outcome.suite, s.metric), *s.median_ape, "",
           std::nullopt, std::nullopt});
    }
    result.tables.push_back(score_table(outcome.suite, scores));
    Table unanswered = unanswered_table(outcome.suite, scores);
    if (!unanswered.rows.empty()) result.tables.push_back(std::move(unanswered));
    if (worst_count > 0) {
      for (const std::string& metric : metrics_of(outcome)) {
        Table worst = worst_table(outcome, metric, worst_count);
        if (!worst.rows.empty()) result.tables.push_back(std::move(worst));
      }
    }
    for (Plot& plot : plots_of(outcome)) result.plots.push_back(std::move(plot));
    for (const std::string& note : outcome.notes) {
      result.notes.push_back(fmt::format("{}: {}", outcome.suite, note));
    }
  }
  return result;
}

}  // namespace penstock::validation
