// Goal: YAML is read strictly, with the place of every value, and written so that it reads back.
// Method: small texts with the finding or the tree they give; random trees through writer and
// reader.
#include "penstock/base/node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "penstock/base/rng.h"

namespace penstock {
namespace {

using testing::HasSubstr;

struct Parsed {
  Node root;
  Findings findings;
  [[nodiscard]] std::string text() const { return to_text(findings.all()); }
};

Parsed parse_text(std::string text) {
  auto source = std::make_shared<Source>();
  source->name = "f.yaml";
  source->text = std::move(text);
  Parsed parsed;
  parsed.root = parse_yaml(source, parsed.findings);
  return parsed;
}

/// Every part that a reader sees; places aside.
bool same_tree(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.text != b.text || a.quoted != b.quoted) return false;
  if (a.items.size() != b.items.size() || a.entries.size() != b.entries.size()) return false;
  for (size_t i = 0; i < a.items.size(); ++i) {
    if (!same_tree(a.items[i], b.items[i])) return false;
  }
  for (size_t i = 0; i < a.entries.size(); ++i) {
    if (a.entries[i].key != b.entries[i].key) return false;
    if (!same_tree(a.entries[i].value, b.entries[i].value)) return false;
  }
  return true;
}

TEST(ParseYaml, KeepsThePlaceOfKeysAndValues) {
  const Parsed p = parse_text("a: 1\nserving:\n  slo:\n    ttft: 2 s\n  list: [x, 'y']\n");
  EXPECT_EQ(p.text(), "");
  const Node* ttft = p.root.find("serving")->find("slo")->find("ttft");
  EXPECT_EQ(ttft->text, "2 s");
  EXPECT_EQ(ttft->mark.line, 4);
  EXPECT_EQ(ttft->mark.column, 11);
  const NodeEntry& serving = p.root.entries[1];
  EXPECT_EQ(serving.key_mark.line, 2);
  EXPECT_EQ(serving.key_mark.column, 1);
  const Node* list = p.root.find("serving")->find("list");
  EXPECT_FALSE(list->items[0].quoted);
  EXPECT_TRUE(list->items[1].quoted) << "quotes make it a text";
}

struct Mistake {
  const char* text;
  const char* expected;
};

TEST(ParseYaml, RefusesWhatHidesMeaning) {
  const std::array mistakes = {
      Mistake{"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: duplicate key 'a'; first at line 1"},
      Mistake{"a: &x 1\n", "f.yaml:1:4: anchors are not taken"},
      Mistake{"a: &x [1]\nb: 2\n", "anchors are not taken"},
      Mistake{"a: &x 1\nb: *x\n", "f.yaml:2:4: aliases are not taken"},
      Mistake{"<<: {a: 1}\n", "f.yaml:1:1: merge keys are not taken"},
      Mistake{"a: !!int 1\n", "tags are not taken"},
      Mistake{"a: !!map {b: 1}\n", "tags are not taken"},
      Mistake{"a: !thing [1]\n", "tags are not taken"},
      Mistake{"a: 1\n---\nb: 2\n", "more than one YAML document"},
      Mistake{"[a]: 1\n", "a key must be a plain word"},
      Mistake{"? {a: 1}\n: 2\n", "a key must be a plain word"},
      Mistake{"a: [1, 2\n", "not readable as YAML"},
      Mistake{"a: \"text", "not readable as YAML"},
      Mistake{"a: \"text\n", "f.yaml:1:4: this quote is never closed"},
      Mistake{"a: 1\nb: 'it''s\n\n", "f.yaml:2:4: this quote is never closed"},
      Mistake{"\xEF\xBB\xBF\"text\n", "this quote is never closed"},
      Mistake{"a:\n\t- 1\n", "not readable as YAML"},
  };
  for (const Mistake& mistake : mistakes) {
    EXPECT_THAT(parse_text(mistake.text).text(), HasSubstr(mistake.expected)) << mistake.text;
  }
}

TEST(ParseYaml, EveryMistakeOfAFileInOneRun) {
  const Parsed p = parse_text("a: &x 1\nb: 1\nb: 2\nc: !!int 3\nd: *x\n");
  EXPECT_EQ(p.findings.size(), 4U) << p.text();
}

TEST(ParseYaml, AZeroByteIsNamedWithItsLine) {
  EXPECT_THAT(parse_text(std::string("a: 1\nb: \0 2\n", 12)).text(),
              HasSubstr("f.yaml:2:1: holds a zero byte"));
}

TEST(ParseYaml, DepthIsBoundedInBothStyles) {
  EXPECT_THAT(parse_text(std::string(70, '[') + std::string(70, ']')).text(),
              HasSubstr("nested deeper than 64 levels"));
  EXPECT_EQ(parse_text(std::string(60, '[') + std::string(60, ']')).text(), "");
  EXPECT_FALSE(parse_text(std::string(100000, '[')).findings.empty());
  std::string steps;
  for (size_t i = 0; i < 80; ++i) steps += std::string(i, ' ') + "a:\n";
  EXPECT_THAT(parse_text(steps).text(), HasSubstr("nested deeper"));
}

TEST(ParseYaml, ManyKeysStayFast) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "key" + std::to_string(i) + ": 1\n";
  text += "key5: 2\n";
  const Parsed p = parse_text(text);
  EXPECT_EQ(p.root.entries.size(), 100000U);
  EXPECT_THAT(p.text(), HasSubstr("duplicate key 'key5'; first at line 6"));
}

