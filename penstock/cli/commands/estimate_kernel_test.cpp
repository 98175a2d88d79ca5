/// Goal: each family is priced from flags alone, and mistakes are named all at once.
/// Method: the command in process.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(EstimateKernel, PricesEveryFamily) {
  for (const char* family : {"gemm", "attention_prefill", "attention_decode", "experts"}) {
    const CommandRun run = run_command("estimate kernel", {family, "--accelerator", "h200_sxm",
                                                           "--tokens", "64", "--context", "1000"});
    EXPECT_EQ(run.code, kAnswered) << family;
    EXPECT_TRUE(contains(run.output, "Bound by")) << run.output;
  }
}

TEST(EstimateKernel, NamesEveryMistake) {
  const CommandRun run = run_command(
      "estimate kernel", {"gem", "--accelerator", "h200_smx", "--heads", "30", "--kv-heads", "8"});
  EXPECT_EQ(run.code, kUserMistake);
  EXPECT_TRUE(contains(run.mistakes, "gemm")) << run.mistakes;
  EXPECT_TRUE(contains(run.mistakes, "h200_sxm")) << run.mistakes;
  EXPECT_TRUE(contains(run.mistakes, "divide")) << run.mistakes;
}

}  // namespace
}  // namespace penstock::cli
