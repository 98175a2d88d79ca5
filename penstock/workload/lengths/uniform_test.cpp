// Goal: every count of the range, equally often. Method: frequencies of many draws.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/workload/workload_test_support.h"

namespace penstock::workload {
namespace {

TEST(Uniform, EveryCountIsEquallyLikely) {
  std::vector<double> counts(11, 0.0);
  for (const double t :
       testing::drawn_lengths("{distribution: uniform, min_tokens: 5, max_tokens: 15}", 110'000)) {
    ASSERT_GE(t, 5.0);
    ASSERT_LE(t, 15.0);
    counts[static_cast<size_t>(t) - 5] += 1.0;
  }
  for (const double count : counts) EXPECT_NEAR(count, 10'000.0, 500.0);
}

TEST(Uniform, RefusesAnEmptyRange) {
  EXPECT_THAT(
      testing::mistakes("lengths: {input: {distribution: uniform, min_tokens: 5, max_tokens: 4}}"),
      ::testing::HasSubstr("'max_tokens' 4 is below 'min_tokens' 5"));
}

}  // namespace
}  // namespace penstock::workload
