/// Goal: a benchmark is answered from flags alone, and mistakes in them are named.
/// Method: the command in process.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(EstimateServing, AnswersABenchmark) {
  const CommandRun run =
      run_command("estimate serving", {"--model", "llama-3.1-8b", "--system", "hgx_h200",
                                       "--concurrency", "4", "--input", "256", "--output", "64"});
  EXPECT_EQ(run.code, kAnswered);
  for (const char* part : {"TTFT", "TPOT", "4 clients"}) {
    EXPECT_TRUE(contains(run.output, part)) << part << " is missing in\n" << run.output;
  }
}

TEST(EstimateServing, NamesMistakes) {
  EXPECT_EQ(run_command("estimate serving", {"--model", "llama-3.1-8b"}).code, kUserMistake);
  const CommandRun run = run_command(
      "estimate serving", {"--model", "llama-3.1-8b", "--system", "hgx_h20", "--tp", "2"});
  EXPECT_EQ(run.code, kUserMistake);
  EXPECT_TRUE(contains(run.mistakes, "hgx_h200")) << run.mistakes;
}

}  // namespace
}  // namespace penstock::cli
