// Goal: a step yields what geometric acceptance says, and whole tokens follow from whole steps.
// Method: yields by hand, brute force for steps and tokens.
#include "penstock/serving/decode_pace.h"

#include <gtest/gtest.h>

namespace penstock::serving {
namespace {

double yield_of(int64_t drafts, double acceptance) {
  const DecodePace pace = DecodePace::of(SpeculationConfig{drafts, acceptance}, 16);
  EXPECT_EQ(pace.queries, drafts + 1);
  return static_cast<double>(pace.gain) / static_cast<double>(pace.unit);
}

TEST(DecodePace, YieldsTheExpectationOfGeometricAcceptance) {
  EXPECT_EQ(yield_of(1, 0.5), 1.5);
  EXPECT_EQ(yield_of(2, 0.5), 1.75);
  EXPECT_EQ(yield_of(3, 1.0), 4.0);
  EXPECT_EQ(yield_of(5, 0.0), 1.0);
  EXPECT_NEAR(yield_of(3, 0.8), (1.0 - 0.4096) / 0.2, 0.5 / 1024.0);
}

TEST(DecodePace, NoSpeculationIsATokenAStep) {
  const DecodePace pace = DecodePace::of(std::nullopt, 16);
  EXPECT_EQ(pace.queries, 1);
  EXPECT_EQ(pace.unit, 1);
  EXPECT_EQ(pace.steps_for(7), 7);
  EXPECT_EQ(pace.tokens_after(7), 7);
}

TEST(DecodePace, StepsAreTheFewestThatBringTheTokens) {
  for (const double acceptance : {0.0, 0.3, 0.77, 1.0}) {
    const DecodePace pace = DecodePace::of(SpeculationConfig{3, acceptance}, 64);
    for (int64_t tokens = 1; tokens < 500; ++tokens) {
      const int64_t steps = pace.steps_for(tokens);
      ASSERT_GE(pace.tokens_after(steps), tokens);
      ASSERT_LT(pace.tokens_after(steps - 1), tokens);
      ASSERT_LT(pace.tokens_after(steps), tokens + pace.queries);
    }
  }
}

TEST(DecodePace, LargePagesHaveCoarserParts) {
  const DecodePace pace = DecodePace::of(SpeculationConfig{1, 0.77}, 65536);
  EXPECT_LE(pace.unit * 65536, 1 << 20);
  EXPECT_NEAR(static_cast<double>(pace.gain) / static_cast<double>(pace.unit), 1.77, 0.04);
}

}  // namespace
}  // namespace penstock::serving
