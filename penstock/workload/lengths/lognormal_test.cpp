// Goal: median, spread, cuts and the closed-form mean. Method: many draws against theory.
#include <gtest/gtest.h>

#include "penstock/base/rng.h"
#include "penstock/workload/workload_test_support.h"

namespace penstock::workload {
namespace {

TEST(Lognormal, IsOne) {
  const auto drawn =
      testing::drawn_lengths("{distribution: lognormal, median_tokens: 1000, sigma: 0.8}", 50'000);
  EXPECT_LT(
      testing::ks_distance(
          drawn, [](double t) { return normal_cdf_factor(std::log((t + 0.5) / 1000.0) / 0.8); }),
      0.0085);
  EXPECT_NEAR(testing::mean_of(drawn), 1000.0 * std::exp(0.32), 15.0);
}

TEST(Lognormal, CutsMoveTheMeanAsTheClosedFormSays) {
  const std::string text =
      "{distribution: lognormal, median_tokens: 1000, sigma: 1, min_tokens: 500, max_tokens: 2000}";
  const auto drawn = testing::drawn_lengths(text, 200'000);
  EXPECT_EQ(*std::min_element(drawn.begin(), drawn.end()), 500.0);
  EXPECT_EQ(*std::max_element(drawn.begin(), drawn.end()), 2000.0);
  Findings findings;
  const Node node = testing::yaml("{input: " + text + ", output: " + text + "}", findings);
  const auto lengths = read_config<LengthsConfig>(node, findings);
  EXPECT_NEAR(lengths.input->mean().value(), testing::mean_of(drawn), 5.0);
}

}  // namespace
}  // namespace penstock::workload
