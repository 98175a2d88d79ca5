/// The formats a config says its weights are in: dtype keys and every style of quantization_config.
#pragma once

#include "penstock/catalog/model.h"
#include "penstock/catalog/model_keys.h"

namespace penstock::catalog {

/// Reads `torch_dtype`, `dtype`, `expert_dtype` and `quantization_config` (fp8, fbgemm_fp8, mxfp4,
/// awq, gptq, bitsandbytes, compressed-tensors, modelopt, quark). A style that is not known is
/// named in `not_understood` and the weights count as unquantized.
WeightDtypes read_weight_dtypes(ModelKeys& keys, std::vector<std::string>& not_understood);

}  // namespace penstock::catalog
