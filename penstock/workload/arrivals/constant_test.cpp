// Goal: equal gaps that do not drift. Method: the n-th arrival against n / rate.
#include <gtest/gtest.h>

#include "penstock/workload/workload_test_support.h"

namespace penstock::workload {
namespace {

TEST(Constant, TheNthArrivalIsNOverRate) {
  const auto stream = testing::arrivals_stream("{process: constant, rate: 3 req/s}", 100'000);
  const auto times = testing::arrival_seconds(*stream);
  ASSERT_EQ(times.size(), 100'000U);
  for (size_t i = 0; i < times.size(); ++i) {
    ASSERT_NEAR(times[i], static_cast<double>(i) / 3.0, 1e-9) << i;
  }
}

TEST(Constant, EndsWithTheClock) {
  // one arrival every 58 days: the second is inside 100 days, the third is not
  const auto stream = testing::arrivals_stream("{process: constant, rate: 0.0000002 req/s}", 10);
  EXPECT_EQ(testing::arrival_seconds(*stream).size(), 2U);
}

}  // namespace
}  // namespace penstock::workload
