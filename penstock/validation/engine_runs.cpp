#include "penstock/validation/engine_runs.h"

#include <fmt/format.h>

#include "penstock/validation/static_plan.h"

namespace penstock::validation {

namespace {

/// Adds the runs of the published sweeps, or those of unknown protocol.
void add_runs(const std::vector<measurement::StaticRow>& rows, bool unknown_protocol,
              StaticPlanner& planner,
              std::map<std::string, std::vector<calibration::EngineRun>>& runs) {
  for (const measurement::StaticRow& row : rows) {
    if (row.gap_run != unknown_protocol) continue;
    auto plan = planner.plan(row, false);
    auto* spec = std::get_if<RunSpec>(&plan);
    if (spec == nullptr || spec->deployment.model.mtp_layer_count > 0) continue;
    auto shared = std::make_shared<const RunSpec>(std::move(*spec));
    calibration::EngineRun run;
    run.what = fmt::format("{} {}", shared->deployment.model.id, row.accelerator);
    run.measured = {row.ttft, row.tpot};
    run.simulate = [shared](const serving::EngineConfig& coefficients)
        -> std::optional<calibration::SeenLatencies> {
      RunSpec trial = *shared;
      serving::take_coefficients(coefficients, trial.deployment.engine);
      const auto latencies = simulate_run(trial);
      const auto* seen = std::get_if<RunLatencies>(&latencies);
      if (seen == nullptr || seen->not_completed_count > 0) return std::nullopt;
      return calibration::SeenLatencies{seen->mean.ttft, seen->mean.tpot};
    };
    const std::string& preset = shared->deployment.engine.id;
    runs[preset == "vllm_large" ? "vllm" : preset].push_back(std::move(run));
  }
}

}  // namespace

std::map<std::string, std::vector<calibration::EngineRun>> engine_runs(
    const std::vector<measurement::StaticRow>& rows, const catalog::Catalog& catalog) {
  StaticPlanner planner(catalog);
  std::map<std::string, std::vector<calibration::EngineRun>> runs;
  add_runs(rows, false, planner, runs);
  // an engine that the sweeps ran with no other model: its runs of unknown protocol
  std::map<std::string, std::vector<calibration::EngineRun>> others;
  add_runs(rows, true, planner, others);
  for (auto& [engine, its_runs] : others) runs.try_emplace(engine, std::move(its_runs));
  return runs;
}

}  // namespace penstock::validation
