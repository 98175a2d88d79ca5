/// Goal: reference pages are written, one per topic. Method: the command in process, by its output.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(Docs, WritesEveryPage) {
  const std::string folder = testing::TempDir() + "/penstock_docs_test";
  EXPECT_EQ(run_command("docs", {"--out", folder}).code, kAnswered);
  for (const char* page : {"cli.md", "scenario.md", "metrics.md", "catalog.md", "policies.md"}) {
    std::FILE* file = std::fopen((folder + "/" + page).c_str(), "r");
    ASSERT_NE(file, nullptr) << page;
    std::fclose(file);
  }
}

TEST(Docs, NeedsAFolder) { EXPECT_EQ(run_command("docs", {}).code, kUserMistake); }

}  // namespace
}  // namespace penstock::cli
