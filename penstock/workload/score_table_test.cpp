// Goal: a table is the distribution its knots say. Method: lognormals, atoms, closed forms.
#include "penstock/workload/score_table.h"

#include <gtest/gtest.h>

#include "penstock/base/check.h"
#include "penstock/base/rng.h"

namespace penstock::workload {
namespace {

// Two knots of a lognormal are the whole lognormal: median 100, sigma 0.5.
ScoreTable lognormal() {
  const auto at = [](double z) {
    return ScoreTable::Knot{normal_cdf_factor(z), 100.0 * std::exp(0.5 * z)};
  };
  return ScoreTable({at(-4.0), at(4.0)});
}

TEST(ScoreTable, TwoKnotsAreALognormal) {
  const ScoreTable table = lognormal();
  for (const double z : {-3.9, -1.0, -0.01, 0.0, 0.7, 2.2, 3.99}) {
    EXPECT_NEAR(table.value_factor(z), 100.0 * std::exp(0.5 * z), 1e-7) << z;
  }
  EXPECT_NEAR(table.mean_factor(), 100.0 * std::exp(0.125), 0.01);
}

TEST(ScoreTable, IsConstantOutsideItsKnots) {
  const ScoreTable table({{0.1, 5.0}, {0.9, 50.0}});
  EXPECT_NEAR(table.value_factor(-8.5), 5.0, 1e-12);
  EXPECT_NEAR(table.value_factor(8.5), 50.0, 1e-12);
  EXPECT_NEAR(ScoreTable({{0.5, 7.0}}).value_factor(1.0), 7.0, 1e-12);
}

TEST(ScoreTable, HoldsAtomsAndJumps) {
  // 30 % are 10, 50 % are 1000, nothing lies between; the rest is 2000
  const ScoreTable table({{0.3, 10.0}, {0.3, 1000.0}, {0.8, 1000.0}, {0.8, 2000.0}});
  EXPECT_NEAR(table.value_factor(normal_quantile_factor(0.299)), 10.0, 1e-9);
  EXPECT_NEAR(table.value_factor(normal_quantile_factor(0.301)), 1000.0, 1e-9);
  EXPECT_NEAR(table.value_factor(normal_quantile_factor(0.799)), 1000.0, 1e-9);
  EXPECT_NEAR(table.value_factor(normal_quantile_factor(0.801)), 2000.0, 1e-9);
  EXPECT_NEAR(table.mean_factor(), 0.3 * 10 + 0.5 * 1000 + 0.2 * 2000, 1e-6);
}

TEST(ScoreTable, ScoreOfIsTheInverse) {
  const ScoreTable table({{0.01, 3.0}, {0.2, 40.0}, {0.6, 41.0}, {0.999, 9000.0}});
  for (const double value : {3.5, 12.0, 40.5, 100.0, 8999.0}) {
    EXPECT_NEAR(table.value_factor(table.score_of_factor(value)), value, 1e-9 * value);
  }
  EXPECT_EQ(table.score_of_factor(2.9), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(table.score_of_factor(9000.1), std::numeric_limits<double>::infinity());
}

TEST(ScoreTable, PartialMeanAgreesWithNumericalIntegration) {
  const ScoreTable table({{0.01, 3.0}, {0.2, 40.0}, {0.6, 41.0}, {0.999, 9000.0}});
  constexpr double kStep = 1e-4;
  double sum = 0.0;
  for (double z = -9.0; z < 1.5; z += kStep) {
    const double middle = z + kStep / 2;
    sum += table.value_factor(middle) * std::exp(-middle * middle / 2) * kStep;
  }
  sum /= std::sqrt(2.0 * 3.14159265358979323846);
  EXPECT_NEAR(table.mean_below_factor(1.5), sum, 1e-3 * sum);
  EXPECT_NEAR(table.scaled(3.0).mean_below_factor(1.5), 3.0 * sum, 3e-3 * sum);
}

TEST(ScoreTable, RefusesKnotsOutOfOrder) {
  EXPECT_THROW(ScoreTable({}), CheckFailure);
  EXPECT_THROW(ScoreTable({{0.5, 2.0}, {0.4, 3.0}}), CheckFailure);
  EXPECT_THROW(ScoreTable({{0.5, 2.0}, {0.6, 1.0}}), CheckFailure);
  EXPECT_THROW(ScoreTable({{0.5, 0.0}}), CheckFailure);
}

}  // namespace
}  // namespace penstock::workload
