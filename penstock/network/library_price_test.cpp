// Goal: the formulas say what their comments do. Method: cases worked by hand.
#include "penstock/network/library_price.h"

#include <gtest/gtest.h>

namespace penstock::network {
namespace {

TEST(BentSum, LiesBetweenTheLongerAndTheSum) {
  EXPECT_DOUBLE_EQ(bent_sum(3.0_us, 4.0_us, 1.0).value(), 7e-6);
  EXPECT_DOUBLE_EQ(bent_sum(3.0_us, 4.0_us, 2.0).value(), 5e-6);
  EXPECT_NEAR(bent_sum(3.0_us, 4.0_us, 60.0).value(), 4e-6, 1e-9);
  // below one the way to full speed is longer than start and bytes together
  EXPECT_GT(bent_sum(3.0_us, 4.0_us, 0.5), 7.0_us);
  // negative: a soft minimum
  EXPECT_NEAR(bent_sum(3.0_us, 30.0_us, -6.0).value(), 3e-6, 1e-9);
  EXPECT_EQ(bent_sum(Seconds(), 4.0_us, 2.0), 4.0_us);
}

TEST(FlatTimes, FollowTheAlgorithms) {
  const auto times = [](Operation op) {
    return flat_times({op, 4, Bytes(100.0)}, BytesPerSecond(1.0));
  };
  EXPECT_DOUBLE_EQ(times(Operation::kAllReduce).ring.value(), 150.0);
  EXPECT_EQ(times(Operation::kAllReduce).ring_round_count, 6);
  EXPECT_DOUBLE_EQ(times(Operation::kAllReduce).direct.value(), 150.0);
  EXPECT_DOUBLE_EQ(times(Operation::kAllReduce).in_switch.value(), 125.0);
  EXPECT_DOUBLE_EQ(times(Operation::kAllGather).ring.value(), 75.0);
  EXPECT_EQ(times(Operation::kAllGather).ring_round_count, 3);
  EXPECT_DOUBLE_EQ(times(Operation::kAllToAll).direct.value(), 75.0);
  EXPECT_DOUBLE_EQ(times(Operation::kSendReceive).direct.value(), 100.0);
}

TEST(SharedBuffer, ShotsFollowTheirBytes) {
  SharedBufferModel model;
  model.kernel = {1.0_us, 1.0_us, 0.1_us, 0.5, 0.5};
  model.one_shot_max = Bytes(8e6);
  model.payload_max = Bytes(16e6);
  const auto taken = [&](double bytes, int64_t ranks) {
    const LibraryCall call{Operation::kAllReduce, ranks, Bytes(bytes)};
    return duration_of(model, call, flat_times(call, 100.0_GBps), {1.0_s, "ring", "Simple"});
  };
  // launch, one barrier of eight, seven buffers at 50 GB/s
  EXPECT_NEAR(taken(1e5, 8).duration.value(), 1e-6 + 1.7e-6 + 14e-6, 1e-12);
  // launch, two barriers, 2 x 7/8 of the buffer
  EXPECT_EQ(taken(8e6, 8).algorithm, "two_shot");
  EXPECT_NEAR(taken(8e6, 8).duration.value(), 1e-6 + 3.4e-6 + 280e-6, 1e-12);
  EXPECT_EQ(taken(8e6, 2).algorithm, "one_shot");
  EXPECT_EQ(taken(17e6, 8).duration, 1.0_s);
  EXPECT_EQ(taken(1e5, 9).protocol, "Simple");
}

TEST(Plain, MessagesMayDifferFromRings) {
  PlainModel model;
  model.ring = {10.0_us, 1.0_us, 0.5, 1.0, 0.0001};
  const LibraryCall gather{Operation::kAllGather, 2, Bytes(1e6)};
  const LibraryCall message{Operation::kSendReceive, 2, Bytes(5e5)};
  const auto taken = [&](const LibraryCall& call) {
    return duration_of(model, call, flat_times(call, 100.0_GBps)).duration;
  };
  EXPECT_EQ(taken(gather), taken(message));
  model.message = {1.0_us, 1.0_us, 0.5, 1.0, 0.0001};
  EXPECT_NEAR(taken(message).value(), 12e-6, 1e-12);
}

}  // namespace
}  // namespace penstock::network
