/// Goal: an entry shows its figures with provenance. Method: the command in process, by its output.
#include <cctype>
#include <set>
#include <utility>

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

TEST(CatalogShow, NothingIsCutAtAnyWidth) {
  // the words of a text, wherever lines break
  const auto words = [](const std::string& text) {
    std::set<std::string> kept;
    std::string word;
    for (const char c : text) {
      const bool part = std::isalnum(static_cast<unsigned char>(c)) != 0;
      if (part) word += c;
      if (!part && !word.empty()) kept.insert(std::exchange(word, {}));
    }
    return kept;
  };
  const CommandRun narrow = run_command("catalog show", {"accelerators/h100", "--width", "100"});
  const CommandRun wide = run_command("catalog show", {"accelerators/h100", "--width", "1000"});
  const std::set<std::string> shown = words(narrow.output);
  for (const std::string& word : words(wide.output)) {
    EXPECT_TRUE(shown.contains(word)) << word << " is missing in\n" << narrow.output;
  }
  EXPECT_FALSE(contains(narrow.output, "…"));
  EXPECT_EQ(run_command("catalog show", {"accelerators/h100"}).output, wide.output)
      << "a pipe has no width";
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
