#include "penstock/validation/engine_runs.h"

#include <fmt/format.h>

#include "penstock/base/parallel.h"
#include "penstock/validation/static_plan.h"

namespace penstock::validation {

namespace {

using calibration::BandEnd;
using Runs = std::map<std::string, std::vector<calibration::EngineRun>>;

/// A row that can be planned, and its run.
struct Planned {
  size_t row = 0;
  std::shared_ptr<const RunSpec> spec;
};

std::optional<calibration::SeenLatencies> repeat(const RunSpec& spec,
                                                 const serving::EngineConfig& coefficients,
                                                 BandEnd end) {
  RunSpec trial = spec;
  serving::DeploymentInput& deployment = trial.deployment;
  serving::take_coefficients(coefficients, deployment.engine);
  if (end != BandEnd::kTypical) {
    const bool high = end == BandEnd::kHigh;
    deployment = serving::at_band_end(std::move(deployment), high);
    deployment.engine = serving::at_band_end(deployment.engine, high);
  }
  const auto latencies = simulate_run(trial);
  const auto* seen = std::get_if<RunLatencies>(&latencies);
  if (seen == nullptr || seen->not_completed_count > 0) return std::nullopt;
  return calibration::SeenLatencies{seen->mean.ttft, seen->mean.tpot};
}

void add_run(const measurement::StaticRow& row, const Planned& planned, Runs& runs) {
  calibration::EngineRun run;
  run.what = fmt::format("{} {}", planned.spec->deployment.model.id, row.accelerator);
  run.measured = {row.ttft, row.tpot};
  run.simulate = [spec = planned.spec](const serving::EngineConfig& coefficients, BandEnd end) {
    return repeat(*spec, coefficients, end);
  };
  const std::string& preset = planned.spec->deployment.engine.id;
  runs[preset == "vllm_large" ? "vllm" : preset].push_back(std::move(run));
}

/// Whether each row ran with multi-token prediction, by the rule that suites follow.
std::vector<bool> verdicts(const std::vector<measurement::StaticRow>& rows,
                           const std::vector<Planned>& plans, const SweepEntries& entries,
                           const catalog::Catalog& catalog, size_t thread_count) {
  std::vector<std::optional<Seconds>> plain_tpot(rows.size());
  parallel_for(plans.size(), thread_count, [&](size_t i) {
    const Planned& planned = plans[i];
    const bool counts = planned.spec->deployment.model.mtp_layer_count > 0 &&
                        rows[planned.row].concurrency.value_or(0) <= kFewClients;
    if (!counts) return;
    const auto seen = repeat(*planned.spec, planned.spec->deployment.engine, BandEnd::kTypical);
    if (seen) plain_tpot[planned.row] = seen->tpot;
  });
  return speculative_rows(rows, plain_tpot, entries, catalog);
}

}  // namespace

Runs engine_runs(const std::vector<measurement::StaticRow>& rows, const SweepEntries& entries,
                 const catalog::Catalog& catalog, size_t thread_count) {
  StaticPlanner planner(catalog);
  std::vector<Planned> plans;
  for (size_t i = 0; i < rows.size(); ++i) {
    auto plan = planner.plan(rows[i], false);
    auto* spec = std::get_if<RunSpec>(&plan);
    if (spec != nullptr) plans.push_back({i, std::make_shared<const RunSpec>(std::move(*spec))});
  }
  const std::vector<bool> speculative = verdicts(rows, plans, entries, catalog, thread_count);
  // from the best known to the least
  std::array<Runs, 3> tiers;
  for (const Planned& planned : plans) {
    const measurement::StaticRow& row = rows[planned.row];
    const bool may_speculate = planned.spec->deployment.model.mtp_layer_count > 0;
    if (speculative[planned.row] || (row.gap_run && may_speculate)) continue;
    add_run(row, planned, tiers.at(row.gap_run ? 2 : may_speculate ? 1 : 0));
  }
  Runs runs;
  for (Runs& tier : tiers) {
    for (auto& [engine, its_runs] : tier) runs.try_emplace(engine, std::move(its_runs));
  }
  return runs;
}

}  // namespace penstock::validation
