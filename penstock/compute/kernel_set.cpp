#include "penstock/compute/kernel_set.h"

#include <cstdlib>

namespace penstock::compute {

using catalog::Dtype;

namespace {

/// Bits of an element, for likeness only.
int bits(Dtype d) {
  switch (d) {
    case Dtype::kFp32: return 32;
    case Dtype::kBf16: return 16;
    case Dtype::kFp8:
    case Dtype::kFp8Block:
    case Dtype::kInt8: return 8;
    case Dtype::kInt4:
    case Dtype::kMxfp4:
    case Dtype::kNvfp4: return 4;
  }
  return 0;
}

int unlikeness(Dtype a, Dtype b) { return a == b ? 0 : 1 + std::abs(bits(a) - bits(b)); }

}  // namespace

int format_distance(KernelFormat a, KernelFormat b) {
  // what a kernel streams decides first: kernels of mxfp4 multiply in fp8 or bf16, and are still
  // nearer to one another than to those of any other storage
  constexpr int kFarthest = 64;  // beyond any unlikeness of products
  return kFarthest * unlikeness(a.stored, b.stored) + unlikeness(a.computed, b.computed);
}

}  // namespace penstock::compute
