#include <fmt/format.h>

#include <array>

#include "penstock/base/parallel.h"
#include "penstock/base/rng.h"
#include "penstock/base/text.h"
#include "penstock/scenario/estimate.h"

namespace penstock::scenario {
namespace {

/// The i-th combination of the axes, the last axis fastest.
std::vector<size_t> combination(const std::vector<SweepAxis>& axes, size_t index) {
  std::vector<size_t> choice(axes.size(), 0);
  for (size_t a = axes.size(); a-- > 0;) {
    choice[a] = index % axes[a].values.size();
    index /= axes[a].values.size();
  }
  return choice;
}

constexpr std::array<std::string_view, 8> kShown = {
    "serving.request_throughput", "serving.output_throughput",
    "serving.ttft.p50",           "serving.ttft.p99",
    "serving.tpot.p50",           "serving.tpot.p99",
    "serving.utilization",        "economics.cost_per_million_output_tokens"};

std::string_view short_name(std::string_view name) { return name.substr(name.find('.') + 1); }

using Answer = std::variant<std::vector<Metric>, Infeasible>;

const Metric* find(const Answer& answer, std::string_view name) {
  const auto* metrics = std::get_if<std::vector<Metric>>(&answer);
  if (metrics == nullptr) return nullptr;
  for (const Metric& m : *metrics) {
    if (m.name == name) return &m;
  }
  return nullptr;
}

/// One hash for all; that of one scenario where they agree.
std::string joint_hash(const std::vector<Scenario>& scenarios, std::string Scenario::* hash) {
  std::string all;
  bool same = true;
  for (const Scenario& scenario : scenarios) {
    same = same && scenario.*hash == scenarios.front().*hash;
    all += scenario.*hash + '\n';
  }
  return same ? scenarios.front().*hash : fmt::format("{:016x}", hash_text(all));
}

/// The axes, then the metrics, each with its unit whichever row is the first to have it.
std::vector<Column> columns_of(const std::vector<SweepAxis>& axes,
                               const std::vector<Answer>& answers) {
  std::vector<Column> columns;
  for (const SweepAxis& axis : axes) columns.push_back({axis.path, ""});
  for (const std::string_view name : kShown) {
    std::string unit;
    for (const Answer& answer : answers) {
      if (const Metric* metric = find(answer, name)) unit = metric->unit;
    }
    columns.push_back({std::string(short_name(name)), unit});
  }
  return columns;
}

}  // namespace

Result sweep(const ScenarioText& text, const catalog::Catalog& catalog,
             const std::vector<SweepAxis>& axes, size_t thread_count) {
  size_t count = 1;
  for (const SweepAxis& axis : axes) count *= axis.values.size();
  // every combination is read before any runs, so mistakes cost nothing
  std::vector<Scenario> scenarios;
  std::vector<std::vector<Cell>> rows(count);
  for (size_t i = 0; i < count; ++i) {
    std::vector<std::string> set;
    const std::vector<size_t> choice = combination(axes, i);
    for (size_t a = 0; a < axes.size(); ++a) {
      const std::string& value = axes[a].values[choice[a]];
      set.push_back(axes[a].path + "=" + value);
      rows[i].emplace_back(value);
    }
    scenarios.push_back(text.with(set, catalog));
  }
  std::vector<Answer> answers(count);
  parallel_for(count, thread_count, [&](size_t i) { answers[i] = run_metrics(scenarios[i]); });
  Result result;
  result.version = version();
  const Scenario& first = scenarios.front();
  result.name = title_of(first.config.name, text.options) + ": sweep";
  result.description = first.config.description;
  result.seed = static_cast<uint64_t>(first.config.seed);
  result.scenario_hash = joint_hash(scenarios, &Scenario::scenario_hash);
  result.catalog_hash = joint_hash(scenarios, &Scenario::catalog_hash);
  for (size_t i = 0; i < count; ++i) {
    for (const std::string_view name : kShown) {
      const Metric* metric = find(answers[i], name);
      rows[i].push_back(metric != nullptr ? Cell(metric->value_factor) : Cell(std::string("-")));
    }
    if (const auto* reason = std::get_if<Infeasible>(&answers[i])) {
      rows[i][axes.size()] = std::string("infeasible");
      result.notes.push_back(fmt::format("row {}: {}", i + 1, reason->reason));
    }
  }
  result.tables.push_back({"sweep", "One row a run", columns_of(axes, answers), std::move(rows)});
  return result;
}

}  // namespace penstock::scenario
