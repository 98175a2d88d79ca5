/// Goal: a machine's graph is shown with its planes; unknown names find the nearest.
/// Method: the command in process.
#include <fstream>
#include <sstream>

#include "penstock/cli/commands/command_test_support.h"
#include "penstock/cli/session.h"

namespace penstock::cli {
namespace {

std::string file_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

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

TEST(TopologyShow, WritesThePictureOfEveryFabric) {
  const std::string picture = testing::TempDir() + "topology_show.svg";
  const std::string page = testing::TempDir() + "topology_show.html";
  const CommandRun run =
      run_command("topology show", {"cloudmatrix384", "--svg", picture, "--html", page});
  ASSERT_EQ(run.code, kAnswered) << run.mistakes;
  const std::string svg = file_text(picture);
  EXPECT_TRUE(svg.starts_with("<?xml")) << svg.substr(0, 80);
  for (const char* text :
       {"ub_cloudmatrix384", "rdma_cloudmatrix384", "vpc_cloudmatrix384", "l1 × 336", "l2 × 112",
        "accelerator × 384", "host × 192", "node × 48", "optical", "75.3 TB/s", "</svg>"}) {
    EXPECT_TRUE(contains(svg, text)) << text;
  }
  EXPECT_TRUE(contains(file_text(page), "Fabrics of cloudmatrix384"));
  EXPECT_THROW(run_command("topology show", {"dgx_h100", "--svg", "/no/such/folder/x.svg"}),
               OutputError);
  testing::internal::GetCapturedStdout();  // the command was cut short
}

TEST(TopologyShow, OneLinkIsNoPercentage) {
  const CommandRun run = run_command("topology show", {"mi300x_8"});
  EXPECT_FALSE(contains(run.output, "%")) << run.output;
}

TEST(TopologyShow, NamesTheNearest) {
  const CommandRun run = run_command("topology show", {"cloudmatrix38"});
  EXPECT_EQ(run.code, kUserMistake);
  EXPECT_TRUE(contains(run.mistakes, "cloudmatrix384")) << run.mistakes;
}

}  // namespace
}  // namespace penstock::cli
