#include "penstock/measurement/number_format.h"

#include <array>

#include "penstock/base/text.h"

namespace penstock::measurement {
namespace {

using catalog::Dtype;

// weight-only formats compute in bf16; fp8_block counts its scales in the weights' format
constexpr std::array<NumberFormat, 8> kFormats = {{
    {"bfloat16", Dtype::kBf16, Dtype::kBf16, Scaling::kNone},
    {"fp8", Dtype::kFp8, Dtype::kFp8, Scaling::kTensor},
    {"fp8_block", Dtype::kFp8Block, Dtype::kFp8Block, Scaling::kBlock},
    {"int4_wo", Dtype::kInt4, Dtype::kBf16, Scaling::kGroup},
    {"int8_wo", Dtype::kInt8, Dtype::kBf16, Scaling::kTensor},
    {"nvfp4", Dtype::kNvfp4, Dtype::kNvfp4, Scaling::kGroup},
    {"w4a16_mxfp4", Dtype::kMxfp4, Dtype::kBf16, Scaling::kGroup},
    {"w4a8_mxfp4_mxfp8", Dtype::kMxfp4, Dtype::kFp8, Scaling::kGroup},
}};

}  // namespace

std::span<const NumberFormat> number_formats() { return kFormats; }

const NumberFormat* find_number_format(std::string_view written) {
  const std::string name = lower(written);
  if (name == "bf16") return kFormats.data();
  for (const NumberFormat& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

std::vector<std::string> number_format_names() {
  std::vector<std::string> names;
  for (const NumberFormat& format : kFormats) names.emplace_back(format.name);
  return names;
}

}  // namespace penstock::measurement
