// Goal: texts of users cannot steer a terminal, break UTF-8 or a table's width.
// Method: chosen byte sequences, valid and broken, and their exact results.
#include "penstock/report/utf8.h"

#include <gtest/gtest.h>

namespace penstock::report {
namespace {

TEST(CodePoint, RejectsBrokenSequencesByteByByte) {
  EXPECT_EQ(first_code_point("é").value, 0xE9u);
  EXPECT_EQ(first_code_point("€").length_count, 3u);
  EXPECT_EQ(first_code_point("😀").value, 0x1F600u);
  for (const std::string_view broken : {"\xff", "\xc3", "\xc3(", "\xe2\x82", "\xc0\x80",
                                        "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"}) {
    const CodePoint point = first_code_point(broken);
    EXPECT_FALSE(point.valid) << broken;
    EXPECT_EQ(point.length_count, 1u) << broken;
  }
}

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("µs ≤ …"), 6);
  EXPECT_EQ(display_width("盘古"), 4);
  EXPECT_EQ(display_width("e\u0301"), 1);
  EXPECT_EQ(display_width("\xff"), 1);
}

TEST(Clean, RemovesControlsAndBrokenBytes) {
  EXPECT_EQ(clean("a\x1b[31mb\r\n\tc"), "a [31mb c");
  EXPECT_EQ(clean("x\xffy"), "x\uFFFDy");
  EXPECT_EQ(clean("a\u202Eb"), "a b");
  EXPECT_EQ(clean_lines("a:  1\r\n\tb\x07\n"), "a:  1\n  b\n");
}

TEST(Elide, KeepsTheWidth) {
  EXPECT_EQ(elide("abcdef", 6), "abcdef");
  EXPECT_EQ(elide("abcdefg", 6), "abcde…");
  EXPECT_EQ(elide("abcdefg", 6, false), "abcde~");
  EXPECT_EQ(elide("盘古盘古", 4), "盘…");
  EXPECT_EQ(elide("abc", 0), "");
}

TEST(Pad, CountsColumns) {
  EXPECT_EQ(pad_left("µs", 4), "  µs");
  EXPECT_EQ(pad_right("µs", 4), "µs  ");
  EXPECT_EQ(pad_right("long", 2), "long");
}

TEST(Wrap, BreaksAtSpacesAndElidesLongWords) {
  EXPECT_EQ(wrap("one two three", 8, ""), "one two\nthree");
  EXPECT_EQ(wrap("one two", 6, "  "), "  one\n  two");
  EXPECT_EQ(wrap("abcdefghij", 5, ""), "abcd…");
  EXPECT_EQ(wrap("", 5, "  "), "  ");
}

TEST(BrokenLines, HoldTheWholeText) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(broken_lines("", 5), Lines{""});
  EXPECT_EQ(broken_lines("one two", 7), Lines{"one two"});
  EXPECT_EQ(broken_lines("one two", 6), (Lines{"one", "two"}));
  EXPECT_EQ(broken_lines("serving.load_factor", 13), (Lines{"serving.load_", "factor"}));
  EXPECT_EQ(broken_lines("abcdefghij k", 4), (Lines{"abcd", "efgh", "ij k"}));
  EXPECT_EQ(broken_lines("盘古盘古", 5), (Lines{"盘古", "盘古"}));
  EXPECT_EQ(longest_piece("workload.load_factor"), 9);
}

}  // namespace
}  // namespace penstock::report
