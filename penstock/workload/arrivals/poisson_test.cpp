// Goal: a Poisson process. Method: gaps against the exponential distribution, counts per second
// against their variance, and the load factor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/workload/workload_test_support.h"

namespace penstock::workload {
namespace {

TEST(Poisson, GapsAreExponential) {
  const auto stream = testing::arrivals_stream("{process: poisson, rate: 8 req/s}", 50'000);
  const auto gaps = testing::gaps_of(testing::arrival_seconds(*stream));
  EXPECT_NEAR(testing::mean_of(gaps), 1.0 / 8.0, 0.002);
  // the 1 % point of the KS statistic at this size is 1.63 / sqrt(50,000) = 0.0073
  EXPECT_LT(testing::ks_distance(gaps, [](double g) { return 1.0 - std::exp(-8.0 * g); }), 0.0073);
}

TEST(Poisson, CountsHaveVarianceEqualToTheirMean) {
  const auto stream = testing::arrivals_stream("{process: poisson, rate: 8 req/s}", 80'000);
  std::vector<double> counts(9'000, 0.0);
  for (const double t : testing::arrival_seconds(*stream)) {
    if (t < 9'000.0) counts[static_cast<size_t>(t)] += 1.0;
  }
  EXPECT_NEAR(testing::burstiness_of(counts), 1.0 / std::sqrt(8.0), 0.01);
}

TEST(Poisson, TheLoadFactorMultipliesTheRate) {
  const std::string text =
      "arrivals: {process: poisson, rate: 8 req/s}\nlengths: {input: {distribution: fixed, tokens: "
      "1}, output: {distribution: fixed, tokens: 1}}\nrequests: 1000\n";
  const auto plain = testing::arrival_seconds(*make_stream(testing::workload(text), 3));
  const auto loaded =
      testing::arrival_seconds(*make_stream(testing::workload(text + "load_factor: 4\n"), 3));
  for (size_t i = 0; i < plain.size(); ++i) EXPECT_NEAR(loaded[i], plain[i] / 4.0, 1e-9);
}

TEST(Poisson, ListsMistakes) {
  EXPECT_THAT(
      testing::mistakes("arrivals: {process: poisson, rate: 8}\nlengths: 3\n"),
      ::testing::AllOf(::testing::HasSubstr("test.yaml:1:36: 'rate' needs a unit of a rate"),
                       ::testing::HasSubstr("test.yaml:2:10: expected a group of keys")));
}

}  // namespace
}  // namespace penstock::workload
