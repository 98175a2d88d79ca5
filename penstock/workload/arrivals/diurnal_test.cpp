// Goal: the rate follows the cosine and the gaps their law. Method: counts by hour against the
// integral of the rate; gaps in operational time against the exponential distribution.
#include <gtest/gtest.h>

#include <numbers>

#include "penstock/workload/workload_test_support.h"

namespace penstock::workload {
namespace {

constexpr const char* kWave =
    "{process: diurnal, mean_rate: 2 req/s, amplitude: 1, period: 24 h, peak_at: 14 h}";

// integral of the rate from zero
double operational(double t) {
  const double w = 2.0 * std::numbers::pi / 86'400.0;
  const double peak = 14.0 * 3'600.0;
  return 2.0 * (t + (std::sin(w * (t - peak)) + std::sin(w * peak)) / w);
}

TEST(Diurnal, HoursFollowTheWave) {
  const auto stream = testing::arrivals_stream(kWave, 180'000);
  const auto times = testing::arrival_seconds(*stream);
  ASSERT_GT(times.back(), 86'400.0);
  std::vector<double> counts(24, 0.0);
  for (const double t : times) {
    if (t < 86'400.0) counts[static_cast<size_t>(t / 3'600.0)] += 1.0;
  }
  for (int hour = 0; hour < 24; ++hour) {
    const double expected = operational((hour + 1) * 3'600.0) - operational(hour * 3'600.0);
    EXPECT_NEAR(counts[static_cast<size_t>(hour)], expected, 5.0 * std::sqrt(expected) + 1.0)
        << hour;
  }
}

TEST(Diurnal, GapsKeepTheirLawInOperationalTime) {
  const auto stream = testing::arrivals_stream(kWave, 50'000);
  std::vector<double> scaled;
  for (const double t : testing::arrival_seconds(*stream)) scaled.push_back(operational(t));
  EXPECT_LT(
      testing::ks_distance(testing::gaps_of(scaled), [](double g) { return 1.0 - std::exp(-g); }),
      0.0073);
}

TEST(Diurnal, ASteadyBeatSolvesTheIntegralExactly) {
  // burstiness 0: arrivals are where the integral passes 1, 2, 3, ...
  const auto stream = testing::arrivals_stream(
      "{process: diurnal, mean_rate: 2 req/s, amplitude: 1, burstiness: 0}", 20'000);
  double expected = 1.0;
  for (const double t : testing::arrival_seconds(*stream)) {
    ASSERT_NEAR(operational(t), expected, 1e-5) << t;
    expected += 1.0;
  }
}

}  // namespace
}  // namespace penstock::workload
