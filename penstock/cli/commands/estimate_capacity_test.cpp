/// Goal: every mistake in the limits is reported at once, with the nearest metric.
/// Method: the command in process, by its output.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(EstimateCapacity, MistakesInLimitsComeTogether) {
  const CommandRun run =
      run_command("estimate capacity", {"missing.yaml", "--slo", "tft.p99<2s,tpot.p99<50,latency"});
  EXPECT_EQ(run.code, kUserMistake);
  EXPECT_TRUE(contains(run.mistakes, "serving.ttft")) << run.mistakes;
  EXPECT_TRUE(contains(run.mistakes, "seconds")) << run.mistakes;
  EXPECT_TRUE(contains(run.mistakes, "METRIC<LIMIT")) << run.mistakes;
}

}  // namespace
}  // namespace penstock::cli
