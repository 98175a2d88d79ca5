#include "penstock/validation/serving_run.h"

#include <algorithm>
#include <utility>

#include "penstock/base/rng.h"

namespace penstock::validation {
namespace {

// lengths of every nominal run come from this seed: two rows of one protocol see the same requests
constexpr uint64_t kSeed = 1;

Seconds between(Time from, Time to) {
  return Time::from_picoseconds(to.picoseconds() - from.picoseconds()).seconds();
}

/// The client sees the first token when its group is full, and spreads what is left of the latency
/// over all tokens but one, as benchmark clients do.
RequestLatencies latencies_of(const serving::RequestState& state, int64_t together_count) {
  RequestLatencies latencies;
  latencies.ttft = between(state.arrival, state.first_token);
  latencies.latency = between(state.arrival, state.last_token);
  if (state.output_tokens > 1) {
    const auto later = static_cast<double>(state.output_tokens - 1);
    const int64_t held = std::min(together_count, state.output_tokens) - 1;
    latencies.ttft +=
        between(state.first_token, state.last_token) / later * static_cast<double>(held);
    latencies.tpot = (latencies.latency - latencies.ttft) / later;
  }
  return latencies;
}

RequestLatencies mean_of(const std::vector<RequestLatencies>& requests) {
  RequestLatencies mean;
  for (const RequestLatencies& r : requests) {
    mean.ttft += r.ttft;
    mean.tpot += r.tpot;
    mean.latency += r.latency;
  }
  const auto count = static_cast<double>(std::max<size_t>(1, requests.size()));
  return {mean.ttft / count, mean.tpot / count, mean.latency / count};
}

RunLatencies run(const RunSpec& spec, serving::Deployment& deployment) {
  serving::SimulationInput input;
  input.instance = deployment.instance_setup();
  input.model = &deployment.step_model();
  input.replica_count = spec.deployment.serving.replicas;
  input.router = spec.deployment.serving.router;
  input.closed_loop = spec.closed_loop;
  input.slowest_count = 0;
  std::vector<std::pair<int64_t, RequestLatencies>> ended;
  input.on_end = [&](const serving::RequestState& state) {
    if (state.generated >= state.output_tokens)
      ended.emplace_back(state.id, latencies_of(state, spec.streamed_together_count));
  };
  const auto stream = workload::stream_trace(spec.requests, spec.closed_loop ? 0.0 : 1.0);
  serving::simulate(input, *stream);
  std::sort(ended.begin(), ended.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  RunLatencies latencies;
  for (const auto& [id, request] : ended) latencies.requests.push_back(request);
  latencies.mean = mean_of(latencies.requests);
  latencies.not_completed_count =
      static_cast<int64_t>(spec.requests->size()) - static_cast<int64_t>(ended.size());
  return latencies;
}

}  // namespace

std::variant<RunLatencies, Infeasible> simulate_run(const RunSpec& spec) {
  auto made = serving::Deployment::make(spec.deployment);
  if (const auto* reason = std::get_if<Infeasible>(&made)) return *reason;
  return run(spec, *std::get<std::unique_ptr<serving::Deployment>>(made));
}

std::variant<BandedRun, Infeasible> simulate_banded(const RunSpec& spec) {
  BandedRun banded;
  RunSpec end = spec;
  for (const auto& [into, high] :
       {std::pair(&banded.typical, -1), std::pair(&banded.low, 0), std::pair(&banded.high, 1)}) {
    if (high >= 0) {
      end.deployment = serving::at_band_end(spec.deployment, high == 1);
      end.deployment.engine = serving::at_band_end(spec.deployment.engine, high == 1);
    }
    auto latencies = simulate_run(end);
    if (const auto* reason = std::get_if<Infeasible>(&latencies)) return *reason;
    *into = std::move(std::get<RunLatencies>(latencies));
  }
  return banded;
}

std::shared_ptr<const workload::Trace> nominal_requests(int64_t request_count, int64_t input_tokens,
                                                        int64_t output_tokens, double low_ratio) {
  auto trace = std::make_shared<workload::Trace>();
  Rng inputs(kSeed, "validation/input");
  Rng outputs(kSeed, "validation/output");
  const auto draw = [&](Rng& rng, int64_t nominal) {
    const auto least =
        std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(nominal) * low_ratio));
    return least + rng.below(nominal - least + 1);
  };
  for (int64_t i = 0; i < request_count; ++i) {
    workload::Request request;
    request.id = i;
    request.input_tokens = draw(inputs, input_tokens);
    request.output_tokens = draw(outputs, output_tokens);
    trace->add(request);
  }
  return trace;
}

}  // namespace penstock::validation
