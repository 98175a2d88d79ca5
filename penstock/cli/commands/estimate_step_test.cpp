/// Goal: a step is shown operator by operator, and a batch that does not fit is said so.
/// Method: the command in process, by its output.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(EstimateStep, ShowsOperatorsAndWhatBindsThem) {
  const CommandRun run =
      run_command("estimate step", {"--model", "llama-3.1-8b", "--accelerator", "h100_sxm",
                                    "--batch", "64", "--context", "4096"});
  EXPECT_EQ(run.code, kAnswered);
  for (const char* part : {"qkv_projection", "attention", "lm_head", "memory", "engine overhead"}) {
    EXPECT_TRUE(contains(run.output, part)) << part << " is missing in\n" << run.output;
  }
}

TEST(EstimateStep, CarriesABandAndNamesItsEfficiencies) {
  const CommandRun run =
      run_command("estimate step", {"--model", "deepseek-r1", "--weights", "int8", "--accelerator",
                                    "ascend_910c", "--tp", "16", "--attention-dp", "16", "--ep",
                                    "16", "--batch", "512", "--context", "4096"});
  EXPECT_EQ(run.code, kAnswered) << run.mistakes;
  EXPECT_TRUE(contains(run.output, "low..high")) << run.output;
  EXPECT_TRUE(contains(run.output, "Kernels by efficiencies ascend_910c: arXiv")) << run.output;
  EXPECT_TRUE(contains(run.output, "published utilisations price")) << run.output;
}

TEST(EstimateStep, InfeasibleIsAnAnswerWithItsArithmetic) {
  const CommandRun run = run_command(
      "estimate step", {"--model", "llama-3.1-405b", "--accelerator", "a100", "--batch", "1"});
  EXPECT_EQ(run.code, kInfeasible);
  EXPECT_TRUE(contains(run.output, "do not fit")) << run.output;
}

TEST(EstimateStep, AllMistakesAtOnce) {
  const CommandRun run = run_command(
      "estimate step", {"--model", "lama-3.1-8b", "--accelerator", "h100_smx", "--batch", "1"});
  EXPECT_EQ(run.code, kUserMistake);
  EXPECT_TRUE(contains(run.mistakes, "llama-3.1-8b")) << run.mistakes;
  EXPECT_TRUE(contains(run.mistakes, "h100_sxm")) << run.mistakes;
}

}  // namespace
}  // namespace penstock::cli
