// Goal: every measured exchange is predicted or counted under a reason, what kin would say stands
// in a section of its own, equal for any number of threads. Method: a folder of small files.
#include <gmock/gmock.h>

#include "penstock/validation/suite_test_support.h"

namespace penstock::validation {
namespace {

using testing::at;
using testing::DataFolder;

constexpr std::string_view kHeader =
    "system,library,mode,op,ep_ranks,nodes,tokens_per_rank,hidden,topk,num_experts,dtype,sms,"
    "latency_us,notify_us,bandwidth_gb_per_s,source\n";
constexpr std::string_view kRows =
    "h100_sxm,deepep (sglang 0.5.12),low_latency,dispatch,8,1,128,7168,8,256,fp8,,36.7,,175,x\n"
    "h100_sxm,deepep (sglang 0.5.6.post2),normal,dispatch,16,2,4096,7168,8,256,fp8,20,843,50,,x\n"
    "h800_cx7_400g,deepep V1 final,normal,combine,32,4,4096,7168,8,,bf16,,,,57,x\n"
    "h100_sxm,deepep V9,normal,combine,32,4,4096,7168,8,,bf16,,,,57,x\n";

TEST(DispatchSuite, PredictsOrSaysWhyNot) {
  const DataFolder folder("moe_dispatch_combine.csv", std::string(kHeader) + std::string(kRows));
  const SuiteOutcome outcome = testing::outcome_of("dispatch", folder);
  const auto scores = scores_of(outcome, {});
  EXPECT_EQ(scores.at(0).rows, 4);
  EXPECT_EQ(scores.at(0).answered, 3);
  std::map<std::string, int> sections;
  for (const Observation& o : outcome.observations) {
    ++sections[o.section];
    if (!o.answered()) {
      EXPECT_EQ(o.place, "moe_dispatch_combine.csv:5");
      continue;
    }
    // these are numbers of public tables: a fit that is lost would be far off
    if (o.section.empty()) {
      EXPECT_LT(std::abs(o.error_fraction()), 0.2) << o.what;
    }
    EXPECT_LE(*o.low, o.predicted_factor);
    EXPECT_GE(*o.high, o.predicted_factor);
  }
  EXPECT_EQ(sections["by kin"], 1);
  EXPECT_EQ(sections["notify phase"], 1);
}

TEST(DispatchSuite, ThreadsDoNotMatter) {
  const DataFolder folder("moe_dispatch_combine.csv", std::string(kHeader) + std::string(kRows));
  const SuiteOutcome one = testing::outcome_of("dispatch", folder, 1);
  const SuiteOutcome three = testing::outcome_of("dispatch", folder, 3);
  ASSERT_EQ(one.observations.size(), three.observations.size());
  for (size_t i = 0; i < one.observations.size(); ++i) {
    EXPECT_EQ(one.observations[i].predicted_factor, three.observations[i].predicted_factor);
  }
}

TEST(DispatchSuite, MistakesNameTheFile) {
  const DataFolder folder("moe_dispatch_combine.csv", std::string(kHeader) + "h100_smx,x\n");
  const Query query{{"dispatch"}, folder.path(), 1, {}};
  EXPECT_THAT(testing::mistakes_of(query), ::testing::HasSubstr("moe_dispatch_combine.csv"));
}

}  // namespace
}  // namespace penstock::validation
