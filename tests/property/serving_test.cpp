// Goal: whatever is asked of whatever serves it, the books balance and no peak is beaten (a run
// checks both itself), time runs forward, no first token comes before its prompt can be through,
// and the answer is the same bytes every time.
// Method: 100 random small scenarios; a failing one is printed whole.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "penstock/base/rng.h"
#include "penstock/report/json.h"
#include "penstock/scenario/run.h"
#include "penstock/serving/deployment.h"
#include "penstock/serving/router.h"

namespace penstock {
namespace {

constexpr uint64_t kScenarioCount = 100;

template <class T, size_t N>
T pick(Rng& rng, const std::array<T, N>& choices) {
  return choices[static_cast<size_t>(rng.below(N))];
}

std::string random_scenario(uint64_t seed) {
  Rng rng(seed, "property");
  struct Machine {
    const char* model;
    const char* accelerator;
    int tensor, pipeline;
    int attention_data = 1, expert = 1;
  };
  static constexpr std::array kMachines = {Machine{"llama-3.1-8b", "a100_sxm_80", 1, 1},
                                           Machine{"llama-3.1-8b", "h100_sxm", 2, 2},
                                           Machine{"qwen3-30b-a3b", "h200_sxm", 2, 1},
                                           Machine{"gpt-oss-20b", "h100_sxm", 1, 1},
                                           Machine{"deepseek-v3.2", "b200_sxm", 8, 1},
                                           Machine{"qwen3.5-27b", "h200_sxm", 1, 1},
                                           Machine{"llama-3.1-70b", "mi300x", 4, 1},
                                           Machine{"deepseek-v3.2", "b200_sxm", 8, 1, 8, 8},
                                           Machine{"gpt-oss-120b", "b200_sxm", 4, 1, 2, 4}};
  const Machine m = pick(rng, kMachines);
  std::string yaml =
      fmt::format("seed: {}\nbands: {}\nworkload:\n", seed, rng.below(4) == 0 ? "true" : "false");
  yaml += "  requests: 60\n";
  yaml += fmt::format("  arrivals: {{process: poisson, rate: {:.3f} req/s}}\n",
                      0.2 + 20.0 * rng.uniform_factor());
  yaml += fmt::format(
      "  lengths:\n    input: {{distribution: uniform, min_tokens: 1, max_tokens: {}}}\n"
      "    output: {{distribution: uniform, min_tokens: 1, max_tokens: {}}}\n",
      10 + rng.below(4000), 1 + rng.below(300));
  if (rng.below(3) == 0) yaml += "  prefix: {pool: 3, tokens: 256, share: 0.8}\n";
  const auto routers = Registry<serving::Router>::names();
  yaml += fmt::format(
      "serving:\n  model: {}\n  accelerator: {}\n  tensor_parallel: {}\n  pipeline_parallel: {}\n"
      "  attention_data_parallel: {}\n  expert_parallel: {}\n"
      "  engine: {}\n  replicas: {}\n  router: {}\n  slo: {{ttft: 1 s, tpot: 40 ms}}\n",
      m.model, m.accelerator, m.tensor, m.pipeline, m.attention_data, m.expert,
      pick(rng, std::array<const char*, 3>{"vllm", "sglang", "trtllm"}), 1 + rng.below(3),
      routers[static_cast<size_t>(rng.below(static_cast<int64_t>(routers.size())))]);
  if (rng.below(4) == 0) yaml += fmt::format("  request_timeout: {} s\n", 1 + rng.below(10));
  if (rng.below(3) == 0) {
    yaml += fmt::format("  speculation: {{draft_tokens: 1, acceptance: {:.2f}}}\n",
                        rng.uniform_factor());
  }
  yaml += fmt::format("engine_options: {{max_num_seqs: {}, max_num_batched_tokens: {}}}\n",
                      pick(rng, std::array<int, 3>{2, 16, 128}),
                      pick(rng, std::array<int, 3>{256, 2048, 8192}));
  return yaml;
}

scenario::Scenario read(const std::string& yaml) {
  static const catalog::Catalog catalog = catalog::Catalog::built_in();
  auto source = std::make_shared<Source>(Source{"random.yaml", yaml});
  return scenario::read_scenario(source, catalog);
}

/// Seconds that the uncached part of a prompt takes alone on an idle instance.
class LoneRequest {
 public:
  explicit LoneRequest(const scenario::Scenario& s) : budget_(s.engine.max_num_batched_tokens) {
    auto made = serving::Deployment::make({s.model, s.accelerator, s.efficiency.efficiency,
                                           s.engine, s.config.serving, s.library.library});
    deployment_ = std::move(std::get<std::unique_ptr<serving::Deployment>>(made));
  }
  /// The fewest steps: every chunk as large as the budget lets it be.
  Seconds least(const serving::RequestState& request) {
    serving::StepModel& model = deployment_->step_model();
    Int128 ticks = 0;
    for (int64_t done = request.cached_tokens; done < request.input_tokens;) {
      const int64_t tokens = std::min(budget_, request.input_tokens - done);
      const compute::PrefillChunk chunk{tokens, done};
      done += tokens;
      // only the last chunk has a next token to draw
      ticks += model.overhead(1, true) + model.token_ticks(model.spread(tokens, tokens)) +
               model.prefill(std::span(&chunk, 1)).ticks +
               model.head(done == request.input_tokens ? 1 : 0).ticks;
    }
    return Fine{ticks}.seconds();
  }

 private:
  int64_t budget_;
  std::unique_ptr<serving::Deployment> deployment_;
};

void check_times(const scenario::Scenario& scenario,
                 const std::vector<serving::RequestState>& ended) {
  LoneRequest alone(scenario);
  for (const serving::RequestState& r : ended) {
    if (r.generated == 0) continue;
    ASSERT_LE(r.arrival, r.scheduled);
    ASSERT_LT(r.scheduled, r.first_token);
    ASSERT_LE(r.first_token, r.last_token);
    ASSERT_LE(r.generated, r.output_tokens);
    // its first token may have come before it was preempted, or long after
    if (r.preempted_count > 0) continue;
    const Seconds ttft = r.first_token - r.arrival;
    ASSERT_GE(ttft.value(), alone.least(r).value() * (1.0 - 1e-9)) << "request " << r.id;
  }
}

TEST(ServingProperties, RandomScenariosKeepTheLaws) {
  for (uint64_t seed = 1; seed <= kScenarioCount; ++seed) {
    const std::string yaml = random_scenario(seed);
    SCOPED_TRACE(yaml);
    const scenario::Scenario scenario = read(yaml);
    std::vector<serving::RequestState> ended;
    scenario::RunOptions options;
    options.on_end = [&](const serving::RequestState& state) { ended.push_back(state); };
    const Result result = scenario::run(scenario, options);
    ASSERT_FALSE(result.infeasible) << *result.infeasible;
    for (const LedgerLine& line : result.ledger) EXPECT_TRUE(line.balanced) << line.name;
    check_times(scenario, ended);
    scenario::RunOptions threads;
    threads.thread_count = 2;
    EXPECT_TRUE(report::to_json(result) == report::to_json(scenario::run(scenario, threads)))
        << "other bytes on two threads";
    for (const Metric& metric : result.metrics) {
      ASSERT_TRUE(std::isfinite(metric.value_factor)) << metric.name;
      if (metric.low) {
        ASSERT_LE(*metric.low, metric.value_factor) << metric.name;
        ASSERT_GE(*metric.high, metric.value_factor) << metric.name;
      }
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace penstock
