// Goal: the number of threads changes no byte of an answer: a run with bands, a sweep, a capacity.
// Method: the same question with one, two and three threads, compared as JSON.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "penstock/report/json.h"
#include "penstock/scenario/estimate.h"
#include "penstock/scenario/run.h"

namespace penstock {
namespace {

scenario::ScenarioText small_scenario() {
  scenario::ScenarioText text;
  text.source = std::make_shared<Source>(
      Source{"small.yaml",
             "workload:\n"
             "  arrivals: {process: poisson, rate: 4 req/s}\n"
             "  requests: 200\n"
             "  lengths:\n"
             "    input: {distribution: uniform, min_tokens: 1, max_tokens: 4000}\n"
             "    output: {distribution: uniform, min_tokens: 1, max_tokens: 300}\n"
             "serving: {model: llama-3.1-8b, accelerator: a100_sxm_80, replicas: 2,\n"
             "          router: power_of_two}\n"});
  return text;
}

const catalog::Catalog& built_in() {
  static const catalog::Catalog catalog = catalog::Catalog::built_in();
  return catalog;
}

TEST(Threads, ARunWithBandsIsTheSame) {
  const scenario::Scenario scenario = small_scenario().with({"bands=true"}, built_in());
  const auto json = [&](size_t threads) {
    scenario::RunOptions options;
    options.thread_count = threads;
    return report::to_json(scenario::run(scenario, options));
  };
  const std::string one = json(1);
  EXPECT_EQ(json(2), one);
  EXPECT_EQ(json(3), one);
}

TEST(Threads, ASweepIsTheSame) {
  const auto json = [&](size_t threads) {
    return report::to_json(scenario::sweep(small_scenario(), built_in(),
                                           {{"serving.model", {"llama-3.1-405b", "llama-3.1-8b"}},
                                            {"workload.load_factor", {"0.5", "1", "3"}}},
                                           threads));
  };
  const std::string one = json(1);
  EXPECT_EQ(json(2), one);
  EXPECT_EQ(json(3), one);
}

TEST(Threads, ACapacityIsTheSame) {
  const auto json = [&](size_t threads) {
    Findings findings;
    scenario::CapacityQuery query;
    query.limits = scenario::parse_slo("ttft.p99<2s,tpot.p99<50ms", findings);
    findings.throw_if_any();
    query.thread_count = threads;
    return report::to_json(scenario::estimate_capacity(small_scenario(), built_in(), query));
  };
  const std::string one = json(1);
  EXPECT_EQ(json(2), one);
  EXPECT_EQ(json(3), one);
}

}  // namespace
}  // namespace penstock
