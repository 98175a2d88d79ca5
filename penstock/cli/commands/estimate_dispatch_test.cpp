/// Goal: an exchange is priced from flags alone, says what it stands on, and names mistakes with
/// their arithmetic. Method: the command in process.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(EstimateDispatch, SaysWhatItStandsOn) {
  const CommandRun run =
      run_command("estimate dispatch", {"--system", "gb200_nvl72", "--ep", "64"});
  EXPECT_EQ(run.code, kAnswered);
  for (const char* text : {"exchange.dispatch", "exchange.combine", "trtllm_moe_a2a",
                           "Outside the measured domain: 64 ranks (measured: 2 to 32)"}) {
    EXPECT_TRUE(contains(run.output, text)) << text << "\n" << run.output;
  }
}

TEST(EstimateDispatch, DiesAreTheRanksOfCloudMatrix) {
  const CommandRun run = run_command(
      "estimate dispatch", {"--system", "cloudmatrix384", "--ep", "128", "--dtype", "int8"});
  EXPECT_EQ(run.code, kAnswered);
  EXPECT_TRUE(contains(run.output, "A rank is a die: 2 on each ascend_910c")) << run.output;
}

TEST(EstimateDispatch, SeveralServersCrossTheNetwork) {
  const CommandRun run =
      run_command("estimate dispatch", {"--system", "dgx_h100_x4", "--ep", "32", "--kernel",
                                        "normal", "--tokens", "4096", "--json"});
  EXPECT_EQ(run.code, kAnswered);
  EXPECT_TRUE(contains(run.output, "network interface")) << run.output;
  EXPECT_TRUE(contains(run.output, "exchange.multiprocessors")) << run.output;
}

TEST(EstimateDispatch, KinStandsInAndSaysSo) {
  const CommandRun run =
      run_command("estimate dispatch", {"--system", "dgx_b300", "--ep", "8", "--experts", "256"});
  EXPECT_EQ(run.code, kAnswered);
  EXPECT_TRUE(contains(run.output, "No fit on b300_sxm answers this")) << run.output;
}

TEST(EstimateDispatch, NamesEveryMistakeWithItsArithmetic) {
  const CommandRun run = run_command(
      "estimate dispatch",
      {"--system", "dgx_h100", "--ep", "48", "--topk", "300", "--library", "deepep_sglang_0_5_1"});
  EXPECT_EQ(run.code, kUserMistake);
  for (const char* text : {"256 / 48 = 5.33", "300 of 256 experts", "= 8; dgx_h100_x6 would do",
                           "deepep_sglang_0_5_12"}) {
    EXPECT_TRUE(contains(run.mistakes, text)) << text << "\n" << run.mistakes;
  }
  const CommandRun unread =
      run_command("estimate dispatch", {"--system", "gb200_nvl73", "--ep", "8", "--imbalance",
                                        "0.5", "--dtype", "fp7", "--network", "50"});
  EXPECT_EQ(unread.code, kUserMistake);
  for (const char* text : {"--imbalance", "--dtype", "--network"}) {
    EXPECT_TRUE(contains(unread.mistakes, text)) << unread.mistakes;
  }
}

TEST(EstimateDispatch, EmptyAndHugeCallsAreAnswered) {
  for (const char* tokens : {"0", "100000000"}) {
    const CommandRun run =
        run_command("estimate dispatch", {"--system", "gb200_nvl72", "--ep", "32", "--tokens",
                                          tokens, "--hidden", "100000000", "--json"});
    EXPECT_EQ(run.code, kAnswered);
    for (const char* text : {"inf,", ":inf", "nan,", ":nan"}) {
      EXPECT_FALSE(contains(run.output, text)) << run.output;
    }
  }
}

}  // namespace
}  // namespace penstock::cli
