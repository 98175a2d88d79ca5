// Goal: everything at zero, and never without an end. Method: the stream and the check.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/workload/workload_test_support.h"

namespace penstock::workload {
namespace {

TEST(AtOnce, AllArriveAtZero) {
  const auto stream = testing::arrivals_stream("{process: at_once}", 1'000);
  const auto times = testing::arrival_seconds(*stream);
  EXPECT_EQ(times, std::vector<double>(1'000, 0.0));
}

TEST(AtOnce, NeedsANumberOfRequests) {
  EXPECT_THAT(testing::mistakes("arrivals: {process: at_once}\nduration: 1 h\nlengths:\n"
                                "  input: {distribution: fixed, tokens: 1}\n"
                                "  output: {distribution: fixed, tokens: 1}\n"),
              ::testing::HasSubstr("test.yaml:1:1: all come at once and never end"));
}

}  // namespace
}  // namespace penstock::workload
