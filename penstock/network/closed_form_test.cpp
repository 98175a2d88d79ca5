/// Goal: the closed-form all-reduce obeys its limits. Method: hand numbers and monotonicity.
#include "penstock/network/closed_form.h"

#include <gtest/gtest.h>

namespace penstock::network {
namespace {

const ScaleUpDomain kDomain{450.0_GBps, 4.0_us, 0.25_us, 0.75};

TEST(AllReduce, OneRankOrNothingTakesNoTime) {
  EXPECT_EQ(all_reduce_duration(kDomain, 1, 1.0_GB), Seconds());
  EXPECT_EQ(all_reduce_duration(kDomain, 8, Bytes()), Seconds());
}

TEST(AllReduce, LargePayloadApproachesTheBandwidthBound) {
  // 2 * 7/8 * 1 GB over 450 GB/s at 0.75 is 5.185 ms; latency adds 6 us
  const Seconds duration = all_reduce_duration(kDomain, 8, 1.0_GB);
  EXPECT_NEAR(duration.value(), 1.75e9 / (450e9 * 0.75) + 6e-6, 1e-9);
  // and never beats the link itself
  EXPECT_GT(duration, 1.75_GB / 450.0_GBps);
}

TEST(AllReduce, MoreBytesOrRanksNeverTakeLess) {
  Seconds last;
  for (const double bytes : {1e3, 1e5, 1e7, 1e9}) {
    const Seconds duration = all_reduce_duration(kDomain, 4, Bytes(bytes));
    EXPECT_GT(duration, last);
    EXPECT_GT(all_reduce_duration(kDomain, 8, Bytes(bytes)), duration);
    last = duration;
  }
}

}  // namespace
}  // namespace penstock::network
