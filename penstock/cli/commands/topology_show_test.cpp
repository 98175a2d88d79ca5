/// Goal: a machine's graph is shown with its planes; unknown names find the nearest.
/// Method: the command in process.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(TopologyShow, ListsPlanesTiersAndCuts) {
  const CommandRun run = run_command("topology show", {"cloudmatrix384"});
  EXPECT_EQ(run.code, kAnswered) << run.mistakes;
  for (const char* text : {"ub_cloudmatrix384", "rdma_cloudmatrix384", "vpc_cloudmatrix384",
                           "network.bisection_bandwidth", "network.diameter", "336", "112"}) {
    EXPECT_TRUE(contains(run.output, text)) << text << "\n" << run.output;
  }
}

TEST(TopologyShow, ClustersOfAnySize) {
  const CommandRun run = run_command("topology show", {"gb200_nvl72_x8"});
  EXPECT_EQ(run.code, kAnswered) << run.mistakes;
  EXPECT_TRUE(contains(run.output, "576")) << run.output;
}

TEST(TopologyShow, NamesTheNearest) {
  const CommandRun run = run_command("topology show", {"cloudmatrix38"});
  EXPECT_EQ(run.code, kUserMistake);
  EXPECT_TRUE(contains(run.mistakes, "cloudmatrix384")) << run.mistakes;
}

}  // namespace
}  // namespace penstock::cli
