/// Goal: the documents say what the tree is: the include table, a paragraph for every folder, the
/// C++ program of the README, the catalog entry of the how-to, an index without holes.
/// Method: reads the files of the tree and compares; tools/check_docs runs the commands they show.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace penstock {
namespace {

namespace fs = std::filesystem;

fs::path tree() {
  const char* given = std::getenv("PENSTOCK_SOURCE_DIR");
  return given != nullptr ? given : ".";
}

std::string text_of(const fs::path& name) {
  std::ifstream file(tree() / name);
  EXPECT_TRUE(file.is_open()) << name << " is not there";
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const fs::path& name) {
  std::istringstream text(text_of(name));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? ""
                                    : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// The first fenced block of a kind: what stands between ```kind and ```.
std::string block_of(const std::string& document, const std::string& kind) {
  const std::string open = "```" + kind + "\n";
  const size_t at = document.find(open);
  if (at == std::string::npos) return "";
  const size_t begin = at + open.size();
  return document.substr(begin, document.find("```", begin) - begin);
}

TEST(Documents, ArchitectureHasTheIncludeTable) {
  std::map<std::string, std::string> built;
  for (const std::string& line : lines_of("cmake/layers.txt")) {
    const size_t colon = line.find(':');
    if (line.empty() || line[0] == '#' || colon == std::string::npos) continue;
    built[line.substr(0, colon)] = trimmed(line.substr(colon + 1));
  }
  std::map<std::string, std::string> written;
  bool inside = false;
  for (const std::string& line : lines_of("ARCHITECTURE.md")) {
    std::smatch row;
    if (line.starts_with("| module | may include |")) {
      inside = true;
    } else if (inside && std::regex_match(line, row, std::regex(R"(\| ([a-z]+) \|(.*)\|)"))) {
      written[row[1]] = trimmed(row[2]);
    } else if (inside && !line.starts_with("|")) {
      break;
    }
  }
  EXPECT_EQ(written, built);
}

TEST(Documents, ArchitectureHasAParagraphForEveryFolder) {
  const std::string text = text_of("ARCHITECTURE.md");
  for (const auto& entry : fs::directory_iterator(tree() / "penstock")) {
    if (!entry.is_directory()) continue;
    const std::string paragraph = "\n**" + entry.path().filename().string() + "** ";
    EXPECT_NE(text.find(paragraph), std::string::npos) << "no paragraph begins with" << paragraph;
  }
}

TEST(Documents, ReadmeShowsTheExampleProgram) {
  EXPECT_EQ(block_of(text_of("README.md"), "cpp"), text_of("examples/find_package/main.cpp"));
}

TEST(Documents, ReadmeBeginsWithOneCommand) {
  const std::string text = text_of("README.md");
  EXPECT_EQ(block_of(text, "sh"), "./dev demo\n");
  const size_t command = text.find("```sh");
  EXPECT_LT(std::count(text.begin(), text.begin() + static_cast<int64_t>(command), '\n'), 12);
  EXPECT_TRUE(
      block_of(text, "console")
          .starts_with("$ penstock run scenarios/azure_conversation_hour.yaml --out out/\n"));
}

TEST(Documents, HowToShowsTheExampleAccelerator) {
  EXPECT_EQ(block_of(text_of("docs/howto/add-your-accelerator.md"), "yaml"),
            text_of("examples/my_catalog/accelerators/example_chip.yaml"));
}

TEST(Documents, EveryPageIsInTheIndex) {
  const std::string index = text_of("docs/README.md");
  for (const char* folder : {"docs", "docs/howto", "docs/formulas", "docs/reference"}) {
    for (const auto& entry : fs::directory_iterator(tree() / folder)) {
      if (entry.path().extension() != ".md" || entry.path().stem() == "README") continue;
      const std::string link = "(" + fs::relative(entry.path(), tree() / "docs").string() + ")";
      EXPECT_NE(index.find(link), std::string::npos) << "docs/README.md has no link " << link;
    }
  }
  const std::string decisions = text_of("docs/decisions/README.md");
  for (const auto& entry : fs::directory_iterator(tree() / "docs/decisions")) {
    if (entry.path().stem() == "README") continue;
    const std::string link = "(" + entry.path().filename().string() + ")";
    EXPECT_NE(decisions.find(link), std::string::npos) << "docs/decisions/README.md lacks " << link;
  }
}

}  // namespace
}  // namespace penstock
