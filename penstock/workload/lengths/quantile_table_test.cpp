// Goal: the share of draws at or below each knot is the knot's share. Method: count; bad tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/workload/workload_test_support.h"

namespace penstock::workload {
namespace {

TEST(QuantileTable, DrawsHaveTheSharesOfTheKnots) {
  const auto drawn = testing::drawn_lengths(
      "{distribution: quantile_table, shares: [0.1, 0.5, 0.6, 0.99], tokens: [7, 100, 100, 4000]}",
      200'000);
  const auto share_at_most = [&](double t) {
    return static_cast<double>(
               std::count_if(drawn.begin(), drawn.end(), [&](double d) { return d <= t; })) /
           static_cast<double>(drawn.size());
  };
  EXPECT_NEAR(share_at_most(6.0), 0.0, 1e-9);
  EXPECT_NEAR(share_at_most(7.0), 0.1, 0.004);
  EXPECT_NEAR(share_at_most(100.0), 0.6, 0.004);
  // the atom at 100 holds the ten per cent between its two knots, and little more
  EXPECT_NEAR(share_at_most(100.0) - share_at_most(99.0), 0.1, 0.01);
  EXPECT_NEAR(share_at_most(3999.0), 0.99, 0.002);
  EXPECT_NEAR(share_at_most(4000.0), 1.0, 1e-9);
}

TEST(QuantileTable, NamesEveryMistakeOfTheTable) {
  const std::string text = testing::mistakes(
      "lengths:\n  input: {distribution: quantile_table, shares: [], tokens: []}\n"
      "  output: {distribution: quantile_table, shares: [0.5, 0.1, 1.5], tokens: [3, 2]}\n");
  EXPECT_THAT(text, ::testing::HasSubstr("2:49: needs an entry"));
  EXPECT_THAT(text, ::testing::HasSubstr("3:61: 'shares' must be between 0 and 1"));
  EXPECT_THAT(text, ::testing::HasSubstr("3:50: 'shares' must not decrease"));
  EXPECT_THAT(text, ::testing::HasSubstr("'tokens' must not decrease"));
  EXPECT_THAT(text, ::testing::HasSubstr("2 'tokens' for 3 'shares'"));
}

}  // namespace
}  // namespace penstock::workload
