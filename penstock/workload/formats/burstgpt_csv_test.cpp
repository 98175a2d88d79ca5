// Goal: both releases are read, failures are skipped and counted. Method: rows as published.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/workload/trace_test_support.h"

namespace penstock::workload {
namespace {

using ::testing::ElementsAre;

TEST(BurstgptCsv, SkipsFailuresWithANote) {
  const Trace trace = testing::parsed(
      "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
      "5,ChatGPT,472,18,490,Conversation log\n"
      "45,ChatGPT,1087,0,1087,Conversation log\n"
      "118.5,GPT-4,417,276,693,API log\n"
      "119,GPT-4,0,0,0,API log\n"
      "120,GPT-4,0,9,9,API log\n");
  EXPECT_THAT(testing::seconds_of(trace), ElementsAre(0.0, 113.5, 115.0));
  EXPECT_THAT(trace.input_tokens, ElementsAre(472, 417, 1));
  EXPECT_THAT(trace.output_tokens, ElementsAre(18, 276, 9));
  EXPECT_THAT(trace.notes,
              ElementsAre("2 of 5 rows have no response tokens, which marks a failed request; "
                          "skipped",
                          "1 of 5 rows have no request tokens; read as one token"));
}

TEST(BurstgptCsv, ReadsTheColumnsOfRelease2) {
  const Trace trace = testing::parsed(
      "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log "
      "Type\n7,12,3.25,ChatGPT,472,18,490,Conversation log\n");
  EXPECT_THAT(trace.input_tokens, ElementsAre(472));
  EXPECT_THAT(trace.output_tokens, ElementsAre(18));
}

TEST(BurstgptCsv, AFileOfFailuresHoldsNothing) {
  EXPECT_THAT(testing::trace_mistakes(
                  "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
                  "5,ChatGPT,472,0,472,Conversation log\n"),
              ::testing::HasSubstr("holds no request that can be used"));
}

}  // namespace
}  // namespace penstock::workload
