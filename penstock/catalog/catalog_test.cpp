// Goal: entries are found by every name they go by, overlays replace and add, mistakes are named.
// Method: the built-in catalog, and folders written to a temporary place.

#include "penstock/catalog/catalog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "penstock/catalog/directory.h"
#include "penstock/catalog/tree_codec.h"

namespace penstock::catalog {
namespace {

namespace fs = std::filesystem;

/// A folder that vanishes with the test.
class Folder {
 public:
  Folder() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    path_ = fs::path(testing::TempDir()) /
            fmt::format("penstock_{}_{}", info->test_suite_name(), info->name());
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

constexpr const char* kPart = R"(
summary: A test part
aliases: [Test-Part]
source: its datasheet
confidence: high
vendor: Me
architecture: mine
peak: {bf16: 100 TFLOP/s}
memory_capacity: 64 GB
memory_bandwidth: 2 TB/s
)";

TEST(TreeCodec, GivesBackTheTreeWithPlaces) {
  auto source = std::make_shared<Source>();
  source->text = "a: [1, \"two\", null, {b: c}]\nlong: " + std::string(300, 'x') + "\n";
  Findings findings;
  const Node tree = parse_yaml(source, findings);
  TreeWriter writer;
  writer.number(1U << 20U);
  writer.tree(tree);
  TreeReader reader(writer.bytes(), source);
  EXPECT_EQ(reader.number(), 1U << 20U);
  const Node back = reader.tree();
  EXPECT_EQ(reader.at(), writer.bytes().size());
  EXPECT_EQ(to_yaml(back), to_yaml(tree));
  EXPECT_TRUE(back.find("a")->items[1].quoted);
  EXPECT_EQ(back.find("a")->items[3].find("b")->mark.column,
            tree.find("a")->items[3].find("b")->mark.column);
  EXPECT_EQ(back.entries[1].key_mark.line, 2);
}

TEST(TreeCodec, DamageIsCaught) {
  EXPECT_THROW(TreeReader("\x05\x01", nullptr).text(), CheckFailure);
  EXPECT_THROW(TreeReader("", nullptr).number(), CheckFailure);
  EXPECT_THROW(TreeReader(std::string(20, '\xff'), nullptr).number(), CheckFailure);
}

TEST(Catalog, EveryEntryIsOfAKnownKindAndFollowsItsSchema) {
  const Catalog catalog = Catalog::built_in();
  size_t count = 0;
  for (const std::string_view kind : kinds()) {
    for (const EntryInfo& info : catalog.list(kind)) {
      const auto tree = catalog.tree(kind, info.id);
      ASSERT_TRUE(tree.has_value()) << kind << "/" << info.id;
      Findings findings;
      check_tree(kind, *tree, findings);
      EXPECT_TRUE(findings.empty()) << to_text(findings.all());
      ++count;
    }
  }
  EXPECT_EQ(TreeReader(embedded_catalog(), nullptr).number(), count)
      << "an entry lies in a folder that is not a kind";
}

TEST(Catalog, NamesMatchWithoutCaseAndPunctuation) {
  const Catalog catalog = Catalog::built_in();
  for (const char* name : {"h100_sxm", "H100-SXM", "h100", "H100 sxm", "H100_SXM5"}) {
    EXPECT_EQ(catalog.canonical_id("accelerators", name), "h100_sxm") << name;
  }
  EXPECT_EQ(catalog.canonical_id("accelerators", "rtx_pro_6000_server"), "rtx_pro_6000");
  EXPECT_EQ(catalog.canonical_id("accelerators", "rtxpro6000"), "rtx_pro_6000");
  EXPECT_EQ(catalog.canonical_id("accelerators", "a100_sxm"), "a100_sxm_80");
  EXPECT_EQ(catalog.canonical_id("accelerators", "h100_sxm_"), std::nullopt);
  EXPECT_EQ(catalog.canonical_id("nonsense", "h100_sxm"), std::nullopt);
  EXPECT_TRUE(catalog.list("nonsense").empty());
}

TEST(Catalog, NoNameMeansTwoThings) {
  const Catalog catalog = Catalog::built_in();
  for (const std::string_view kind : kinds()) {
    for (const EntryInfo& info : catalog.list(kind)) {
      EXPECT_EQ(catalog.canonical_id(kind, info.id), info.id);
      for (const std::string& alias : info.aliases) {
        EXPECT_EQ(catalog.canonical_id(kind, alias), info.id) << alias;
      }
    }
  }
}

TEST(Catalog, ListsInIdOrder) {
  const std::vector<std::string> ids = Catalog::built_in().ids("accelerators");
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

TEST(Catalog, UnknownNameNamesTheNearest) {
  Findings findings;
  EXPECT_FALSE(Catalog::built_in().accelerator("h100_smx", Mark{}, findings).has_value());
  ASSERT_EQ(findings.size(), 1U);
  const std::string& message = findings.all()[0].message;
  EXPECT_NE(message.find("no accelerator 'h100_smx' in the catalog"), std::string::npos);
  EXPECT_NE(message.find("'h100_sxm'"), std::string::npos) << message;
  EXPECT_NE(message.find("penstock catalog list accelerators"), std::string::npos) << message;
}

TEST(Catalog, FiguresShowUnitSourceDateAndConfidence) {
  const Table table = Catalog::built_in().figures("accelerators", "h100");
  const auto row = std::find_if(table.rows.begin(), table.rows.end(), [](const auto& cells) {
    return std::get<std::string>(cells[0]) == "memory_bandwidth";
  });
  ASSERT_NE(row, table.rows.end());
  EXPECT_EQ(std::get<std::string>((*row)[1]), "3350 GB/s");
  for (size_t column : {2U, 3U, 4U}) EXPECT_FALSE(std::get<std::string>((*row)[column]).empty());
  EXPECT_TRUE(Catalog::built_in().figures("accelerators", "none").rows.empty());
}

TEST(Catalog, HashFollowsTheEntries) {
  const Catalog catalog = Catalog::built_in();
  using Names = std::vector<std::pair<std::string, std::string>>;
  const Names h100 = {{"accelerators", "h100_sxm"}};
  EXPECT_EQ(catalog.hash(h100), catalog.hash(Names{{"accelerators", "H100-SXM"}}));
  EXPECT_NE(catalog.hash(h100), catalog.hash(Names{{"accelerators", "h200_sxm"}}));
}

TEST(Catalog, DecodingAnEntryTakesMicroseconds) {
  const Catalog catalog = Catalog::built_in();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(catalog.tree("accelerators", "h100_sxm").has_value());
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  // start-up decodes a handful; the limit leaves room for sanitizers on a loaded machine
  EXPECT_LT(taken.count() / 100, 2e-3);
}

TEST(Overlay, AddsAndReplaces) {
  const Folder folder;
  folder.write("accelerators/mine.yaml", fmt::format("id: mine{}", kPart));
  std::string other = kPart;
  other.replace(other.find("Test-Part"), 9, "our-h100");
  folder.write("accelerators/h100_sxm.yaml", "id: h100_sxm" + other);
  Catalog catalog = Catalog::built_in();
  const size_t before = catalog.list("accelerators").size();
  const auto built_in_hash = catalog.hash({{{"accelerators", "h100_sxm"}}});
  Findings findings;
  catalog.overlay(folder.path(), findings);
  ASSERT_TRUE(findings.empty()) << to_text(findings.all());
  EXPECT_EQ(catalog.list("accelerators").size(), before + 1);
  EXPECT_EQ(catalog.canonical_id("accelerators", "test_part"), "mine");
  const auto h100 = catalog.accelerator("h100_sxm", Mark{}, findings);
  ASSERT_TRUE(h100.has_value());
  EXPECT_EQ(h100->vendor, "Me");
  EXPECT_NE(catalog.hash({{{"accelerators", "h100_sxm"}}}), built_in_hash);
  const std::vector<std::string> ids = catalog.ids("accelerators");
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

TEST(CheckDirectory, NamesEveryMistake) {
  const Folder folder;
  folder.write("accelerators/one.yaml", fmt::format("id: two{}", kPart));
  folder.write("accelerators/three.yaml", fmt::format("id: three{}", kPart));
  folder.write("accelerators/four.yml", "id: four");
  folder.write("accelerators/five.yaml", "- a list");
  folder.write("accelerators/six.yaml", "id: six\nid: six\n");
  folder.write("acelerators/seven.yaml", "id: seven");
  const std::string text = to_text(check_directory(folder.path()).all());
  EXPECT_NE(text.find("one.yaml:1:5: 'id' must be the file's name 'one'"), std::string::npos)
      << text;
  EXPECT_NE(text.find("name 'Test-Part' is already taken by 'one'"), std::string::npos) << text;
  EXPECT_NE(text.find("four.yml: entries end in .yaml"), std::string::npos) << text;
  EXPECT_NE(text.find("five.yaml:1:1: an entry is a group of keys"), std::string::npos) << text;
  EXPECT_NE(text.find("six.yaml:2:1: duplicate key 'id'"), std::string::npos) << text;
  EXPECT_NE(text.find("'acelerators' is not a kind of entry; did you mean 'accelerators'?"),
            std::string::npos)
      << text;
}

TEST(CheckDirectory, NamedAcceleratorsMustExist) {
  const Folder folder;
  folder.write("accelerators/mine.yaml", fmt::format("id: mine{}", kPart));
  const std::string box =
      "summary: A box\nsource: me\nconfidence: low\nvendor: Me\n"
      "accelerator_count: 8\nscale_up: {accelerator_count: 8}\n";
  folder.write("systems/own.yaml", "id: own\naccelerator: mine\n" + box);
  folder.write("systems/known.yaml", "id: known\naccelerator: H100-SXM\n" + box);
  EXPECT_TRUE(check_directory(folder.path()).empty())
      << to_text(check_directory(folder.path()).all());
  folder.write("systems/lost.yaml", "id: lost\naccelerator: h100_smx\n" + box);
  const std::string text = to_text(check_directory(folder.path()).all());
  EXPECT_NE(text.find("lost.yaml:2:14: no accelerator 'h100_smx' in the catalog"),
            std::string::npos)
      << text;
}

TEST(CheckDirectory, NamedPartsMustExist) {
  const Folder folder;
  folder.write("parts/my_cable.yaml",
               "id: my_cable\nsummary: A cable\nsource: me\nconfidence: low\nkind: copper_cable\n");
  const auto fabric = [](const std::string& cable) {
    return "id: mine\nsummary: A fabric\nsource: me\nconfidence: low\ntopology: switched\n"
           "nic_part: nic_400g\ntiers:\n  - name: switch\n    link_count: 1\n"
           "    link_bandwidth_each_way: 50 GB/s\n    cable_part: " +
           cable + "\n";
  };
  folder.write("fabrics/mine.yaml", fabric("my_cable"));
  EXPECT_TRUE(check_directory(folder.path()).empty())
      << to_text(check_directory(folder.path()).all());
  folder.write("fabrics/mine.yaml", fabric("coper_400g"));
  const std::string text = to_text(check_directory(folder.path()).all());
  EXPECT_NE(text.find("mine.yaml:11:17: no part 'coper_400g' in the catalog"), std::string::npos)
      << text;
  EXPECT_NE(text.find("copper_400g"), std::string::npos) << text;
}

TEST(CheckDirectory, EmptyOrMissingFoldersAreMistakes) {
  const Folder folder;
  EXPECT_NE(to_text(check_directory(folder.path()).all()).find("holds no entries"),
            std::string::npos);
  EXPECT_NE(to_text(check_directory(folder.path() + "/none").all()).find("cannot be read"),
            std::string::npos);
}

TEST(CheckDirectory, UsesTheSchemasOfModulesAbove) {
  const Folder folder;
  folder.write("engines/vllm.yaml", "id: vllm\n");
  const std::vector<KindCheck> more = {{"engines", [](const Node& tree, Findings& findings) {
                                          findings.add(tree.mark, "checked");
                                        }}};
  EXPECT_TRUE(check_directory(folder.path()).empty());
  EXPECT_NE(to_text(check_directory(folder.path(), more).all()).find("vllm.yaml:1:1: checked"),
            std::string::npos);
}

}  // namespace
}  // namespace penstock::catalog
