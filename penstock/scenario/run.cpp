#include "penstock/scenario/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "penstock/base/parallel.h"
#include "penstock/serving/deployment.h"
#include "penstock/serving/outcome.h"
#include "penstock/serving/simulation.h"
#include "penstock/version.h"

namespace penstock::scenario {
namespace {

using serving::Deployment;

using MadeDeployment = std::variant<std::unique_ptr<Deployment>, Infeasible>;

serving::DeploymentInput input_of(const Scenario& scenario) {
  return {scenario.model,  scenario.accelerator,    scenario.efficiency.efficiency,
          scenario.engine, scenario.config.serving, scenario.library.library};
}

serving::SimulationOutput simulate(const Scenario& scenario, Deployment& deployment,
                                   const RunOptions& options) {
  const serving::ServingConfig& config = scenario.config.serving;
  serving::SimulationInput input;
  input.instance = deployment.instance_setup();
  input.instance.stepping = options.stepping;
  input.model = &deployment.step_model();
  input.replica_count = config.replicas;
  input.router = config.router;
  input.slo = config.slo;
  input.request_timeout = config.request_timeout;
  if (const auto& loop = scenario.config.workload.closed_loop) {
    input.closed_loop = serving::ClosedLoop{loop->concurrency, loop->think_time};
  }
  input.seed = static_cast<uint64_t>(scenario.config.seed);
  input.slowest_count = options.slowest_count;
  input.traced_step_count = options.traced_step_count;
  input.on_end = options.on_end;
  const auto stream = workload::make_stream(scenario.config.workload, input.seed, scenario.trace);
  serving::Progress progress;
  if (options.progress) {
    progress = [&](int64_t ended, Time now) { options.progress(ended, now.seconds()); };
  }
  return serving::simulate(input, *stream, progress);
}

/// Metrics of the run at one end of the efficiency residuals.
std::vector<Metric> band_end(const Scenario& scenario, const RunOptions& options, bool high) {
  serving::DeploymentInput end = serving::at_band_end(input_of(scenario), high);
  end.engine = serving::at_band_end(scenario.engine, high);
  MadeDeployment made = Deployment::make(end);
  if (std::holds_alternative<Infeasible>(made)) return {};
  RunOptions plain = options;
  plain.progress = {};
  plain.on_end = {};
  plain.slowest_count = 0;
  plain.traced_step_count = 0;
  Deployment& deployment = *std::get<std::unique_ptr<Deployment>>(made);
  return serving::metrics_of(deployment, simulate(scenario, deployment, plain));
}

void add_band(const std::vector<Metric>& end, std::vector<Metric>& metrics) {
  for (Metric& metric : metrics) {
    const auto same = std::find_if(end.begin(), end.end(),
                                   [&](const Metric& m) { return m.name == metric.name; });
    if (same == end.end()) continue;
    const double value = same->value_factor;
    metric.low = std::min({metric.low.value_or(metric.value_factor), value, metric.value_factor});
    metric.high = std::max({metric.high.value_or(metric.value_factor), value, metric.value_factor});
  }
}

Result frame(const Scenario& scenario) {
  Result result;
  result.name = scenario.title;
  result.description = scenario.config.description;
  result.scenario_yaml = scenario.resolved_yaml;
  result.scenario_hash = scenario.scenario_hash;
  result.catalog_hash = scenario.catalog_hash;
  result.version = version();
  result.seed = static_cast<uint64_t>(scenario.config.seed);
  result.notes = scenario.notes;
  return result;
}

}  // namespace

Result run(const Scenario& scenario, const RunOptions& options) {
  Result result = frame(scenario);
  std::array<std::vector<Metric>, 2> ends;
  const size_t jobs = scenario.config.bands ? 3 : 1;
  parallel_for(jobs, options.thread_count, [&](size_t job) {
    if (job > 0) {
      ends[job - 1] = band_end(scenario, options, job == 2);
      return;
    }
    MadeDeployment made = Deployment::make(input_of(scenario));
    if (const auto* reason = std::get_if<Infeasible>(&made)) {
      result.infeasible = reason->reason;
      return;
    }
    Deployment& deployment = *std::get<std::unique_ptr<Deployment>>(made);
    serving::fill_result(deployment, simulate(scenario, deployment, options), result);
  });
  if (result.infeasible) return result;
  for (const std::vector<Metric>& end : ends) add_band(end, result.metrics);
  if (scenario.config.bands) {
    result.notes.emplace_back(
        "low and high: the same requests with every kernel and collective at the 10th and the 90th "
        "percentile of its residuals at once, and the engine's host times at the ends of theirs.");
  }
  return result;
}

std::variant<std::vector<Metric>, Infeasible> run_metrics(const Scenario& scenario,
                                                          const RunOptions& options) {
  MadeDeployment made = Deployment::make(input_of(scenario));
  if (const auto* reason = std::get_if<Infeasible>(&made)) return *reason;
  Deployment& deployment = *std::get<std::unique_ptr<Deployment>>(made);
  RunOptions lean = options;
  lean.slowest_count = 0;
  return serving::metrics_of(deployment, simulate(scenario, deployment, lean));
}

std::string_view version() { return kVersion; }

}  // namespace penstock::scenario
