/// Goal: each family is priced from flags alone, and mistakes are named all at once.
/// Method: the command in process.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(EstimateKernel, PricesEveryFamily) {
  for (const char* family : {"gemm", "attention_prefill", "attention_decode", "experts",
                             "latent_prefill", "latent_decode"}) {
    const CommandRun run = run_command("estimate kernel", {family, "--accelerator", "h200_sxm",
                                                           "--tokens", "64", "--context", "1000"});
    EXPECT_EQ(run.code, kAnswered) << family;
    EXPECT_TRUE(contains(run.output, "Bound by")) << run.output;
  }
}

TEST(EstimateKernel, SaysWhichEfficienciesItStandsOn) {
  const auto output = [](const std::vector<std::string>& words) {
    const CommandRun run = run_command("estimate kernel", words);
    EXPECT_EQ(run.code, kAnswered) << run.mistakes;
    EXPECT_TRUE(contains(run.output, "low..high")) << run.output;
    return run.output;
  };
  const std::string measured = output({"gemm", "--accelerator", "h200_sxm", "--engine", "vllm"});
  EXPECT_TRUE(contains(measured, "efficiencies h200_sxm (")) << measured;
  EXPECT_TRUE(contains(measured, "measured calls, median error")) << measured;
  const std::string published =
      output({"gemm", "--accelerator", "ascend_910c", "--dtype", "int8", "--m", "4096"});
  EXPECT_TRUE(contains(published, "gemm in int8, published: arXiv")) << published;
  const std::string latent = output({"latent_decode", "--accelerator", "ascend_910c", "--heads",
                                     "128", "--batch", "96", "--context", "4096"});
  EXPECT_TRUE(contains(latent, "latent attention_decode in bf16,")) << latent;
  const std::string plain = output({"attention_decode", "--accelerator", "ascend_910c"});
  EXPECT_TRUE(contains(plain, "attention_decode in bf16 of the")) << plain;
  const std::string outside = output({"gemm", "--accelerator", "tpu_v5p"});
  EXPECT_TRUE(contains(outside, "outside the measured domain")) << outside;
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
