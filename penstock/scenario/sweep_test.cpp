// Goal: a sweep's table fits its rows whichever of them are infeasible, and says what it ran.
// Method: sweeps whose first row cannot be, and whose rows differ in one thing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/scenario/estimate.h"

namespace penstock::scenario {
namespace {

ScenarioText small_scenario(int64_t output_tokens = 20) {
  ScenarioText text;
  text.source = std::make_shared<Source>(
      Source{"small.yaml",
             "description: Llama 3.1 8B at rest\nworkload:\n"
             "  arrivals: {process: poisson, rate: 2 req/s}\n  requests: 20\n  lengths:\n"
             "    input: {distribution: fixed, tokens: 500}\n"
             "    output: {distribution: fixed, tokens: " +
                 std::to_string(output_tokens) +
                 "}\n"
                 "serving: {model: llama-3.1-8b, accelerator: a100_sxm_80}\n"});
  return text;
}

const catalog::Catalog& built_in() {
  static const catalog::Catalog catalog = catalog::Catalog::built_in();
  return catalog;
}

TEST(Sweep, RowsFitTheirColumnsWhenTheFirstIsInfeasible) {
  const Result result = sweep(small_scenario(), built_in(),
                              {{"serving.model", {"llama-3.1-405b", "llama-3.1-8b"}}}, 1);
  const Table& table = result.tables.at(0);
  ASSERT_EQ(table.rows.size(), 2U);
  for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.columns.size());
  EXPECT_EQ(std::get<std::string>(table.rows[0][1]), "infeasible");
  for (size_t c = 1; c < table.columns.size(); ++c) {
    EXPECT_TRUE(std::holds_alternative<double>(table.rows[1][c])) << table.columns[c].name;
  }
  EXPECT_EQ(table.columns[3].name, "ttft.p50");
  EXPECT_EQ(table.columns[3].unit, "s");
  ASSERT_EQ(result.notes.size(), 1U);
  EXPECT_THAT(result.notes[0], testing::StartsWith("row 1: "));
}

TEST(Sweep, AMetricThatOnlyALaterRowHasKeepsItsUnit) {
  // one output token has no time per token
  const Result result =
      sweep(small_scenario(1), built_in(), {{"workload.lengths.output.tokens", {"1", "9"}}}, 1);
  const Table& table = result.tables.at(0);
  EXPECT_EQ(table.columns[5].name, "tpot.p50");
  EXPECT_EQ(table.columns[5].unit, "s");
  EXPECT_EQ(std::get<std::string>(table.rows[0][5]), "-");
  EXPECT_TRUE(std::holds_alternative<double>(table.rows[1][5]));
}

TEST(Sweep, HashesTellSweepsApart) {
  const auto swept = [](std::vector<std::string> loads) {
    return sweep(small_scenario(), built_in(), {{"workload.load_factor", std::move(loads)}}, 1);
  };
  const Result result = swept({"1", "2"});
  EXPECT_EQ(result.scenario_hash.size(), 16U);
  EXPECT_EQ(result.scenario_hash, swept({"1", "2"}).scenario_hash);
  EXPECT_NE(result.scenario_hash, swept({"1", "3"}).scenario_hash);
  EXPECT_EQ(result.catalog_hash, small_scenario().with({}, built_in()).catalog_hash);
}

TEST(Scenario, TheTitleSaysWhatWasChanged) {
  ScenarioText text = small_scenario();
  EXPECT_EQ(text.with({}, built_in()).title, "small");
  text.options.set = {"serving.model=qwen3-8b", "bands=true", "name=mine"};
  EXPECT_EQ(text.with({}, built_in()).title, "mine with serving.model=qwen3-8b");
  EXPECT_EQ(sweep(text, built_in(), {{"seed", {"1"}}}, 1).name,
            "mine with serving.model=qwen3-8b: sweep");
}

TEST(Scenario, PrefixRunsThatDoNotFillPagesAreNoted) {
  ScenarioText text = small_scenario();
  text.options.set = {"workload.prefix={pool: 2, tokens: 256, run_tokens: 48}"};
  EXPECT_TRUE(text.with({}, built_in()).notes.empty());
  const Scenario odd = text.with({"engine_options.page_tokens=32"}, built_in());
  ASSERT_EQ(odd.notes.size(), 1U);
  EXPECT_THAT(odd.notes[0], testing::HasSubstr("48 tokens, which is no multiple"));
  EXPECT_TRUE(text.with({"engine_options.page_tokens=32", "engine_options.prefix_caching=false"},
                        built_in())
                  .notes.empty());
}

}  // namespace
}  // namespace penstock::scenario
