// Goal: one description of a struct gives a reader that lists every mistake with its place, a
// writer whose text reads back, and docs. Method: a struct with every kind of member.
#include "penstock/base/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock {
namespace {

using testing::HasSubstr;

enum class Colour : uint8_t { kRed, kGreen };

struct Inner {
  Seconds limit{1.0};
  int64_t count = 2;
};

template <class Visitor>
void fields(Visitor& v, Inner& c) {
  v.optional("limit", c.limit, "Longest wait.", {.min = 0.0});
  v.required("count", c.count, "How many.", {.min = 1.0, .max = 10.0});
}

struct Outer {
  std::string name = "plain";
  BytesPerSecond bandwidth;
  Bytes memory = 80_GB;
  double share_fraction = 0.5;
  int64_t seed = -7;
  bool fast = true;
  Colour colour = Colour::kGreen;
  std::optional<Seconds> timeout;
  std::vector<Inner> inners;
  std::map<std::string, Tokens> sizes;
  Inner inner{2_s, 3};
};

template <class Visitor>
void fields(Visitor& v, Outer& c) {
  v.optional("name", c.name, "A text.");
  v.required("bandwidth", c.bandwidth, "Of memory.", {.min = 0.0});
  v.optional("memory", c.memory, "Size.", {.min = 1e9, .max = 1e12});
  v.optional("share", c.share_fraction, "Of the whole.", {.min = 0.0, .max = 1.0});
  v.optional("seed", c.seed, "Any.");
  v.optional("fast", c.fast, "Or slow.");
  v.optional("colour", c.colour, "Of the box.");
  v.optional("timeout", c.timeout, "Unset: none.", {.min = 0.0});
  v.optional("inners", c.inners, "Several.");
  v.optional("sizes", c.sizes, "By name.", {.min = 1.0});
  v.optional("inner", c.inner, "One.");
}

}  // namespace
}  // namespace penstock

template <>
struct penstock::EnumText<penstock::Colour> {
  static constexpr std::array<std::pair<penstock::Colour, std::string_view>, 2> kNames = {
      {{penstock::Colour::kRed, "red"}, {penstock::Colour::kGreen, "green"}}};
};

