// Goal: the burstiness asked for, at the rate asked for. Method: moments of the gaps.
#include <gtest/gtest.h>

#include "penstock/workload/workload_test_support.h"

namespace penstock::workload {
namespace {

TEST(GammaRenewal, KeepsRateAndBurstiness) {
  for (const double burstiness : {0.5, 2.0}) {
    const auto stream = testing::arrivals_stream(
        fmt::format("{{process: gamma_renewal, rate: 5 req/s, burstiness: {}}}", burstiness),
        200'000);
    const auto gaps = testing::gaps_of(testing::arrival_seconds(*stream));
    EXPECT_NEAR(testing::mean_of(gaps), 0.2, 0.003);
    EXPECT_NEAR(testing::burstiness_of(gaps), burstiness, 0.03 * burstiness);
  }
}

TEST(GammaRenewal, BurstinessOneIsPoissonItself) {
  const auto gamma =
      testing::arrivals_stream("{process: gamma_renewal, rate: 5 req/s, burstiness: 1}", 1'000);
  const auto poisson = testing::arrivals_stream("{process: poisson, rate: 5 req/s}", 1'000);
  EXPECT_EQ(testing::arrival_seconds(*gamma), testing::arrival_seconds(*poisson));
}

}  // namespace
}  // namespace penstock::workload
