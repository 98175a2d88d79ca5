/// Goal: many steps in one closed form give the same bytes as steps taken one by one.
/// Method: run both on random scenarios that reach every scheduler path (preemption, both
/// admissions, prefill-first steps, windows, prefix reuse, time-outs, full queues, closed loops,
/// pipeline stages, attention groups and experts apart, every router) and on the real traces where
/// they are present; compare every request's times and the whole result.json.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "penstock/base/rng.h"
#include "penstock/report/json.h"
#include "penstock/scenario/run.h"
#include "penstock/serving/router.h"

namespace penstock {
namespace {

struct RequestTimes {
  Time scheduled, first_token, last_token;
  int64_t generated = 0, preempted = 0, cached = 0;
  friend bool operator==(const RequestTimes&, const RequestTimes&) = default;
};

struct Outcome {
  std::map<int64_t, RequestTimes> requests;
  std::string json;
  double preempted = 0.0;
};

Outcome run_with(const scenario::Scenario& scenario, serving::Stepping stepping) {
  Outcome outcome;
  scenario::RunOptions options;
  options.stepping = stepping;
  options.on_end = [&](const serving::RequestState& state) {
    outcome.requests[state.id] = {state.scheduled, state.first_token,     state.last_token,
                                  state.generated, state.preempted_count, state.cached_tokens};
  };
  const Result result = scenario::run(scenario, options);
  outcome.json = report::to_json(result);
  if (const Metric* m = result.find("serving.requests.preempted"))
    outcome.preempted = m->value_factor;
  return outcome;
}

/// Runs both ways; returns how many preemptions there were, so a suite can prove it reached them.
double expect_same(const std::string& yaml, const scenario::ReadOptions& read = {}) {
  auto source = std::make_shared<Source>();
  source->name = "random.yaml";
  source->text = yaml;
  const catalog::Catalog catalog = catalog::Catalog::built_in();
  const scenario::Scenario scenario = scenario::read_scenario(source, catalog, read);
  const Outcome closed = run_with(scenario, serving::Stepping::kClosedForm);
  const Outcome steps = run_with(scenario, serving::Stepping::kOneByOne);
  EXPECT_EQ(closed.requests.size(), steps.requests.size()) << yaml;
  int64_t different = 0;
  for (const auto& [id, times] : closed.requests) {
    const auto other = steps.requests.find(id);
    if (other == steps.requests.end() || !(other->second == times)) ++different;
  }
  EXPECT_EQ(different, 0) << "requests with other times, scenario:\n" << yaml;
  EXPECT_TRUE(closed.json == steps.json) << "result.json differs, scenario:\n" << yaml;
  return closed.preempted;
}

template <class T, size_t N>
T pick(Rng& rng, const std::array<T, N>& choices) {
  return choices[static_cast<size_t>(rng.below(N))];
}

struct Deployment {
  const char* model;
  const char* accelerator;
  int tensor, pipeline;
  double memory;  // share that leaves a small cache
  int attention_data = 1, expert = 1;
  const char* exchange = "gather";
};
constexpr std::array kDeployments = {
    Deployment{"llama-3.1-8b", "a100_sxm_80", 1, 1, 0.27},
    Deployment{"llama-3.1-8b", "h100_sxm", 2, 1, 0.18},
    Deployment{"llama-3.1-8b", "h100_sxm", 1, 2, 0.17},
    Deployment{"qwen3-30b-a3b", "h200_sxm", 1, 1, 0.52},
    Deployment{"gpt-oss-20b", "h100_sxm", 1, 1, 0.27},
    Deployment{"deepseek-v3.2", "b200_sxm", 8, 1, 0.55},
    Deployment{"qwen3.5-27b", "h200_sxm", 1, 1, 0.45},
    Deployment{"deepseek-v3.2", "b200_sxm", 8, 1, 0.62, 8, 8, "all_to_all"},
    Deployment{"qwen3-30b-a3b", "h100_sxm", 4, 1, 0.35, 2, 4},
    Deployment{"gpt-oss-20b", "h100_sxm", 2, 2, 0.16, 2, 1}};

std::string random_scenario(uint64_t seed) {
  Rng rng(seed, "scenario");
  const Deployment d = pick(rng, kDeployments);
  const double memory = rng.below(3) == 0 ? 0.9 : d.memory;
  std::string yaml = fmt::format("seed: {}\nworkload:\n", seed);
  if (rng.below(4) == 0) {
    yaml += fmt::format("  closed_loop: {{concurrency: {}, requests: 250, think_time: {} ms}}\n",
                        1 + rng.below(80), rng.below(2) * 50);
  } else {
    yaml += fmt::format("  arrivals: {{process: poisson, rate: {:.3f} req/s}}\n",
                        0.5 + 12.0 * rng.uniform_factor());
    yaml += "  requests: 250\n";
  }
  yaml +=
      rng.below(2) == 0
          ? std::string(
                "  lengths:\n    input: {distribution: uniform, min_tokens: 1, max_tokens: 3000}\n"
                "    output: {distribution: uniform, min_tokens: 1, max_tokens: 600}\n")
          : fmt::format(
                "  lengths:\n    input: {{distribution: fixed, tokens: {}}}\n"
                "    output: {{distribution: fixed, tokens: {}}}\n",
                1 + rng.below(5000), 1 + rng.below(900));
  if (rng.below(3) == 0) yaml += "  prefix: {pool: 5, tokens: 512, share: 0.7}\n";
  static constexpr std::array kEngines = {"vllm", "vllm_large", "sglang", "trtllm"};
  const auto routers = Registry<serving::Router>::names();
  yaml += fmt::format(
      "serving:\n  model: {}\n  accelerator: {}\n  tensor_parallel: {}\n  pipeline_parallel: {}\n"
      "  attention_data_parallel: {}\n  expert_parallel: {}\n  expert_exchange: {}\n"
      "  engine: {}\n  replicas: {}\n  router: {}\n  slo: {{ttft: 1 s, tpot: 40 ms}}\n",
      d.model, d.accelerator, d.tensor, d.pipeline, d.attention_data, d.expert, d.exchange,
      pick(rng, kEngines), 1 + rng.below(3),
      routers[static_cast<size_t>(rng.below(static_cast<int64_t>(routers.size())))]);
  if (rng.below(4) == 0) yaml += fmt::format("  request_timeout: {} s\n", 3 + rng.below(20));
  if (rng.below(3) == 0) {
    yaml += fmt::format("  speculation: {{draft_tokens: {}, acceptance: {:.3f}}}\n",
                        1 + rng.below(3), rng.uniform_factor());
  }
  yaml += fmt::format("engine_options:\n  memory_utilization: {}\n  max_num_seqs: {}\n", memory,
                      pick(rng, std::array<int, 4>{4, 32, 100, 128}));
  yaml += fmt::format("  page_tokens: {}\n", pick(rng, std::array<int, 4>{1, 16, 32, 64}));
  yaml +=
      fmt::format("  max_num_batched_tokens: {}\n", pick(rng, std::array<int, 3>{512, 2048, 8192}));
  yaml += fmt::format("  reserved_memory: {} GiB\n", 0);
  if (rng.below(3) == 0) yaml += "  policy: priority\n";
  if (rng.below(4) == 0) yaml += "  long_prefill_token_threshold: 300\n";
  if (rng.below(4) == 0) yaml += "  max_waiting: 20\n";
  if (rng.below(4) == 0) yaml += "  watermark: 2%\n";
  if (rng.below(4) == 0) yaml += fmt::format("  receive_interval: {}\n", 2 + rng.below(20));
  return yaml;
}

TEST(Stepping, ClosedFormEqualsOneByOneOnRandomScenarios) {
  double preempted = 0.0;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    preempted += expect_same(random_scenario(seed));
    if (HasFailure()) break;
  }
  EXPECT_GT(preempted, 100.0) << "the scenarios no longer reach preemption";
}

std::filesystem::path shared_traces() {
  const char* given = std::getenv("PENSTOCK_SHARED");
  const char* source = std::getenv("PENSTOCK_SOURCE_DIR");
  const std::filesystem::path root =
      given != nullptr ? given
                       : std::filesystem::path(source != nullptr ? source : ".") / "../shared";
  return root / "traces";
}

class RealTrace : public testing::TestWithParam<const char*> {};

TEST_P(RealTrace, ClosedFormEqualsOneByOne) {
  const auto file = shared_traces() / GetParam();
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not there";
  scenario::ReadOptions read;
  read.trace_file = file.string();
  // three instances carry the long prompts of the Mooncake traces
  const bool mooncake = std::string(GetParam()).find("mooncake") != std::string::npos;
  expect_same(fmt::format("workload: {{}}\nserving:\n  model: llama-3.1-8b\n"
                          "  accelerator: {}\n  replicas: {}\n  router: {}\n",
                          mooncake ? "h100_sxm" : "a100_sxm_80", mooncake ? 6 : 1,
                          mooncake ? "prefix_aware" : "round_robin"),
              read);
}

INSTANTIATE_TEST_SUITE_P(Traces, RealTrace,
                         testing::Values("AzureLLMInferenceTrace_conv.csv",
                                         "AzureLLMInferenceTrace_code.csv",
                                         "mooncake_conversation_trace.jsonl",
                                         "mooncake_synthetic_trace.jsonl"));

}  // namespace
}  // namespace penstock
