// Goal: gaps have mean one and the burstiness asked for. Method: published gamma quantiles, and
// moments of many draws against their theory.
#include "penstock/workload/gap_law.h"

#include <gtest/gtest.h>

#include "penstock/workload/workload_test_support.h"

namespace penstock::workload {
namespace {

std::vector<double> draws(const GapLaw& law, int count) {
  Rng rng(7, "test");
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(law.draw_factor(rng));
  return values;
}

TEST(GammaQuantile, AgreesWithChiSquareTables) {
  // chi-square with k degrees of freedom is 2 * gamma(k / 2): NIST handbook 1.3.6.7.4
  const auto chi_square = [](double k, double share) {
    return 2.0 * std::exp(gamma_log_quantile_factor(k / 2.0, share));
  };
  EXPECT_NEAR(chi_square(1, 0.95), 3.841, 5e-4);
  EXPECT_NEAR(chi_square(10, 0.99), 23.209, 5e-4);
  EXPECT_NEAR(chi_square(100, 0.999), 149.449, 5e-4);
  EXPECT_NEAR(chi_square(10, 0.01), 2.558, 5e-4);
  // shape one is the exponential distribution, also far in both tails
  for (const double share : {1e-6, 0.1, 0.5, 0.9, 1.0 - 1e-6}) {
    EXPECT_NEAR(std::exp(gamma_log_quantile_factor(1.0, share)) / -std::log1p(-share), 1.0, 1e-8);
  }
  // a small shape goes as (share * Gamma(a + 1))^(1 / a)
  EXPECT_NEAR(gamma_log_quantile_factor(0.01, 0.001), (std::log(0.001) + std::lgamma(1.01)) / 0.01,
              1e-6);
}

TEST(GapLaw, HasMeanOneAndTheBurstinessAskedFor) {
  for (const double burstiness : {0.25, 0.9, 1.0, 1.5, 3.0}) {
    const std::vector<double> gaps = draws(GapLaw::gamma(burstiness), 400'000);
    EXPECT_NEAR(testing::mean_of(gaps), 1.0, 0.02) << burstiness;
    EXPECT_NEAR(testing::burstiness_of(gaps), burstiness, 0.03 * burstiness) << burstiness;
  }
  for (const double gap : draws(GapLaw::gamma(0.0), 10)) EXPECT_EQ(gap, 1.0);
}

TEST(GapLaw, TheTableIsTheGammaDistribution) {
  // shape 1/4 (burstiness 2) through its own quantiles: uniform if and only if it is that gamma
  const std::vector<double> gaps = draws(GapLaw::gamma(2.0), 100'000);
  std::vector<double> knots;
  for (int i = 1; i < 200; ++i) {
    knots.push_back(std::exp(gamma_log_quantile_factor(0.25, i / 200.0)) / 0.25);
  }
  std::vector<int> counts(knots.size() + 1, 0);
  for (const double gap : gaps) {
    ++counts[static_cast<size_t>(std::upper_bound(knots.begin(), knots.end(), gap) -
                                 knots.begin())];
  }
  double chi_square = 0.0;
  for (const int count : counts) chi_square += (count - 500.0) * (count - 500.0) / 500.0;
  // 199 degrees of freedom: mean 199, standard deviation 20
  EXPECT_LT(chi_square, 199.0 + 5 * 20.0);
}

TEST(GapLaw, ATableIsScaledToMeanOne) {
  const ScoreTable shape({{0.1, 2.0}, {0.5, 3.0}, {0.99, 400.0}});
  EXPECT_NEAR(testing::mean_of(draws(GapLaw::table(shape), 400'000)), 1.0, 0.02);
}

}  // namespace
}  // namespace penstock::workload
