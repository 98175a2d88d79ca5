// Goal: published entries tell speculative runs where they are of one mind, and the rule judges
// campaigns by their times and those entries. Method: a small protocol file, evidence by hand.
#include "penstock/validation/speculation.h"

#include <gmock/gmock.h>

#include "penstock/validation/suite_test_support.h"

namespace penstock::validation {
namespace {

using testing::DataFolder;

measurement::StaticRow run(int64_t concurrency) {
  measurement::StaticRow row;
  row.model = "deepseek-ai/DeepSeek-R1";
  row.accelerator = "b200_sxm";
  row.accelerator_count = 8;
  row.engine = "trtllm";
  row.precision = measurement::Precision::kFp8;
  row.input_tokens = 1024;
  row.output_tokens = 1024;
  row.concurrency = concurrency;
  row.engine_shape.tensor = 8;
  row.tpot = Seconds(0.005);
  return row;
}

constexpr std::string_view kProtocol =
    "with:\n"
    "  model-prefix: dsr1\n  runner: cluster:b200-x\n  precision: fp8\n  framework: trt\n"
    "  scenarios:\n    fixed-seq-len:\n    - isl: 1024\n      osl: 1024\n      search-space:\n"
    "      - { tp: 8, spec-decoding: mtp, conc-start: 4, conc-end: 16 }\n"
    "      - { tp: 8, ep: 8, dp-attn: true, spec-decoding: mtp, conc-list: [64] }\n"
    "without:\n"
    "  model-prefix: dsr1\n  runner: b200\n  precision: fp8\n  framework: trt\n"
    "  scenarios:\n    fixed-seq-len:\n    - isl: 1024\n      osl: 1024\n      search-space:\n"
    "      - { tp: 8, conc-list: [16, 32] }\n"
    "other:\n  model-prefix: unknown\n  runner: b200\n";

TEST(Speculation, EntriesTellWhereTheyAreOfOneMind) {
  const DataFolder folder("protocols/a.yaml", std::string(kProtocol));
  Findings findings;
  const auto catalog = catalog::Catalog::built_in();
  const SweepEntries entries = SweepEntries::read(folder.path(), catalog, findings);
  ASSERT_TRUE(findings.empty()) << to_text(findings.all());
  EXPECT_EQ(entries.speculates(run(4)), true);
  EXPECT_EQ(entries.speculates(run(8)), true);
  EXPECT_EQ(entries.speculates(run(16)), std::nullopt);  // both kinds were run
  EXPECT_EQ(entries.speculates(run(32)), false);
  EXPECT_EQ(entries.speculates(run(64)), std::nullopt);  // only with data parallel attention
  EXPECT_EQ(entries.speculates(run(5)), std::nullopt);
  EXPECT_EQ(SweepEntries::read("no/such", catalog, findings).speculates(run(4)), std::nullopt);
}

TEST(Speculation, TimesDecideWhereTheyAreClearAndEntriesBetween) {
  EXPECT_TRUE(campaign_speculates({0, 0, {0.5, 0.55, 0.6}}));
  EXPECT_TRUE(campaign_speculates({3, 0, {0.5}}));        // quicker than one token a step can be
  EXPECT_FALSE(campaign_speculates({0, 3, {1.1, 1.2}}));  // no quicker than without
  EXPECT_TRUE(campaign_speculates({1, 2, {0.85}}));
  EXPECT_FALSE(campaign_speculates({2, 1, {0.85}}));
  EXPECT_FALSE(campaign_speculates({0, 0, {0.85}}));
  EXPECT_TRUE(campaign_speculates({0, 1, {}}));
  EXPECT_FALSE(campaign_speculates({0, 0, {}}));
}

TEST(Speculation, AVerdictIsOfTheWholeCampaign) {
  // the row of many clients is as quick as without, and still of the same campaign
  std::vector<measurement::StaticRow> rows = {run(4), run(8), run(256), run(4), run(4)};
  rows[3].engine_version = "another";
  rows[4].model = "openai/gpt-oss-120b";  // has no modules to predict with
  const std::vector<std::optional<Seconds>> plain = {Seconds(0.010), Seconds(0.010), Seconds(0.005),
                                                     Seconds(0.006), Seconds(0.020)};
  const auto catalog = catalog::Catalog::built_in();
  const auto verdicts = speculative_rows(rows, plain, SweepEntries(), catalog);
  EXPECT_THAT(verdicts, ::testing::ElementsAre(true, true, true, false, false));
}

}  // namespace
}  // namespace penstock::validation
