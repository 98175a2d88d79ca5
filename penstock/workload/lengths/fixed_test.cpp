// Goal: one count for all. Method: draw.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/workload/workload_test_support.h"

namespace penstock::workload {
namespace {

TEST(Fixed, IsTheSameForAll) {
  EXPECT_EQ(testing::drawn_lengths("{distribution: fixed, tokens: 512}", 300),
            std::vector<double>(300, 512.0));
}

TEST(Fixed, NeedsAtLeastOneToken) {
  EXPECT_THAT(testing::mistakes("lengths: {input: {distribution: fixed, tokens: 0}}"),
              ::testing::HasSubstr("'tokens' must be between 1 and"));
}

}  // namespace
}  // namespace penstock::workload
