// Goal: each piece has its own rate, the law of the gaps holds across pieces, and the profile
// repeats when asked for more. Method: counts per piece, gaps in operational time, bad configs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/workload/workload_test_support.h"

namespace penstock::workload {
namespace {

constexpr const char* kProfile =
    "{process: piecewise_rate, until: [100 s, 200 s, 250 s], rates: [10 req/s, 0 req/s, 40 req/s]}";

TEST(PiecewiseRate, EachPieceHasItsRate) {
  const auto stream = testing::arrivals_stream(kProfile, 300'000);
  std::vector<double> counts(3, 0.0);
  const auto times = testing::arrival_seconds(*stream);
  for (const double t : times) {
    const double phase = std::fmod(t, 250.0);
    counts[phase < 100.0 ? 0 : phase < 200.0 ? 1 : 2] += 1.0;
  }
  // 3,000 arrivals a pass, a third of them in the first piece
  EXPECT_NEAR(counts[0] / 300'000.0, 1.0 / 3.0, 0.005);
  EXPECT_EQ(counts[1], 0.0);
  EXPECT_NEAR(times.back(), 25'000.0, 200.0);
}

TEST(PiecewiseRate, GapsKeepTheirLawInOperationalTime) {
  const auto stream = testing::arrivals_stream(kProfile, 50'000);
  std::vector<double> operational;
  for (const double t : testing::arrival_seconds(*stream)) {
    const double pass = std::floor(t / 250.0);
    const double phase = t - 250.0 * pass;
    operational.push_back(3000.0 * pass + 10.0 * std::min(phase, 100.0) +
                          40.0 * std::max(0.0, phase - 200.0));
  }
  EXPECT_LT(testing::ks_distance(testing::gaps_of(operational),
                                 [](double g) { return 1.0 - std::exp(-g); }),
            0.0073);
}

TEST(PiecewiseRate, IsPlayedOnceUnlessMoreIsAskedFor) {
  const std::string text = std::string("arrivals: ") + kProfile +
                           "\nlengths: {input: {distribution: fixed, tokens: 1}, output: "
                           "{distribution: fixed, tokens: 1}}\n";
  const auto once = testing::arrival_seconds(*make_stream(testing::workload(text), 1));
  EXPECT_LT(once.back(), 250.0);
  EXPECT_NEAR(static_cast<double>(once.size()), 3'000.0, 250.0);
  const auto longer =
      testing::arrival_seconds(*make_stream(testing::workload(text + "duration: 500 s\n"), 1));
  EXPECT_GT(longer.back(), 450.0);
  EXPECT_LT(longer.back(), 500.0);
}

TEST(PiecewiseRate, MeasuredGapsReplaceGamma) {
  // nine gaps in ten are a tenth of the tenth
  const auto stream = testing::arrivals_stream(
      "{process: piecewise_rate, until: [100 s], rates: [10 req/s], gap_shares: [0, 0.9, 0.9, 1], "
      "gap_ratios: [1, 1, 10, 10]}",
      50'000);
  const auto gaps = testing::gaps_of(testing::arrival_seconds(*stream));
  EXPECT_NEAR(testing::mean_of(gaps), 0.1, 0.003);
  EXPECT_NEAR(
      *std::max_element(gaps.begin(), gaps.end()) / *std::min_element(gaps.begin(), gaps.end()),
      10.0, 0.01);
}

TEST(PiecewiseRate, NamesEveryMistakeOfTheProfile) {
  const std::string text = testing::mistakes(
      "arrivals:\n  process: piecewise_rate\n  until: [10 s, 5 s]\n  rates: [0 req/s]\n"
      "  gap_shares: [0.5, 0.4]\n  gap_ratios: [1]\n");
  EXPECT_THAT(text, ::testing::HasSubstr("4:10: 1 rates for 2 ends"));
  EXPECT_THAT(text, ::testing::HasSubstr("3:10: 'until' must increase"));
  EXPECT_THAT(text, ::testing::HasSubstr("4:10: at least one rate must be"));
  EXPECT_THAT(text, ::testing::HasSubstr("5:15: 2 'gap_shares' for 1 'gap_ratios'"));
  EXPECT_THAT(text, ::testing::HasSubstr("5:15: 'gap_shares' must not decrease"));
}

}  // namespace
}  // namespace penstock::workload
