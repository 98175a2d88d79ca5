/// Number formats by the names that measurements use, as weight and compute formats with the way
/// their values are scaled.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/catalog/dtype.h"

namespace penstock::measurement {

/// How far one scale reaches.
enum class Scaling : uint8_t {
  kNone,    ///< values stand for themselves
  kTensor,  ///< one a tensor, a channel or a token
  kBlock,   ///< one a 128 x 128 tile of weights and a run of 128 activations
  kGroup,   ///< one a run of 16 to 128 values
};

struct NumberFormat {
  std::string_view name;  ///< as files write it: "w4a16_mxfp4"
  catalog::Dtype weight = catalog::Dtype::kBf16;
  catalog::Dtype compute = catalog::Dtype::kBf16;
  Scaling scaling = Scaling::kNone;

  friend bool operator==(const NumberFormat&, const NumberFormat&) = default;
};

/// All formats: bfloat16, fp8, fp8_block, nvfp4, int8_wo, int4_wo, w4a16_mxfp4, w4a8_mxfp4_mxfp8.
std::span<const NumberFormat> number_formats();

/// The format of a name in any case ("BF16" is bfloat16), or nullptr.
const NumberFormat* find_number_format(std::string_view name);

/// Names of all, for suggestions.
std::vector<std::string> number_format_names();

}  // namespace penstock::measurement