TEST(ParseYaml, LineEndsAndByteOrderMarkDoNotMatter) {
  const Parsed plain = parse_text("a: 1\nb:\n  c: x y\nd: [1, 2]\n");
  const Parsed crlf = parse_text("a: 1\r\nb:\r\n  c: x y\r\nd: [1, 2]\r\n");
  const Parsed bom = parse_text(
      "\xEF\xBB\xBF"
      "a: 1\nb:\n  c: x y\nd: [1, 2]\n");
  EXPECT_EQ(crlf.text() + bom.text(), "");
  EXPECT_TRUE(same_tree(plain.root, crlf.root));
  EXPECT_TRUE(same_tree(plain.root, bom.root));
  EXPECT_EQ(crlf.root.find("d")->mark.line, 4);
  EXPECT_EQ(bom.root.entries[0].key, "a");
  EXPECT_EQ(bom.root.find("b")->find("c")->mark.line, 3);
}

TEST(ParseYaml, JsonIsYaml) {
  const Parsed p =
      parse_text("{\n  \"a\": {\"b\": [1, 2.5, true, null, \"t\\u00e4\"]},\n  \"c\": {}\n}\n");
  EXPECT_EQ(p.text(), "");
  const Node* list = p.root.find("a")->find("b");
  ASSERT_EQ(list->items.size(), 5U);
  EXPECT_EQ(list->items[1].text, "2.5");
  EXPECT_FALSE(list->items[1].quoted);
  EXPECT_TRUE(list->items[3].is_null());
  EXPECT_EQ(list->items[4].text, "t\xC3\xA4");
  EXPECT_TRUE(list->items[4].quoted);
  EXPECT_TRUE(p.root.find("c")->is_map());
}

TEST(ParseYaml, AnEmptyTextIsNothing) {
  EXPECT_TRUE(parse_text("").root.is_null());
  EXPECT_TRUE(parse_text("# only a comment\n").root.is_null());
  EXPECT_EQ(parse_text("\n\n").text(), "");
}

TEST(ReadSource, AMissingFileAndAFolderAreFindings) {
  Findings findings;
  read_source("/nonexistent/x.yaml", findings);
  read_source(testing::TempDir(), findings);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_THAT(to_text(findings.all()[0]), HasSubstr("/nonexistent/x.yaml: cannot be opened"));
  EXPECT_THAT(to_text(findings.all()[1]), HasSubstr("cannot be"));
  const std::string path = testing::TempDir() + "/read_source_test.yaml";
  std::ofstream(path) << "a: 1\n";
  Findings none;
  EXPECT_EQ(read_source(path, none)->text, "a: 1\n");
  EXPECT_TRUE(none.empty());
}

std::string set_on(const std::string& yaml, std::string_view path, std::string_view value,
                   Findings& findings) {
  Parsed p = parse_text(yaml);
  set_path(p.root, path, value, "--set", findings);
  return to_yaml(p.root);
}

TEST(SetPath, ReplacesAndMakesKeysOnTheWay) {
  Findings findings;
  EXPECT_EQ(set_on("a:\n  b: 1\n", "a.b", "2 s", findings), "a:\n  b: 2 s\n");
  EXPECT_EQ(set_on("a: 1\n", "x.y.z", "true", findings), "a: 1\nx:\n  y:\n    z: true\n");
  EXPECT_EQ(set_on("a: 1\n", "a.b", "2", findings), "a:\n  b: 2\n");
  EXPECT_EQ(set_on("l: [{c: 1}, {c: 2}]\n", "l.1.c", "9", findings),
            "l:\n  -\n    c: 1\n  -\n    c: 9\n");
  EXPECT_EQ(set_on("a: 1\n", "a", "[x, {y: z}]", findings), "a:\n  - x\n  -\n    y: z\n");
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
}

