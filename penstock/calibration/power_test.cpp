// Shares come back from samples made by known ones, through scatter and the cap.
#include "penstock/calibration/power.h"

#include <gtest/gtest.h>

#include "penstock/base/rng.h"

namespace penstock::calibration {
namespace {

TEST(PowerTest, FindsKnownShares) {
  Rng rng(1, "power");
  std::vector<PowerSample> samples;
  for (int i = 0; i < 400; ++i) {
    PowerSample s{rng.uniform_factor(), rng.uniform_factor(), 0.0};
    const double power = std::min(1.0, 0.2 + 0.7 * s.compute_fraction + 0.4 * s.memory_fraction);
    s.power_fraction = power * (0.9 + 0.2 * rng.uniform_factor());
    samples.push_back(s);
  }
  const auto fit = fit_power(samples);
  ASSERT_TRUE(fit.has_value());
  EXPECT_NEAR(fit->shares.idle_fraction, 0.2, 0.03);
  EXPECT_NEAR(fit->shares.compute_fraction, 0.7, 0.07);
  EXPECT_NEAR(fit->shares.memory_fraction, 0.4, 0.05);
  EXPECT_LT(fit->error_fraction, 0.08);
}

TEST(PowerTest, AFewSamplesAreNone) {
  EXPECT_FALSE(fit_power(std::vector<PowerSample>(10)).has_value());
}

}  // namespace
}  // namespace penstock::calibration
