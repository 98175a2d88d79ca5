/// Goal: kinds and their entries are listed, unknown kinds are mistakes.
/// Method: the command in process, by its output.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(CatalogList, ListsKindsEntriesAndIds) {
  EXPECT_TRUE(contains(run_command("catalog list", {}).output, "accelerators"));
  EXPECT_TRUE(contains(run_command("catalog list", {"accelerators"}).output, "h100_sxm"));
  const CommandRun ids = run_command("catalog list", {"engines", "--ids"});
  EXPECT_TRUE(contains(ids.output, "vllm\n"));
  EXPECT_FALSE(contains(ids.output, "│"));
}

TEST(CatalogList, UnknownKindNamesTheNearest) {
  const CommandRun run = run_command("catalog list", {"acelerators"});
  EXPECT_EQ(run.code, kUserMistake);
  EXPECT_TRUE(contains(run.mistakes, "did you mean 'accelerators'")) << run.mistakes;
}

}  // namespace
}  // namespace penstock::cli
