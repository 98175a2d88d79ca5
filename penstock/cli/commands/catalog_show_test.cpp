/// Goal: an entry shows its figures with provenance. Method: the command in process, by its output.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(CatalogShow, FiguresCarryUnitSourceDateConfidence) {
  const CommandRun run = run_command("catalog show", {"h100", "--width", "160"});
  EXPECT_EQ(run.code, kAnswered);
  for (const char* part : {"3350 GB/s", "80 GB", "source", "date", "confidence"}) {
    EXPECT_TRUE(contains(run.output, part)) << part << " is missing in\n" << run.output;
  }
}

TEST(CatalogShow, KindAndIdPickOneOfSeveral) {
  const CommandRun run = run_command("catalog show", {"engines/vllm"});
  EXPECT_TRUE(contains(run.output, "max_num_seqs")) << run.output;
}

TEST(CatalogShow, UnknownIdIsAMistakeWithNeighbours) {
  const CommandRun run = run_command("catalog show", {"h100_smx"});
  EXPECT_EQ(run.code, kUserMistake);
  EXPECT_TRUE(contains(run.mistakes, "h100_sxm")) << run.mistakes;
}

}  // namespace
}  // namespace penstock::cli
