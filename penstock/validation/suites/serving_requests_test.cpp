// Goal: a recorded run is replayed with its own arrivals and limits, and its means and each request
// are compared. Method: two requests on a small model whose times physics bounds.
#include <gmock/gmock.h>

#include "penstock/validation/suite_test_support.h"

namespace penstock::validation {
namespace {

using testing::at;
using testing::DataFolder;

const std::string kHeader =
    "run,accelerator,accelerator_count,model,engine,engine_version,tp,dp,ep,max_num_seqs,"
    "max_num_batched_tokens,request_id,input_tokens,output_tokens,arrival_s,queued_s,scheduled_s,"
    "first_token_s,last_token_s\n";

std::string request(const std::string& run, const std::string& id, double arrival, double first,
                    double last, const std::string& model = "meta-llama/Llama-3.1-8B") {
  return run + ",h100_sxm,1," + model + ",vllm,0.19.0,1,1,false,64,2048," + id + ",1000,101," +
         std::to_string(arrival) + "," + std::to_string(arrival) + "," + std::to_string(arrival) +
         "," + std::to_string(first) + "," + std::to_string(last) + "\n";
}

TEST(ServingRequests, MeansOfARunAndEachRequestAreCompared) {
  // told out of order, as files may be
  const DataFolder folder("serving_requests.csv", kHeader + request("a", "q2", 5.0, 5.1, 6.1) +
                                                      request("a", "q1", 0.0, 0.1, 1.1));
  const SuiteOutcome outcome = testing::outcome_of("serving_requests", folder);
  const std::vector<Score> scores = scores_of(outcome, std::vector<std::string>{"run"});
  std::vector<std::string> groups;
  for (const Score& s : scores) groups.push_back(s.group + " " + s.metric);
  EXPECT_THAT(groups, ::testing::ElementsAre(
                          "all ttft", "all tpot", "all latency", "a ttft", "a tpot", "a latency",
                          "each request ttft", "each request tpot", "each request latency",
                          "each request/a ttft", "each request/a tpot", "each request/a latency"));
  EXPECT_EQ(scores[0].rows, 1);
  EXPECT_EQ(scores[6].rows, 2);
  const Observation& tpot = outcome.observations[1];
  EXPECT_NEAR(tpot.measured_factor, 0.01, 1e-9);
  // 16 GB of weights at 3.35 TB/s take 4.8 ms
  EXPECT_GT(tpot.predicted_factor, 4.5e-3);
  EXPECT_LT(tpot.predicted_factor, 12e-3);
  // five seconds apart, neither waits for the other
  EXPECT_EQ(outcome.observations[3].predicted_factor, outcome.observations[6].predicted_factor);
}

TEST(ServingRequests, RunsThatCannotBeReplayedAreCountedWithAllTheirRequests) {
  const DataFolder folder("serving_requests.csv",
                          kHeader + request("a", "q1", 0.0, 0.1, 1.1, "nobody/knows"));
  const SuiteOutcome outcome = testing::outcome_of("serving_requests", folder);
  EXPECT_EQ(outcome.observations.size(), 6U);
  for (const Observation& o : outcome.observations) {
    EXPECT_THAT(o.unanswered, ::testing::HasSubstr("no model nobody/knows"));
  }
}

}  // namespace
}  // namespace penstock::validation