TEST(SetPath, BadPathsAndValuesAreFindings) {
  const std::array mistakes = {
      std::array{"", "1", "needs KEY=VALUE"},
      std::array{"a..b", "1", "is not a path of keys"},
      std::array{".a", "1", "is not a path of keys"},
      std::array{"l.7", "1", "'7' is not an index below 2"},
      std::array{"l.x", "1", "'x' is not an index below 2"},
      std::array{"l.-1", "1", "'-1' is not an index below 2"},
      std::array{"a", "[1", "a bracket is left open"},
  };
  for (const auto& [path, value, expected] : mistakes) {
    Findings findings;
    set_on("a: 1\nl: [1, 2]\n", path, value, findings);
    ASSERT_EQ(findings.size(), 1U) << path;
    EXPECT_THAT(to_text(findings.all()[0]), HasSubstr(expected)) << path;
    EXPECT_THAT(to_text(findings.all()[0]), HasSubstr("--set")) << path;
  }
}

Node random_tree(Rng& rng, int depth) {
  static constexpr std::array kTexts = {"x",           "3.35 TB/s", "-5",    "90%",
                                        "- a",         "a: b",      "a:b",   "a #b",
                                        "#",           "",          "true",  "null",
                                        "~",           "NULL",      "1e-05", " pad ",
                                        "a\nb",        "a\tb",      "\r",    "'",
                                        "\"",          "\\",        "[1]",   "{a}",
                                        "*x",          "&x",        "!t",    "?",
                                        "? a",         "-",         "---",   "...",
                                        "$2.10/h",     "@x",        "`",     "%x",
                                        "a, b",        "a]",        ">",     "|",
                                        "caf\xC3\xA9", "x:",        ":x",    "https://a.b/c#d",
                                        "false",       "Null",      "a  b",  "\x01"};
  Node node;
  const int64_t kind = depth == 0 ? 0 : rng.below(4);
  if (kind <= 1) {
    node = scalar_node(kTexts[static_cast<size_t>(rng.below(kTexts.size()))]);
    // what would read as something else unquoted must have been quoted
    node.quoted = rng.below(2) == 0;
    if (rng.below(8) == 0) node = Node{};
    return node;
  }
  node.kind = kind == 2 ? Node::Kind::kList : Node::Kind::kMap;
  for (int64_t i = rng.below(4); i > 0; --i) {
    Node child = random_tree(rng, depth - 1);
    if (kind == 2) {
      node.items.push_back(std::move(child));
      continue;
    }
    const std::string key = kTexts[static_cast<size_t>(rng.below(kTexts.size()))];
    if (node.find(key) == nullptr) node.entries.push_back({key, {}, std::move(child)});
  }
  return node;
}

/// Unquoted texts that YAML cannot carry unquoted come back quoted; nothing else may change.
void expect_reads_back(const Node& wrote, const Node& read, const std::string& yaml) {
  ASSERT_EQ(wrote.kind, read.kind) << yaml;
  ASSERT_EQ(wrote.text, read.text) << yaml;
  if (wrote.quoted) {
    ASSERT_TRUE(read.quoted) << yaml;
  }
  ASSERT_EQ(wrote.items.size(), read.items.size()) << yaml;
  ASSERT_EQ(wrote.entries.size(), read.entries.size()) << yaml;
  for (size_t i = 0; i < wrote.items.size(); ++i) {
    expect_reads_back(wrote.items[i], read.items[i], yaml);
  }
  for (size_t i = 0; i < wrote.entries.size(); ++i) {
    ASSERT_EQ(wrote.entries[i].key, read.entries[i].key) << yaml;
    expect_reads_back(wrote.entries[i].value, read.entries[i].value, yaml);
  }
}

TEST(ToYaml, ReadsBackToTheSameTree) {
  for (uint64_t seed = 0; seed < 2000 && !testing::Test::HasFatalFailure(); ++seed) {
    Rng rng(seed, "tree");
    const Node tree = random_tree(rng, 4);
    const std::string yaml = to_yaml(tree);
    const Parsed back = parse_text(yaml);
    ASSERT_TRUE(back.findings.empty()) << yaml << back.text();
    expect_reads_back(tree, back.root, yaml);
    ASSERT_EQ(to_yaml(back.root), yaml) << "seed " << seed;
  }
}

TEST(ToYaml, NumbersAndSharesStayUnquoted) {
  const std::string yaml =
      "a: -5\nb: 90%\nc: -0.5\nd: $2.10/h\ne: 1e-05\nf: a:b\ng: -.5\nh:\n  - -1e-05\n  - -3 s\n";
  EXPECT_EQ(to_yaml(parse_text(yaml).root), yaml) << "quoted, they would be texts";
}

}  // namespace
}  // namespace penstock
