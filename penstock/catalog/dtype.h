/// Number formats of weights, activations and KV cache, and the bytes they take.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "penstock/base/fields.h"

namespace penstock::catalog {

/// A storage or compute format. `fp8` has one scale a tensor or row, `fp8_block` one a block of
/// 128 x 128 weights and of 128 activations; `int4` is weight-only (computed in bf16); `mxfp4` and
/// `nvfp4` carry their block scales.
enum class Dtype : uint8_t { kFp32, kBf16, kFp8, kFp8Block, kInt8, kInt4, kMxfp4, kNvfp4 };
constexpr size_t kDtypeCount = 8;

/// Bytes one element takes, block scales included.
/// Source: OCP Microscaling v1.0 (mxfp4: one 8-bit scale per 32 elements); NVIDIA NVFP4 (one 8-bit
/// scale per 16 elements); fp8_block: a 32-bit scale per 128 x 128 (DeepSeek-V3); int4: a 16-bit
/// scale per 128 elements (AWQ and GPTQ default).
constexpr double bytes_per_element_factor(Dtype dtype) {
  switch (dtype) {
    case Dtype::kFp32: return 4.0;
    case Dtype::kBf16: return 2.0;
    case Dtype::kFp8: return 1.0;
    case Dtype::kFp8Block: return 1.0 + 4.0 / (128.0 * 128.0);
    case Dtype::kInt8: return 1.0;
    case Dtype::kInt4: return 0.5 + 2.0 / 128.0;
    case Dtype::kMxfp4: return 0.5 + 1.0 / 32.0;
    case Dtype::kNvfp4: return 0.5 + 1.0 / 16.0;
  }
  return 0.0;
}

}  // namespace penstock::catalog

template <>
struct penstock::EnumText<penstock::catalog::Dtype> {
  using D = penstock::catalog::Dtype;
  static constexpr std::array<std::pair<D, std::string_view>, 8> kNames = {
      {{D::kFp32, "fp32"},
       {D::kBf16, "bf16"},
       {D::kFp8, "fp8"},
       {D::kFp8Block, "fp8_block"},
       {D::kInt8, "int8"},
       {D::kInt4, "int4"},
       {D::kMxfp4, "mxfp4"},
       {D::kNvfp4, "nvfp4"}}};
};
