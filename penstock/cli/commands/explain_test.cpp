/// Goal: a metric is explained with or without its statistic.
/// Method: the command in process, by its output.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(Explain, PrintsDefinitionFormulaAndSource) {
  for (const char* name : {"serving.ttft", "serving.ttft.p99", "ttft"}) {
    const CommandRun run = run_command("explain", {name});
    EXPECT_EQ(run.code, kAnswered) << name;
    EXPECT_TRUE(contains(run.output, "time to first token")) << run.output;
    EXPECT_TRUE(contains(run.output, "source:")) << run.output;
  }
}

TEST(Explain, KnowsWhatQueriesAndTracesAnswer) {
  for (const char* name : {"workload.burstiness", "workload.input_tokens.p50", "step.mfu",
                           "capacity.load_factor", "economics.cost"}) {
    EXPECT_EQ(run_command("explain", {name}).code, kAnswered) << name;
  }
}

TEST(Explain, UnknownMetricNamesTheNearest) {
  const CommandRun run = run_command("explain", {"serving.tpt"});
  EXPECT_EQ(run.code, kUserMistake);
  EXPECT_TRUE(contains(run.mistakes, "serving.tpot")) << run.mistakes;
}

}  // namespace
}  // namespace penstock::cli
