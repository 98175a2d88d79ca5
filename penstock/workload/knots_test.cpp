// Goal: few knots follow a sample. Method: the table's distribution function against the sample's.
#include "penstock/workload/knots.h"

#include <gtest/gtest.h>

#include <cmath>

#include "penstock/base/rng.h"

namespace penstock::workload {
namespace {

/// Share of the table at or below a value.
double share_at(const ScoreTable& table, double value) {
  return normal_cdf_factor(table.score_of_factor(value));
}

TEST(Knots, FollowASmoothSample) {
  Rng rng(1, "test");
  std::vector<double> values(10'000);
  for (double& v : values) v = rng.exponential_factor();
  const ScoreTable table(fit_knots(values, {.count = 24}));
  for (const double at : {0.01, 0.1, 0.5, 1.0, 2.0, 4.0}) {
    EXPECT_NEAR(share_at(table, at), 1.0 - std::exp(-at), 0.015) << at;
  }
}

TEST(Knots, KeepAnAtomAmongWholeNumbers) {
  // half of the prompts have exactly 500 tokens, the others 1 to 1000 evenly
  std::vector<double> values;
  for (int i = 1; i <= 1000; ++i) {
    values.push_back(i);
    values.push_back(500);
  }
  const ScoreTable table(fit_knots(values, {.count = 16, .whole_numbers = true}));
  EXPECT_NEAR(share_at(table, 499.0), 0.2495, 0.01);
  EXPECT_NEAR(share_at(table, 500.0), 0.75, 0.01);
}

TEST(Knots, AreNoMoreThanAskedAndInOrder) {
  Rng rng(2, "test");
  std::vector<double> values(50'000);
  for (double& v : values)
    v = std::floor(rng.uniform_factor() * 9.0) * 100.0 + rng.uniform_factor();
  const auto knots = fit_knots(values, {.count = 12});
  EXPECT_LE(knots.size(), 12U);
  for (size_t i = 1; i < knots.size(); ++i) {
    EXPECT_GE(knots[i].share_fraction, knots[i - 1].share_fraction);
    EXPECT_GE(knots[i].value_factor, knots[i - 1].value_factor);
  }
}

TEST(Knots, OneValueIsOneKnot) {
  const auto knots = fit_knots({7.0, 7.0, 7.0}, {});
  ASSERT_EQ(knots.size(), 1U);
  EXPECT_EQ(knots[0].value_factor, 7.0);
  EXPECT_EQ(fit_knots({3.0, 8.0}, {.whole_numbers = true}).back().value_factor, 8.0);
}

}  // namespace
}  // namespace penstock::workload
