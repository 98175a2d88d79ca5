// Goal: the numbers that make what-ifs interactive. Counters say what to read: requests/s for
// throughput, ns/request for the cost of one request, peak slots for memory.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "penstock/report/html.h"
#include "penstock/report/json.h"
#include "penstock/scenario/run.h"

namespace penstock {
namespace {

scenario::Scenario read(const std::string& yaml, const scenario::ReadOptions& options = {}) {
  auto source = std::make_shared<Source>();
  source->name = "bench.yaml";
  source->text = yaml;
  return scenario::read_scenario(source, catalog::Catalog::built_in(), options);
}

std::filesystem::path shared_trace(const char* name) {
  const char* given = std::getenv("PENSTOCK_SHARED");
  const char* source = std::getenv("PENSTOCK_SOURCE_DIR");
  const std::filesystem::path root =
      given != nullptr ? given
                       : std::filesystem::path(source != nullptr ? source : ".") / "../shared";
  return root / "traces" / name;
}

/// Everything `penstock run --out` does but the files: read, simulate, render.
void whole_run(benchmark::State& state, const char* trace, bool bands, serving::Stepping stepping) {
  scenario::ReadOptions options;
  std::string yaml = fmt::format(
      "bands: {}\nworkload: {{preset: azure_conversation_2023}}\n"
      "serving: {{model: llama-3.1-8b, accelerator: a100_sxm_80, slo: {{ttft: 2 s}}}}\n",
      bands);
  if (trace != nullptr) {
    const auto file = shared_trace(trace);
    if (!std::filesystem::exists(file)) {
      state.SkipWithError("the real trace is not there");
      return;
    }
    options.trace_file = file.string();
  }
  scenario::RunOptions run;
  run.stepping = stepping;
  double requests = 0.0;
  for (auto _ : state) {
    const Result result = scenario::run(read(yaml, options), run);
    benchmark::DoNotOptimize(report::to_json(result));
    benchmark::DoNotOptimize(report::to_html(result));
    requests = result.find("serving.requests.arrived")->value_factor;
  }
  state.counters["requests"] = requests;
  state.counters["requests/s"] =
      benchmark::Counter(requests, benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK_CAPTURE(whole_run, azure_conversation_generated, nullptr, false,
                  serving::Stepping::kClosedForm)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(whole_run, azure_conversation_hour, "AzureLLMInferenceTrace_conv.csv", false,
                  serving::Stepping::kClosedForm)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(whole_run, azure_conversation_hour_step_by_step,
                  "AzureLLMInferenceTrace_conv.csv", false, serving::Stepping::kOneByOne)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(whole_run, azure_conversation_hour_with_bands, "AzureLLMInferenceTrace_conv.csv",
                  true, serving::Stepping::kClosedForm)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(whole_run, azure_code_hour, "AzureLLMInferenceTrace_code.csv", false,
                  serving::Stepping::kClosedForm)
    ->Unit(benchmark::kMillisecond);

/// Ten million requests over a hundred replicas.
void fleet(benchmark::State& state) {
  const int64_t requests = state.range(0);
  const std::string yaml = fmt::format(
      "workload:\n  arrivals: {{process: poisson, rate: 600 req/s}}\n  requests: {}\n  lengths:\n"
      "    input: {{distribution: lognormal, median_tokens: 500, sigma: 0.8}}\n"
      "    output: {{distribution: lognormal, median_tokens: 130, sigma: 0.8}}\n"
      "serving: {{model: llama-3.1-8b, accelerator: h100_sxm, replicas: 100,\n"
      "          router: least_outstanding_tokens}}\n",
      requests);
  for (auto _ : state) {
    const auto metrics = scenario::run_metrics(read(yaml));
    benchmark::DoNotOptimize(metrics);
  }
  state.counters["requests/s"] = benchmark::Counter(static_cast<double>(requests),
                                                    benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(fleet)->Arg(1000000)->Arg(10000000)->Unit(benchmark::kSecond)->Iterations(1);

/// Equal concurrency, other output lengths: the cost of a request must not follow its length.
void output_length(benchmark::State& state) {
  constexpr int64_t kRequests = 20000;
  const std::string yaml = fmt::format(
      "workload:\n  closed_loop: {{concurrency: 32, requests: {}}}\n  lengths:\n"
      "    input: {{distribution: fixed, tokens: 200}}\n"
      "    output: {{distribution: uniform, min_tokens: {}, max_tokens: {}}}\n"
      "serving: {{model: llama-3.1-8b, accelerator: h100_sxm}}\n",
      kRequests, state.range(0) / 2, state.range(0) * 3 / 2);
  for (auto _ : state) benchmark::DoNotOptimize(scenario::run_metrics(read(yaml)));
  state.counters["s/request"] = benchmark::Counter(
      kRequests, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(output_length)->Arg(100)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);

/// A saturated instance changes its batch at every step: the cost of one request in full.
void saturated(benchmark::State& state) {
  constexpr int64_t kRequests = 100000;
  const std::string yaml = fmt::format(
      "workload:\n  closed_loop: {{concurrency: 400, requests: {}}}\n  lengths:\n"
      "    input: {{distribution: uniform, min_tokens: 50, max_tokens: 400}}\n"
      "    output: {{distribution: uniform, min_tokens: 50, max_tokens: 300}}\n"
      "serving: {{model: llama-3.1-8b, accelerator: h100_sxm}}\n",
      kRequests);
  for (auto _ : state) benchmark::DoNotOptimize(scenario::run_metrics(read(yaml)));
  state.counters["s/request"] = benchmark::Counter(
      kRequests, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(saturated)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penstock
