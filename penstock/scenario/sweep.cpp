#include <fmt/format.h>

#include <array>

#include "penstock/base/parallel.h"
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

}  // namespace

Result sweep(const ScenarioText& text, const catalog::Catalog& catalog,
             const std::vector<SweepAxis>& axes, size_t thread_count) {
  size_t count = 1;
  for (const SweepAxis& axis : axes) count *= axis.values.size();
  // every combination is read before any runs, so mistakes cost nothing
  std::vector<Scenario> scenarios;
  for (size_t i = 0; i < count; ++i) {
    std::vector<std::string> set;
    const std::vector<size_t> choice = combination(axes, i);
    for (size_t a = 0; a < axes.size(); ++a) {
      set.push_back(axes[a].path + "=" + axes[a].values[choice[a]]);
    }
    scenarios.push_back(text.with(set, catalog));
  }
  std::vector<std::variant<std::vector<Metric>, Infeasible>> answers(count);
  parallel_for(count, thread_count, [&](size_t i) { answers[i] = run_metrics(scenarios[i]); });
  Result result;
  result.version = version();
  result.name = scenarios.front().config.name + ": sweep";
  result.description = scenarios.front().config.description;
  result.seed = static_cast<uint64_t>(scenarios.front().config.seed);
  Table table{"sweep", "One row a run", {}, {}};
  for (const SweepAxis& axis : axes) table.columns.push_back({axis.path, ""});
  bool named = false;
  for (size_t i = 0; i < count; ++i) {
    const std::vector<size_t> choice = combination(axes, i);
    std::vector<Cell> row;
    for (size_t a = 0; a < axes.size(); ++a) row.emplace_back(axes[a].values[choice[a]]);
    if (const auto* reason = std::get_if<Infeasible>(&answers[i])) {
      result.notes.push_back(fmt::format("row {}: {}", i + 1, reason->reason));
      for (size_t k = 0; k < kShown.size(); ++k) row.emplace_back(std::string("infeasible"));
      table.rows.push_back(std::move(row));
      continue;
    }
    const auto& metrics = std::get<std::vector<Metric>>(answers[i]);
    for (const std::string_view name : kShown) {
      Cell cell = std::string("-");
      std::string unit;
      for (const Metric& m : metrics) {
        if (m.name != name) continue;
        cell = m.value_factor;
        unit = m.unit;
      }
      row.push_back(std::move(cell));
      if (!named) {
        const std::string_view shown =
            name.starts_with("serving.") ? name.substr(8) : name.substr(10);
        table.columns.push_back({std::string(shown), unit});
      }
    }
    named = true;
    table.rows.push_back(std::move(row));
  }
  result.tables.push_back(std::move(table));
  return result;
}

}  // namespace penstock::scenario
