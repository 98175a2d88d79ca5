/// Goal: the mapping is printed rank by rank, and what does not fit is said with its product.
/// Method: the command in process.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

CommandRun run(std::vector<std::string> words) { return run_command("topology place", words); }

TEST(TopologyPlace, PrintsGroupsAndTheirUnits) {
  const CommandRun placed = run({"h100_cluster_2048", "--tp", "8", "--pp", "4", "--dp", "64"});
  EXPECT_EQ(placed.code, kAnswered) << placed.mistakes;
  EXPECT_TRUE(contains(placed.output, "nvswitch")) << placed.output;
  EXPECT_TRUE(contains(placed.output, "0, 8, 16, 24")) << placed.output;
}

TEST(TopologyPlace, WhatDoesNotFitSaysTheProduct) {
  const CommandRun large = run({"dgx_h100", "--tp", "8", "--dp", "2"});
  EXPECT_EQ(large.code, kUserMistake);
  EXPECT_TRUE(contains(large.mistakes, "16 ranks")) << large.mistakes;
  const CommandRun words = run({"dgx_h100", "--order", "tp,tq", "--pp", "2"});
  EXPECT_EQ(words.code, kUserMistake);
  EXPECT_TRUE(contains(words.mistakes, "no dimension 'tq'")) << words.mistakes;
  EXPECT_TRUE(contains(words.mistakes, "'pp'")) << words.mistakes;
}

}  // namespace
}  // namespace penstock::cli
