// Goal: uniform batches are priced step by step, power where it was measured. Method: a few batches
// on one server.
#include <gmock/gmock.h>

#include "penstock/validation/suite_test_support.h"

namespace penstock::validation {
namespace {

using testing::at;
using testing::DataFolder;

TEST(ServingSplitwise, BatchesArePricedAsTheirPrefillAndOneDecodeStep) {
  const DataFolder folder("serving_splitwise.csv",
                          "model,hardware,tp,prompt_tokens,batch,output_tokens,prompt_ms,"
                          "token_ms,e2e_ms,average_power_fraction_of_tdp\n"
                          "llama2-70b,a100-80gb,8,512,1,128,96,45,6000,0.6\n"
                          "llama2-70b,a100-80gb,8,512,64,128,7635,71,16000,\n"
                          "llama2-70b,h100-80gb-pcap,8,512,1,128,60,30,4000,\n"
                          "llama2-70b,a100-80gb,1,512,1,128,96,45,6000,\n");
  const SuiteOutcome outcome = testing::outcome_of("serving_splitwise", folder);
  const auto predicted = [&](const char* place, const char* metric) {
    return at(outcome, place, metric).predicted_factor;
  };
  // 138 GB of weights over eight accelerators of 2 TB/s take 8.6 ms
  EXPECT_GT(predicted("serving_splitwise.csv:2", "tpot"), 8.6e-3);
  EXPECT_GT(predicted("serving_splitwise.csv:3", "tpot"),
            predicted("serving_splitwise.csv:2", "tpot"));
  // 64 prompts are 64 times the work of one
  EXPECT_GT(predicted("serving_splitwise.csv:3", "ttft"),
            30.0 * predicted("serving_splitwise.csv:2", "ttft"));
  const Observation& power = at(outcome, "serving_splitwise.csv:2", "power");
  EXPECT_NEAR(power.measured_factor, 240.0, 1e-9);  // of 400 W
  EXPECT_GT(power.predicted_factor, 50.0);
  EXPECT_LE(power.predicted_factor, 400.0);
  EXPECT_THROW(at(outcome, "serving_splitwise.csv:3", "power"), std::runtime_error);
  EXPECT_EQ(at(outcome, "serving_splitwise.csv:4", "ttft").unanswered,
            "the power cap is not given");
  EXPECT_EQ(at(outcome, "serving_splitwise.csv:5", "tpot").unanswered,
            "the deployment does not fit the memory");
}

}  // namespace
}  // namespace penstock::validation
