#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "penstock/base/node.h"
#include "penstock/base/parallel.h"
#include "penstock/validation/static_plan.h"
#include "penstock/validation/suite.h"

namespace penstock::validation {
namespace {

using measurement::RequestRow;

constexpr std::array<std::string_view, 1> kFiles = {"serving_requests.csv"};
constexpr std::string_view kEachRequest = "each request";

/// The rows of one recorded run, in order of arrival.
struct RecordedRun {
  std::vector<RequestRow> rows;
};

std::vector<RecordedRun> runs_of(const std::vector<RequestRow>& rows) {
  std::vector<RecordedRun> runs;
  for (const RequestRow& row : rows) {
    const auto same = [&](const RecordedRun& run) { return run.rows.front().run == row.run; };
    auto run = std::find_if(runs.begin(), runs.end(), same);
    if (run == runs.end()) run = runs.insert(runs.end(), RecordedRun{});
    run->rows.push_back(row);
  }
  for (RecordedRun& run : runs) {
    std::stable_sort(run.rows.begin(), run.rows.end(),
                     [](const auto& a, const auto& b) { return a.arrival < b.arrival; });
  }
  return runs;
}

std::variant<RunSpec, Unanswered> plan(const RecordedRun& run, StaticPlanner& planner) {
  const RequestRow& row = run.rows.front();
  const catalog::Model* model = planner.model(row.model);
  if (model == nullptr) return Unanswered{fmt::format("no model {} in the catalog", row.model)};
  const StaticPlanner::Machine* machine = planner.machine(row.accelerator);
  if (machine == nullptr) return Unanswered{"the accelerator has no published matrix peak"};
  const serving::EngineConfig* engine = planner.engine(row.engine, machine->accelerator);
  if (engine == nullptr) return Unanswered{fmt::format("no preset of engine {}", row.engine)};
  RunSpec spec;
  serving::DeploymentInput& deployment = spec.deployment;
  deployment.model = *model;
  deployment.accelerator = machine->accelerator;
  deployment.efficiency = machine->efficiency;
  deployment.engine = *engine;
  deployment.library = planner.library(engine->collectives, machine->accelerator);
  deployment.engine.max_num_seqs = row.max_num_seqs;
  deployment.engine.max_num_batched_tokens = row.max_num_batched_tokens;
  // with expert parallel the data parallel engines are one, whose experts all ranks share
  deployment.serving.tensor_parallel = row.tensor;
  if (row.expert_parallel) {
    deployment.serving.tensor_parallel = row.tensor * row.data;
    deployment.serving.attention_data_parallel = row.data;
    deployment.serving.expert_parallel = row.tensor * row.data;
  } else {
    deployment.serving.replicas = row.data;
  }
  if (!compute::Forward::plan_mistakes(*model, deployment.serving.plan()).empty()) {
    return Unanswered{"the plan does not divide the model"};
  }
  auto trace = std::make_shared<workload::Trace>();
  for (const RequestRow& r : run.rows) {
    workload::Request request;
    request.id = static_cast<int64_t>(trace->size());
    request.arrival = Time().after(r.arrival);
    request.input_tokens = r.input_tokens;
    request.output_tokens = r.output_tokens;
    trace->add(request);
  }
  spec.requests = std::move(trace);
  return spec;
}

RequestLatencies measured_of(const RequestRow& row) {
  RequestLatencies latencies{row.first_token - row.arrival, Seconds(),
                             row.last_token - row.arrival};
  if (row.output_tokens > 1) {
    latencies.tpot =
        (row.last_token - row.first_token) / static_cast<double>(row.output_tokens - 1);
  }
  return latencies;
}

class ServingRequests final : public Suite {
 public:
  [[nodiscard]] std::span<const std::string_view> files() const override { return kFiles; }
  [[nodiscard]] std::vector<std::string> keys() const override {
    return {"accelerator", "engine", "model", "run", "tensor"};
  }
  [[nodiscard]] std::vector<std::string> groups() const override { return {"accelerator"}; }

  void read(const SuiteInput& input, Findings& findings) override {
    const auto path = std::filesystem::path(input.directory) / kFiles[0];
    const size_t before = findings.size();
    const auto source = read_source(path.string(), findings);
    if (findings.size() != before) return;
    runs_ = runs_of(measurement::read_requests(source, *input.catalog, findings));
  }

