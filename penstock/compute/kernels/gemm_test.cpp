// Dense products: never below the roofline, never faster for more work beyond a tile's edge.
#include "penstock/compute/kernels/gemm.h"

#include <gtest/gtest.h>

#include "penstock/compute/kernels/kernel_test_support.h"

namespace penstock::compute {
namespace {

using catalog::Dtype;

Seconds duration(const char* accelerator, int64_t m, int64_t n, int64_t k,
                 Dtype dtype = Dtype::kBf16) {
  return gemm_duration(test::machine_of(accelerator), {}, {}, {m, n, k, dtype, dtype});
}

TEST(GemmTest, SmallProductsTakeTheWeightsTimeAndTheFixedTime) {
  // 8192 x 8192 bf16 weights are 134 MB: 40 us at 3.35 TB/s, 50 us at 80 % of it
  const double us = duration("h100_sxm", 1, 8192, 8192).value() * 1e6;
  EXPECT_GT(us, 50.0);
  EXPECT_LT(us, 60.0);
}

TEST(GemmTest, LargeProductsRunAtTheComputeShare) {
  // 2 * 8192^3 operations at 989.5 TFLOP/s are 1.11 ms
  const double ms = duration("h100_sxm", 8192, 8192, 8192).value() * 1e3;
  EXPECT_GT(ms, 1.11);
  EXPECT_LT(ms, 2.5);
}

TEST(GemmTest, NeverBeatsTheRoofline) {
  const Machine machine = test::machine_of("h100_sxm");
  GemmGroup fast;
  fast.compute_fraction = 2.0;
  fast.memory_fraction = 1.0;
  fast.fixed = Seconds(1e-7);
  for (const int64_t m : {1, 7, 64, 300, 4096}) {
    for (const int64_t n : {64, 1000, 16384}) {
      for (const int64_t k : {64, 2048, 16384}) {
        const Seconds t = gemm_duration(machine, {}, fast, {m, n, k});
        const double flops = 2.0 * static_cast<double>(m * n * k);
        EXPECT_GE(t.value(), flops / machine.peak(Dtype::kBf16).value());
        EXPECT_GE(t.value(), static_cast<double>(n * k) * 2.0 / machine.bandwidth.value());
      }
    }
  }
}

TEST(GemmTest, MoreRowsAreNeverFasterBeyondATile) {
  for (const Dtype dtype : {Dtype::kBf16, Dtype::kFp8, Dtype::kFp8Block, Dtype::kNvfp4}) {
    for (const int64_t n : {128, 4096, 28672}) {
      for (int64_t m = 1; m < 20000; m += 1 + m / 3) {
        const double now = duration("b200_sxm", m, n, 4096, dtype).value();
        // few rows make few tiles, whose loads fill less of the bandwidth: a tile effect
        EXPECT_GE(duration("b200_sxm", m + 128, n, 4096, dtype).value(), now * 0.9)
            << m << " x " << n;
      }
    }
  }
}

TEST(GemmTest, AHostFloorHoldsSmallCalls) {
  GemmGroup eager;
  eager.host_floor = 80.0_us;
  const Machine machine = test::machine_of("h100_sxm");
  EXPECT_EQ(gemm_duration(machine, {}, eager, {1, 64, 64}), 80.0_us);
  EXPECT_EQ(gemm_duration(machine, {}, eager, {0, 64, 64}), Seconds());
}

}  // namespace
}  // namespace penstock::compute
