/// Goal: the closed-form collectives obey their limits. Method: hand numbers and monotonicity.
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

TEST(Collectives, AllReduceIsAReduceScatterAndAnAllGather) {
  for (const int64_t ranks : {2, 4, 72}) {
    for (const double bytes : {1e4, 1e8}) {
      const Seconds latency =
          kDomain.latency + kDomain.latency_per_rank * static_cast<double>(ranks);
      const Seconds sum = reduce_scatter_duration(kDomain, ranks, Bytes(bytes)) +
                          all_gather_duration(kDomain, ranks, Bytes(bytes));
      EXPECT_NEAR((all_reduce_duration(kDomain, ranks, Bytes(bytes)) + latency) / sum, 1.0, 1e-12);
    }
  }
}

TEST(Collectives, AllToAllSendsAllButItsOwnPart) {
  // 7/8 of 80 MB over 337.5 GB/s is 207.4 us; latency adds 6 us
  EXPECT_NEAR(all_to_all_duration(kDomain, 8, 0.08_GB).value(), 0.07e9 / 337.5e9 + 6e-6, 1e-12);
  EXPECT_EQ(all_to_all_duration(kDomain, 1, 0.08_GB), Seconds());
  EXPECT_EQ(all_gather_duration(kDomain, 8, Bytes()), Seconds());
}

}  // namespace
}  // namespace penstock::network