  [[nodiscard]] std::vector<Observation> predict(const SuiteInput& input) const override {
    StaticPlanner planner(*input.catalog);
    std::vector<std::variant<RunSpec, Unanswered>> plans;
    for (const RecordedRun& run : runs_) plans.push_back(plan(run, planner));
    std::vector<std::variant<BandedRun, Unanswered>> answers(runs_.size());
    parallel_for(runs_.size(), input.thread_count, [&](size_t i) {
      answers[i] = std::holds_alternative<RunSpec>(plans[i]) ? replay(std::get<RunSpec>(plans[i]))
                                                             : std::get<Unanswered>(plans[i]);
    });
    std::vector<Observation> observations;
    for (size_t i = 0; i < runs_.size(); ++i) {
      observe_means(runs_[i], answers[i], observations);
      observe_requests(runs_[i], answers[i], observations);
    }
    if (input.progress) input.progress(1.0);
    return observations;
  }

  [[nodiscard]] std::vector<std::string> notes() const override {
    return {
        "Arrivals and lengths of a recorded run are replayed with its own limits of sequences and "
        "step tokens; means over its requests are compared, one row a run and metric, and each "
        "request with itself in the groups of 'each request'.",
        "The recordings hold no token ids, so that no prompt is taken to share another's beginning "
        "although prefix caching was on."};
  }

 private:
  using Answer = std::variant<BandedRun, Unanswered>;

  static Answer replay(const RunSpec& spec) {
    auto banded = simulate_banded(spec);
    if (std::holds_alternative<Infeasible>(banded)) {
      return Unanswered{"the deployment does not fit the memory"};
    }
    auto& run = std::get<BandedRun>(banded);
    if (run.typical.not_completed_count > 0) {
      return Unanswered{"requests are too long for the deployment"};
    }
    return std::move(run);
  }

  static Observation frame(const RequestRow& row) {
    Observation o;
    o.keys = {row.accelerator, row.engine, row.model, row.run, fmt::format("{}", row.tensor)};
    o.place = fmt::format("{}:{}", kFiles[0], row.line);
    o.what = fmt::format("{} {} tp {} dp {}", row.run, row.engine_version, row.tensor, row.data);
    return o;
  }

  /// Adds the three metrics of a run or a request. `of` picks one's latencies from a whole run's.
  template <class Of>
  static void add(Observation frame, const RequestLatencies& measured, const Answer& answer,
                  const Of& of, std::vector<Observation>& out) {
    struct Metric {
      std::string_view name;
      Seconds RequestLatencies::* value;
    };
    constexpr std::array<Metric, 3> kMetrics = {{{"ttft", &RequestLatencies::ttft},
                                                 {"tpot", &RequestLatencies::tpot},
                                                 {"latency", &RequestLatencies::latency}}};
    for (const Metric& metric : kMetrics) {
      if (measured.*metric.value <= Seconds()) continue;  // a single token has no TPOT
      Observation o = frame;
      o.metric = metric.name;
      o.measured_factor = (measured.*metric.value).value();
      if (const auto* stop = std::get_if<Unanswered>(&answer)) {
        o.unanswered = stop->reason;
      } else {
        const auto& run = std::get<BandedRun>(answer);
        const double low = (of(run.low).*metric.value).value();
        const double high = (of(run.high).*metric.value).value();
        o.predicted_factor = (of(run.typical).*metric.value).value();
        // a request may gain when all others are slower, so that the ends can be crossed
        o.low = std::min({low, high, o.predicted_factor});
        o.high = std::max({low, high, o.predicted_factor});
      }
      out.push_back(std::move(o));
    }
  }

  static void observe_means(const RecordedRun& run, const Answer& answer,
                            std::vector<Observation>& out) {
    RequestLatencies sum;
    for (const RequestRow& row : run.rows) {
      const RequestLatencies one = measured_of(row);
      sum.ttft += one.ttft;
      sum.tpot += one.tpot;
      sum.latency += one.latency;
    }
    const auto count = static_cast<double>(run.rows.size());
    add(
        frame(run.rows.front()), {sum.ttft / count, sum.tpot / count, sum.latency / count}, answer,
        [](const RunLatencies& latencies) { return latencies.mean; }, out);
  }

  static void observe_requests(const RecordedRun& run, const Answer& answer,
                               std::vector<Observation>& out) {
    for (size_t i = 0; i < run.rows.size(); ++i) {
      const RequestRow& row = run.rows[i];
      Observation o = frame(row);
      o.section = kEachRequest;
      o.what += fmt::format(" {} {}+{} tokens", row.request, row.input_tokens, row.output_tokens);
      add(
          std::move(o), measured_of(row), answer,
          [i](const RunLatencies& latencies) { return latencies.requests[i]; }, out);
    }
  }

  std::vector<RecordedRun> runs_;
};

PENSTOCK_REGISTER(Suite, ServingRequests,
                  "Recorded runs replayed request by request: means of TTFT, TPOT and latency.");

}  // namespace
}  // namespace penstock::validation
