// Goal: a mistyped name finds the one that was meant, and nothing far away is offered.
// Method: distances against a plain recursive definition on random words; messages by example.
#include "penstock/base/text.h"

#include <gtest/gtest.h>

#include <array>

#include "penstock/base/rng.h"

namespace penstock {
namespace {

/// Optimal string alignment by its definition, exponential in the length.
int distance_by_definition(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return static_cast<int>(a.size() + b.size());
  const std::string_view c = a.substr(0, a.size() - 1);
  const std::string_view d = b.substr(0, b.size() - 1);
  int best = std::min({distance_by_definition(c, b) + 1, distance_by_definition(a, d) + 1,
                       distance_by_definition(c, d) + (a.back() == b.back() ? 0 : 1)});
  if (a.size() > 1 && b.size() > 1 && a.back() == d.back() && c.back() == b.back()) {
    best = std::min(
        best, distance_by_definition(c.substr(0, c.size() - 1), d.substr(0, d.size() - 1)) + 1);
  }
  return best;
}

std::string random_word(Rng& rng) {
  std::string word;
  for (int64_t i = rng.below(6); i > 0; --i) word += static_cast<char>('a' + rng.below(3));
  return word;
}

TEST(EditDistance, AgreesWithItsDefinition) {
  Rng rng(1, "words");
  for (int i = 0; i < 500; ++i) {
    const std::string a = random_word(rng);
    const std::string b = random_word(rng);
    ASSERT_EQ(edit_distance(a, b), distance_by_definition(a, b)) << a << " and " << b;
    ASSERT_EQ(edit_distance(a, b), edit_distance(b, a)) << a << " and " << b;
  }
}

TEST(EditDistance, ASwapIsOneMistakeAndCaseIsNone) {
  EXPECT_EQ(edit_distance("repilcas", "replicas"), 1);
  EXPECT_EQ(edit_distance("H100_SXM", "h100_sxm"), 0);
  EXPECT_EQ(edit_distance("", "abc"), 3);
}

TEST(Nearest, OffersTheClosestFirstAndNothingFarAway) {
  const std::vector<std::string> names = {"h100_sxm", "h200_sxm", "a100_sxm_80", "gb200_nvl72"};
  EXPECT_EQ(nearest("h100_smx", names).front(), "h100_sxm");
  EXPECT_EQ(nearest("H100", names).front(), "h100_sxm") << "a part of a longer name is near";
  EXPECT_TRUE(nearest("zebra", names).empty());
  EXPECT_EQ(nearest("h100_sxn", names, 1).size(), 1U);
  EXPECT_FALSE(nearest(std::string(100000, 'x'), names).size() > 3) << "long words stay cheap";
}

TEST(Suggestion, SpeaksByHowManyAreNear) {
  const std::vector<std::string> few = {"fcfs", "priority"};
  EXPECT_EQ(suggestion("fcsf", few), "; did you mean 'fcfs'?");
  EXPECT_EQ(suggestion("zzzzzz", few), "; known: 'fcfs', 'priority'");
  EXPECT_EQ(suggestion("cat", std::vector<std::string>{"bat", "hat"}), "; nearest: 'bat', 'hat'");
  EXPECT_EQ(suggestion("x", std::vector<std::string>{}), "");
}

TEST(Text, SmallHelpers) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(lower("AbC-\xC3\x84"), "abc-\xC3\x84") << "only ASCII letters change";
  EXPECT_EQ(split("a,,b", ',').size(), 3U);
  EXPECT_EQ(split("", ',').size(), 1U);
  EXPECT_EQ(join(std::vector<std::string>{"a", "b"}, "-"), "a-b");
}

TEST(Text, ThousandsAreSeparated) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(-1234567), "-1,234,567");
  EXPECT_EQ(with_commas(INT64_MIN), "-9,223,372,036,854,775,808");
}

}  // namespace
}  // namespace penstock
