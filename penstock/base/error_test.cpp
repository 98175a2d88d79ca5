// Goal: findings say where and what, all of them, in order of place; checks print their numbers.
// Method: messages by example.
#include "penstock/base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/base/check.h"

namespace penstock {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

std::shared_ptr<const Source> source(const char* name, const char* text) {
  return std::make_shared<Source>(Source{name, text});
}

std::vector<std::string> thrown(const Findings& findings) {
  std::vector<std::string> messages;
  try {
    findings.throw_if_any();
  } catch (const InputError& error) {
    for (const Finding& finding : error.findings()) messages.push_back(finding.message);
  }
  return messages;
}

TEST(Findings, AreThrownOnceSortedByPlaceWithinEachSource) {
  Findings findings;
  EXPECT_NO_THROW(findings.throw_if_any());
  const auto first = source("a", "x\ny\nz\n");
  const auto second = source("b", "x\ny\nz\n");
  findings.add(Mark{first, 3, 1}, "a3");
  findings.add(Mark{second, 2, 1}, "b2");
  findings.add(Mark{first, 1, 2}, "a1.2");
  findings.add(Mark{second, 1, 1}, "b1");
  findings.add(Mark{first, 1, 1}, "a1.1");
  EXPECT_THAT(thrown(findings), testing::ElementsAre("a1.1", "a1.2", "a3", "b1", "b2"));
}

TEST(Finding, ShowsTheLineAndUnderlinesTheWidth) {
  const Finding finding{Mark{source("f.yaml", "a: 1\nkey: bad\r\n"), 2, 6}, "is wrong", 3};
  EXPECT_EQ(to_text(finding), "f.yaml:2:6: is wrong\n    2 | key: bad\n      |      ^^^");
}

TEST(Finding, OddPlacesStayPrintable) {
  EXPECT_EQ(to_text(Finding{Mark{source("f", "a"), 0, 0}, "whole", 1}), "f: whole");
  EXPECT_EQ(to_text(Finding{Mark{source("f", "a"), 9, 9}, "beyond", 5}), "f:9:9: beyond");
  EXPECT_EQ(to_text(Finding{Mark{}, "nowhere", 1}), "input: nowhere");
  const std::string text = to_text(Finding{Mark{source("f", "\x01\tab"), 1, 3}, "m", 99});
  EXPECT_THAT(text, EndsWith("|   ^^")) << "no wider than the line, control bytes blanked";
}

TEST(Finding, LongListsAreCut) {
  Findings findings;
  for (int i = 0; i < 60; ++i) findings.add("x", "mistake " + std::to_string(i));
  const std::string text = to_text(findings.all());
  EXPECT_THAT(text, HasSubstr("mistake 49"));
  EXPECT_THAT(text, EndsWith("... and 10 more of 60 mistakes"));
}

TEST(Check, PrintsConditionAndNumbers) {
  const int used = 7;
  try {
    PENSTOCK_CHECK(used < 5, "{} pages of {}", used, 5);
    FAIL() << "the check held";
  } catch (const CheckFailure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("error_test.cpp:"));
    EXPECT_THAT(failure.what(), EndsWith("check failed: used < 5: 7 pages of 5"));
  }
  EXPECT_NO_THROW(PENSTOCK_CHECK(used == 7, "{}", used));
}

}  // namespace
}  // namespace penstock
