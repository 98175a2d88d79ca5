/// Goal: the bill of a machine in one command, quickly whatever its size, and every mistake named.
/// Method: the command in process.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(TopologyBom, CountsTheModulesOfASupernode) {
  const CommandRun run = run_command("topology bom", {"cloudmatrix384"});
  EXPECT_EQ(run.code, kAnswered) << run.mistakes;
  EXPECT_TRUE(contains(run.output, "6,912")) << run.output;
  EXPECT_TRUE(contains(run.output, "The quoted saving of co-packaged optics")) << run.output;
  EXPECT_TRUE(contains(run.output, "Without a published power")) << run.output;
  EXPECT_FALSE(contains(run.output, "percentile")) << "ranges of prices are no quantiles";
}

TEST(TopologyBom, ARackOfCopperHasNoOpticsToCompare) {
  const CommandRun run = run_command("topology bom", {"gb200_nvl72", "--optics", "cpo"});
  EXPECT_EQ(run.code, kAnswered) << run.mistakes;
  EXPECT_TRUE(contains(run.output, "5,184")) << run.output;
  EXPECT_FALSE(contains(run.output, "other optics")) << run.output;
}

TEST(TopologyBom, LinksOnABoardAreNoParts) {
  const CommandRun run = run_command("topology bom", {"mi300x_8"});
  EXPECT_EQ(run.code, kAnswered) << run.mistakes;
  EXPECT_TRUE(contains(run.output, "No part is named")) << run.output;
  EXPECT_FALSE(contains(run.output, "Where the parts are")) << run.output;
}

TEST(TopologyBom, EveryOpticsOfACascade) {
  for (const char* optics : {"as_built", "pluggable", "lpo", "cpo"}) {
    const CommandRun run = run_command("topology bom", {"cloudmatrix384_x432", "--optics", optics});
    EXPECT_EQ(run.code, kAnswered) << run.mistakes;
    EXPECT_FALSE(contains(run.output, "nan")) << run.output;
  }
}

TEST(TopologyBom, NamesEveryMistake) {
  const CommandRun run = run_command("topology bom", {"cloudmatrx384", "--optics", "cop"});
  EXPECT_EQ(run.code, kUserMistake);
  EXPECT_TRUE(contains(run.mistakes, "cloudmatrix384")) << run.mistakes;
  EXPECT_TRUE(contains(run.mistakes, "cpo")) << run.mistakes;
  const CommandRun bare = run_command("topology bom", {"atlas960_superpod"});
  EXPECT_EQ(bare.code, kUserMistake);
  EXPECT_TRUE(contains(bare.mistakes, "no topology")) << bare.mistakes;
}

}  // namespace
}  // namespace penstock::cli
