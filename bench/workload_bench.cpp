// Goal: traffic costs next to nothing beside serving it. Budget: the Azure conversation hour (719
// KB) is read in at most 5 ms; the generator fitted to it draws at least five million requests a
// second.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

#include "penstock/catalog/catalog.h"
#include "penstock/workload/fit.h"
#include "penstock/workload/trace_format.h"

namespace penstock::workload {
namespace {

std::filesystem::path azure_hour() {
  const char* given = std::getenv("PENSTOCK_SHARED");
  const char* source = std::getenv("PENSTOCK_SOURCE_DIR");
  const std::filesystem::path root =
      given != nullptr ? given
                       : std::filesystem::path(source != nullptr ? source : ".") / "../shared";
  return root / "traces" / "AzureLLMInferenceTrace_conv.csv";
}

void read_azure_hour(benchmark::State& state) {
  const auto path = azure_hour();
  if (!std::filesystem::exists(path)) {
    state.SkipWithError("the real trace is not there");
    return;
  }
  for (auto _ : state) {
    Findings findings;
    benchmark::DoNotOptimize(read_trace(path.string(), findings));
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(std::filesystem::file_size(path)));
}
BENCHMARK(read_azure_hour)->Name("Workload/ReadAzureHour")->Unit(benchmark::kMillisecond);

GeneratorConfig preset(const char* name) {
  Findings findings;
  const auto tree = catalog::Catalog::built_in().tree("workloads", name);
  auto config = read_config<WorkloadPreset>(*tree, findings);
  findings.throw_if_any();
  return config.generator;
}

void generate(benchmark::State& state, const char* name) {
  const GeneratorConfig config = preset(name);
  constexpr int64_t kRequests = 1'000'000;
  for (auto _ : state) {
    const auto stream = stream_generator(config, 1, 1.0, {.requests = kRequests});
    Request request;
    int64_t tokens = 0;
    while (stream->next(request)) tokens += request.input_tokens + request.output_tokens;
    benchmark::DoNotOptimize(tokens);
  }
  state.counters["requests/s"] =
      benchmark::Counter(kRequests, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_CAPTURE(generate, conversation, "azure_conversation_2023")
    ->Name("Workload/Generate")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(generate, code, "azure_code_2023")
    ->Name("Workload/GenerateCode")
    ->Unit(benchmark::kMillisecond);

void fit_azure_hour(benchmark::State& state) {
  const auto path = azure_hour();
  if (!std::filesystem::exists(path)) {
    state.SkipWithError("the real trace is not there");
    return;
  }
  Findings findings;
  const Trace trace = read_trace(path.string(), findings);
  for (auto _ : state) benchmark::DoNotOptimize(fit_generator(trace));
}
BENCHMARK(fit_azure_hour)->Name("Workload/FitAzureHour")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penstock::workload
