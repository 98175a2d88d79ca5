/// Goal: our own data passes, and a folder's mistakes come together with their places.
/// Method: the command in process, by its output.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(CatalogCheck, TheBuiltInEntriesPass) {
  const char* source = std::getenv("PENSTOCK_SOURCE_DIR");
  if (source == nullptr) GTEST_SKIP() << "PENSTOCK_SOURCE_DIR says where data/ is";
  const CommandRun run = run_command("catalog check", {std::string(source) + "/data"});
  EXPECT_EQ(run.code, kAnswered) << run.mistakes;
}

TEST(CatalogCheck, AllMistakesOfAFolderAtOnce) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "catalog_check";
  std::filesystem::create_directories(folder / "engines");
  std::ofstream(folder / "engines/mine.yaml")
      << "id: mine\nsummary: mine\nmax_num_sqs: 4\npage_tokens: -1\n";
  const CommandRun run = run_command("catalog check", {folder.string()});
  EXPECT_EQ(run.code, kUserMistake);
  EXPECT_TRUE(contains(run.mistakes, "max_num_seqs")) << run.mistakes;
  EXPECT_TRUE(contains(run.mistakes, "page_tokens")) << run.mistakes;
}

}  // namespace
}  // namespace penstock::cli
