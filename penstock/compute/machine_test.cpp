// What kernel models see of catalog entries.
#include "penstock/compute/machine.h"

#include <gtest/gtest.h>

#include "penstock/compute/kernels/kernel_test_support.h"

namespace penstock::compute {
namespace {

using test::machine_of;

TEST(MachineTest, TakesRatesAndWidthFromTheCatalog) {
  const Machine h100 = machine_of("h100_sxm");
  EXPECT_DOUBLE_EQ(h100.multiprocessor_count_factor, 132.0);
  EXPECT_DOUBLE_EQ(h100.cache.value(), 50e6);
  EXPECT_DOUBLE_EQ(h100.peak(catalog::Dtype::kFp8).value(), 1979e12);
  // block scales change the bytes, not the rate; int4 weights multiply in bf16
  EXPECT_EQ(h100.peak(catalog::Dtype::kFp8Block), h100.peak(catalog::Dtype::kFp8));
  EXPECT_EQ(h100.peak(catalog::Dtype::kInt4), h100.peak(catalog::Dtype::kBf16));
}

TEST(MachineTest, StandsInWhereTheCatalogIsSilent) {
  const Machine tpu = machine_of("tpu_v5p");
  EXPECT_GT(tpu.multiprocessor_count_factor, 0.0);
  EXPECT_GT(tpu.cache, Bytes());
}

}  // namespace
}  // namespace penstock::compute
