// Goal: an operator finds the kernel that its engine would call. Method: small sets whose right
// answer is plain.
#include "penstock/compute/kernel_set.h"

#include <gtest/gtest.h>

#include "penstock/compute/kernels/experts.h"

namespace penstock::compute {
namespace {

using catalog::Dtype;
using Set = KernelSet<ExpertsShared, ExpertsGroup>;

Fitted<ExpertsGroup> group(const char* engine, const char* kernel, Dtype stored, Dtype computed,
                           int64_t rows) {
  Fitted<ExpertsGroup> g;
  g.origin = {engine, "1", kernel, {stored, computed}};
  g.residuals.rows = rows;
  return g;
}

TEST(KernelSet, WhatIsStoredDecidesBeforeWhatIsComputed) {
  Set set;
  set.groups = {group("a", "nvfp4", Dtype::kNvfp4, Dtype::kNvfp4, 900),
                group("a", "unpacking", Dtype::kMxfp4, Dtype::kBf16, 100),
                group("a", "narrow", Dtype::kMxfp4, Dtype::kFp8, 100)};
  EXPECT_EQ(set.pick("a", {Dtype::kMxfp4, Dtype::kMxfp4}).origin.kernel, "narrow");
  EXPECT_EQ(set.pick("a", {Dtype::kMxfp4, Dtype::kBf16}).origin.kernel, "unpacking");
  EXPECT_EQ(set.pick("a", {Dtype::kNvfp4, Dtype::kFp8}).origin.kernel, "nvfp4");
  // a format that nobody measured: the likest storage
  EXPECT_EQ(set.pick("a", {Dtype::kInt4, Dtype::kBf16}).origin.kernel, "unpacking");
}

TEST(KernelSet, AKernelForSmallBatchesIsTheTwinOfItsEnginesOther) {
  Set set;
  set.groups = {group("a", "flow_cutlass", Dtype::kNvfp4, Dtype::kNvfp4, 900),
                group("a", "flow_min_latency", Dtype::kNvfp4, Dtype::kNvfp4, 100),
                group("b", "flow_cutlass", Dtype::kNvfp4, Dtype::kNvfp4, 100),
                group("a", "flow_cutlass", Dtype::kFp8, Dtype::kFp8, 100)};
  EXPECT_EQ(set.twin(set.groups[0]), &set.groups[1]);
  EXPECT_EQ(set.twin(set.groups[1]), &set.groups[0]);
  EXPECT_EQ(set.twin(set.groups[2]), nullptr) << "another engine's";
  EXPECT_EQ(set.twin(set.groups[3]), nullptr) << "another format";
}

}  // namespace
}  // namespace penstock::compute