namespace penstock {
namespace {

struct ReadBack {
  Outer config;
  Findings findings;
  [[nodiscard]] std::string text() const { return to_text(findings.all()); }
};

ReadBack read_text(const std::string& yaml) {
  auto source = std::make_shared<Source>(Source{"c.yaml", yaml});
  ReadBack back;
  const Node root = parse_yaml(source, back.findings);
  back.config = read_config<Outer>(root, back.findings);
  return back;
}

TEST(ConfigReader, ReadsEveryKindOfMember) {
  const ReadBack back = read_text(
      "name: box\nbandwidth: 3.35 TB/s\nmemory: 8 GB\nshare: 90%\nseed: -12\nfast: false\n"
      "colour: red\ntimeout: 50 ms\ninners: [{count: 1}, {count: 2, limit: 1 h}]\n"
      "sizes: {a: 5 tokens, b: 1 ktoken}\ninner: {count: 10}\n");
  EXPECT_EQ(back.text(), "");
  EXPECT_EQ(back.config.name, "box");
  EXPECT_DOUBLE_EQ(back.config.bandwidth.value(), 3.35e12);
  EXPECT_DOUBLE_EQ(back.config.share_fraction, 0.9);
  EXPECT_EQ(back.config.seed, -12);
  EXPECT_FALSE(back.config.fast);
  EXPECT_EQ(back.config.colour, Colour::kRed);
  EXPECT_DOUBLE_EQ(back.config.timeout->value(), 0.05);
  EXPECT_DOUBLE_EQ(back.config.inners[1].limit.value(), 3600.0);
  EXPECT_DOUBLE_EQ(back.config.sizes.at("b").value(), 1000.0);
  EXPECT_EQ(back.config.inner.count, 10);
  EXPECT_DOUBLE_EQ(back.config.inner.limit.value(), 2.0) << "its own default stays";
}

TEST(ConfigReader, EveryMistakeInOneRunWithItsPlace) {
  const ReadBack back = read_text(
      "nmae: box\nbandwidth: 3.35\nmemory: 5 TB\nshare: 1.5\nseed: many\nfast: yes\n"
      "colour: gren\ntimeout: -1 s\ninners: [{limit: 1 B}, 7]\nsizes: {a: 0 tokens}\n"
      "inner: {count: 11}\n");
  const std::string text = back.text();
  EXPECT_EQ(back.findings.size(), 13U) << text;
  EXPECT_THAT(text, HasSubstr("c.yaml:1:1: unknown key 'nmae'; did you mean 'name'?"));
  EXPECT_THAT(text, HasSubstr("c.yaml:2:12: 'bandwidth' needs a unit of bytes per second"));
  EXPECT_THAT(text, HasSubstr("c.yaml:3:9: 'memory' must be between 1 GB and 1 TB; got \"5 TB\""));
  EXPECT_THAT(text, HasSubstr("c.yaml:4:8: 'share' must be between 0 and 1; got \"1.5\""));
  EXPECT_THAT(text, HasSubstr("c.yaml:5:7: 'seed' must be a whole number; got \"many\""));
  EXPECT_THAT(text, HasSubstr("c.yaml:6:7: 'fast' must be true or false; got \"yes\""));
  EXPECT_THAT(text, HasSubstr("c.yaml:7:9: 'colour' must be one of red, green; got \"gren\"; "
                              "nearest: 'green'"));
  EXPECT_THAT(text, HasSubstr("c.yaml:8:10: 'timeout' must be at least 0 s; got \"-1 s\""));
  EXPECT_THAT(text, HasSubstr("c.yaml:9:18: 'limit' needs a unit of seconds"));
  EXPECT_THAT(text, HasSubstr("c.yaml:9:10: missing key 'count'"));
  EXPECT_THAT(text, HasSubstr("c.yaml:9:24: expected a group of keys; got \"7\""));
  EXPECT_THAT(text, HasSubstr("c.yaml:10:12: 'sizes' must be at least 1 token"));
  EXPECT_THAT(text, HasSubstr("c.yaml:11:16: 'count' must be between 1 and 10; got \"11\""));
  EXPECT_EQ(back.config.share_fraction, 0.5) << "a refused value leaves the default";
}

TEST(ConfigReader, NumbersAreNeverGuessed) {
  for (const char* value : {"nan", "inf", "-inf", ".nan", "1e999", "0x1", "\"0.5\"", "0.5 s", "~",
                            "[0.5]", "{a: 1}", "50 percent", "1_000", "", "--1"}) {
    EXPECT_EQ(read_text(std::string("bandwidth: 1 B/s\nshare: ") + value).findings.size(), 1U)
        << value;
  }
  for (const char* value :
       {"1.5", "1e3", "99999999999999999999", "\"5\"", "+5", "0x10", "5 ", "~"}) {
    const size_t expected = std::string(value) == "5 " ? 0 : 1;
    EXPECT_EQ(read_text(std::string("bandwidth: 1 B/s\nseed: ") + value + "\n").findings.size(),
              expected)
        << value;
  }
  for (const char* value : {"nan B/s", "inf B/s", "-1 B/s", "[1 B/s]", "~", ""}) {
    EXPECT_EQ(read_text(std::string("bandwidth: ") + value + "\n").findings.size(), 1U) << value;
  }
}

TEST(ConfigReader, WrongShapesAreNamed) {
  EXPECT_THAT(read_text("- 1\n").text(), HasSubstr("expected a group of keys; got a list"));
  EXPECT_THAT(read_text("").text(), HasSubstr("expected a group of keys; got nothing"));
  const std::string text =
      read_text("bandwidth: 1 B/s\ninners: {a: 1}\nname: [x]\nsizes: [1]\n").text();
  EXPECT_THAT(text, HasSubstr("'inners' must be a list; got a group of keys"));
  EXPECT_THAT(text, HasSubstr("'name' must be a text; got a list"));
  EXPECT_THAT(text, HasSubstr("c.yaml:4:8: expected a group of keys; got a list"));
}

TEST(ConfigReader, TheExcerptUnderlinesTheValue) {
  EXPECT_THAT(read_text("bandwidth: 3.35\n").text(),
              HasSubstr("\n    1 | bandwidth: 3.35\n      |            ^^^^"));
}

TEST(ConfigWriter, WhatIsWrittenReadsBack) {
  Outer config;
  config.name = "a: b # c";
  config.bandwidth = 3.35_TBps;
  config.seed = -12;
  config.share_fraction = 0.1;
  config.timeout = 50_ms;
  config.inners = {{1_s, 1}, {Seconds(0.1234567), 9}};
  config.sizes = {{"x", 5_tokens}, {"y z", 12345_tokens}};
  const std::string yaml = to_yaml(ConfigWriter::write(config));
  const ReadBack back = read_text(yaml);
  ASSERT_EQ(back.text(), "") << yaml;
  EXPECT_EQ(to_yaml(ConfigWriter::write(back.config)), yaml);
  EXPECT_EQ(back.config.name, config.name);
  EXPECT_EQ(back.config.seed, -12);
  EXPECT_EQ(back.config.share_fraction, 0.1);
  EXPECT_EQ(back.config.inners[1].limit, config.inners[1].limit);
  EXPECT_EQ(back.config.sizes.at("y z"), config.sizes.at("y z"));
  const std::string defaults = to_yaml(ConfigWriter::write(Outer{}));
  EXPECT_EQ(read_text(defaults).text(), "") << defaults;
}

TEST(ConfigDescriber, TellsTypeBoundsAndDefault) {
  const std::vector<FieldDoc> docs = ConfigDescriber::describe<Outer>("box");
  const auto find = [&](std::string_view path) {
    for (const FieldDoc& doc : docs) {
      if (doc.path == path) return doc;
    }
    ADD_FAILURE() << "no field " << path;
    return FieldDoc{};
  };
  EXPECT_TRUE(find("box.bandwidth").required);
  EXPECT_THAT(find("box.bandwidth").type, HasSubstr("bytes per second"));
  EXPECT_EQ(find("box.memory").default_text, "80 GB");
  EXPECT_EQ(find("box.share").type, "ratio (0 to 1)");
  EXPECT_EQ(find("box.colour").type, "one of red, green");
  EXPECT_EQ(find("box.colour").default_text, "green");
  EXPECT_EQ(find("box.timeout").default_text, "none");
  EXPECT_EQ(find("box.inners").type, "list of group");
  EXPECT_EQ(find("box.inner.count").type, "whole number (1 to 10)");
  EXPECT_EQ(find("box.inner.limit").doc, "Longest wait.");
}

}  // namespace
}  // namespace penstock
