// Attention of generation steps: bandwidth-bound for large caches, split for small batches, never
// below the roofline, smooth in the context.
#include "penstock/compute/kernels/attention_decode.h"

#include <gtest/gtest.h>

#include <cmath>

#include "penstock/compute/kernels/kernel_test_support.h"

namespace penstock::compute {
namespace {

using catalog::Dtype;

AttentionDecodeCall call(int64_t sequences, int64_t context_each, int64_t query = 32,
                         int64_t kv = 8, int64_t window = 0) {
  return {.shape = {.query_head_count = query,
                    .kv_head_count = kv,
                    .key_dim = 128,
                    .value_dim = 128,
                    .window_tokens = window},
          .sequence_count = sequences,
          .context_tokens = sequences * context_each};
}

Seconds duration(const AttentionDecodeCall& c, const AttentionDecodeGroup& group = {}) {
  static const Machine machine = test::machine_of("h100_sxm");
  return attention_decode_duration(machine, {}, group, c);
}

TEST(AttentionDecodeTest, LargeCachesStreamAtTheMemoryShare) {
  // 64 sequences of 8192 tokens of 4 KiB: 2.15 GB, 641 us at 3.35 TB/s, 754 us at 85 % of it
  const double us = duration(call(64, 8192)).value() * 1e6;
  EXPECT_GT(us, 754.0);
  EXPECT_LT(us, 1100.0);
}

TEST(AttentionDecodeTest, EmptyCallsTakeNoTime) {
  EXPECT_EQ(duration(call(0, 100)), Seconds());
  EXPECT_EQ(duration(call(4, 100, 0, 0)), Seconds());
}

TEST(AttentionDecodeTest, SplitContextsBeatOneLongWalk) {
  AttentionDecodeGroup whole;
  whole.split_tokens_factor = 1e6;
  EXPECT_LT(duration(call(1, 100000)), 0.3 * duration(call(1, 100000), whole));
  // a batch that fills the multiprocessors gains nothing by splitting
  EXPECT_NEAR(duration(call(256, 4000)).value(), duration(call(256, 4000), whole).value(),
              1e-3 * duration(call(256, 4000)).value());
}

TEST(AttentionDecodeTest, NeverBeatsTheRoofline) {
  const Machine machine = test::machine_of("b200_sxm");
  AttentionDecodeGroup fast;
  fast.compute_fraction = 2.0;
  fast.memory_fraction = 1.0;
  fast.rows_factor = 1.0;
  fast.fixed = Seconds(1e-6);
  for (const Dtype cache : {Dtype::kBf16, Dtype::kFp8}) {
    for (const int64_t sequences : {1, 16, 2000}) {
      for (const int64_t context : {1, 777, 131072}) {
        AttentionDecodeCall c = call(sequences, context, 128, 4);
        c.shape.cache = cache;
        const double element = cache == Dtype::kFp8 ? 1.0 : 2.0;
        const double tokens = static_cast<double>(sequences * (context + 1));
        const Seconds t = attention_decode_duration(machine, {}, fast, c);
        EXPECT_GE(t.value(), tokens * 4 * 256 * element / machine.bandwidth.value());
        EXPECT_GE(t.value(), tokens * 128 * 512 / machine.peak(cache).value());
      }
    }
  }
}

TEST(AttentionDecodeTest, MoreWorkIsNeverFaster) {
  for (const int64_t window : {0, 512}) {
    for (const auto& [query, kv] : {std::pair<int64_t, int64_t>{32, 8}, {64, 1}, {16, 16}}) {
      for (int64_t sequences = 1; sequences < 3000; sequences += 1 + sequences / 2) {
        for (int64_t context = 1; context < 200000; context += 1 + context / 2) {
          const Seconds now = duration(call(sequences, context, query, kv, window));
          EXPECT_GE(duration(call(sequences + 1, context, query, kv, window)), 0.98 * now);
          EXPECT_GE(duration(call(sequences, context + 1, query, kv, window)), now);
          AttentionDecodeCall drafted = call(sequences, context, query, kv, window);
          drafted.query_tokens = 3;
          EXPECT_GE(duration(drafted), now);
        }
      }
    }
  }
}

TEST(AttentionDecodeTest, ContextIsInterpolatedBetweenOctaves) {
  for (const int64_t sequences : {1, 8, 64, 512}) {
    for (double context = 16.0; context < 100000.0; context *= std::sqrt(2.0)) {
      const auto low = static_cast<int64_t>(context);
      const auto high = static_cast<int64_t>(context * std::sqrt(2.0));
      const int64_t middle = (low + high) / 2;
      const double between =
          0.5 * (duration(call(sequences, low)) + duration(call(sequences, high))).value();
      EXPECT_NEAR(duration(call(sequences, middle)).value() / between, 1.0, 0.03)
          << sequences << " x " << middle;
    }
  }
}

TEST(AttentionDecodeTest, OnlyReplayedCachesStayInTheLastLevel) {
  AttentionDecodeCall c = call(4, 1000);
  c.replayed = true;
  EXPECT_LE(duration(c), duration(call(4, 1000)));
  AttentionDecodeCall large = call(400, 10000);
  large.replayed = true;
  EXPECT_NEAR(duration(large).value(), duration(call(400, 10000)).value(), 1e-4);
}

TEST(AttentionDecodeTest, AHostFloorHoldsSmallCalls) {
  AttentionDecodeGroup eager;
  eager.host_floor = 200.0_us;
  EXPECT_EQ(duration(call(1, 10), eager), 200.0_us);
}

}  // namespace
}  // namespace penstock::compute
