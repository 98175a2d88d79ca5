// Attention over prompts: never below the roofline, never faster for more work beyond a tile's
// edge, chunks of one call cost no more than calls of their own.
#include "penstock/compute/kernels/attention_prefill.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "penstock/compute/kernels/kernel_test_support.h"

namespace penstock::compute {
namespace {

using catalog::Dtype;

AttentionShape heads(int64_t query, int64_t kv, int64_t dim = 128, int64_t window = 0) {
  return {.query_head_count = query,
          .kv_head_count = kv,
          .key_dim = dim,
          .value_dim = dim,
          .window_tokens = window};
}

Seconds duration(const AttentionShape& shape, AttentionChunk chunk,
                 const AttentionPrefillGroup& group = {}) {
  static const Machine machine = test::machine_of("h100_sxm");
  return attention_prefill_duration(machine, {}, group, {shape, chunk});
}

TEST(AttentionPrefillTest, LongPromptsRunAtTheComputeShare) {
  // 32 heads, 16384^2 / 2 pairs of 512 operations: 2.2e12, at 989.5 TFLOP/s 2.22 ms
  const double ms = duration(heads(32, 8), {1, 16384, 0}).value() * 1e3;
  EXPECT_GT(ms, 2.22);
  EXPECT_LT(ms, 9.0);
}

TEST(AttentionPrefillTest, EmptyCallsTakeNoTime) {
  EXPECT_EQ(duration(heads(32, 8), {0, 128, 0}), Seconds());
  EXPECT_EQ(duration(heads(32, 8), {4, 0, 1000}), Seconds());
  EXPECT_EQ(duration(heads(0, 0), {4, 128, 0}), Seconds());
}

TEST(AttentionPrefillTest, NeverBeatsTheRoofline) {
  const Machine machine = test::machine_of("h100_sxm");
  AttentionPrefillGroup fast;
  fast.compute_fraction = 2.0;
  fast.fixed = Seconds(1e-6);
  fast.tile_time = Seconds(1e-9);
  fast.softmax_factor = 1.0;
  fast.block_factor = 1.0;
  for (const int64_t q : {1, 17, 500, 8192}) {
    for (const int64_t context : {0, 1000, 100000}) {
      for (const int64_t window : {0, 128, 4096}) {
        const AttentionShape shape = heads(32, 8, 128, window);
        double pairs = 0.0;
        for (int64_t i = 0; i < q; ++i) {
          const int64_t seen = context + i;  // its own half apart
          pairs += static_cast<double>(window > 0 ? std::min(seen, window - 1) : seen) + 0.5;
        }
        const double flops = 4.0 * 32 * 128 * pairs;
        const Seconds t = attention_prefill_duration(machine, {}, fast, {shape, {1, q, context}});
        EXPECT_GE(t.value(), 0.99 * flops / machine.peak(Dtype::kBf16).value())
            << q << " " << context << " " << window;
        const double read = static_cast<double>(window > 0 ? std::min(context, window) : context);
        EXPECT_GE(t.value(), read * 8 * 256 * 2.0 / machine.bandwidth.value());
      }
    }
  }
}

TEST(AttentionPrefillTest, MoreWorkIsNeverFaster) {
  for (const int64_t window : {0, 128, 4096}) {
    for (const auto& shape :
         {heads(32, 8, 128, window), heads(64, 1, 64, window), heads(16, 16, 256, window)}) {
      for (int64_t q = 2; q < 20000; q += 1 + q / 2) {
        const AttentionChunk chunk{3, q, 700};
        const Seconds now = duration(shape, chunk);
        EXPECT_GE(duration(shape, {4, q, 700}), now) << q;
        EXPECT_GE(duration(shape, {3, q + 1, 700}), now) << q;
        EXPECT_GE(duration(shape, {3, q, 701}), now) << q;
      }
    }
  }
}

TEST(AttentionPrefillTest, AWindowSavesWork) {
  const AttentionChunk chunk{1, 16384, 0};
  EXPECT_LT(duration(heads(32, 8, 128, 1024), chunk), 0.5 * duration(heads(32, 8), chunk));
  EXPECT_LE(duration(heads(32, 8, 128, 100000), chunk), duration(heads(32, 8), chunk));
}

TEST(AttentionPrefillTest, ChunksOfOneCallShareItsFixedTime) {
  const Machine machine = test::machine_of("h100_sxm");
  const AttentionShape shape = heads(32, 8);
  const std::array<AttentionChunk, 2> chunks = {{{1, 2048, 0}, {1, 512, 6000}}};
  const Seconds together = attention_prefill_duration(machine, {}, {}, shape, chunks);
  const Seconds apart = duration(shape, chunks[0]) + duration(shape, chunks[1]);
  EXPECT_LT(together, apart);
  EXPECT_GT(together, std::max(duration(shape, chunks[0]), duration(shape, chunks[1])));
  // equal sequences are the same as one chunk or as several
  const std::vector<AttentionChunk> same(4, AttentionChunk{1, 300, 40});
  EXPECT_NEAR(attention_prefill_duration(machine, {}, {}, shape, same).value(),
              duration(shape, {4, 300, 40}).value(), 1e-12);
}

TEST(AttentionPrefillTest, AHostFloorHoldsSmallCalls) {
  AttentionPrefillGroup eager;
  eager.host_floor = 80.0_us;
  EXPECT_EQ(duration(heads(8, 8), {1, 16, 0}, eager), 80.0_us);
}

}  // namespace
}  // namespace penstock::compute
