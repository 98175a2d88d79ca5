#include "penstock/catalog/model_quantization.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "penstock/base/text.h"

namespace penstock::catalog {
namespace {

std::string word(const Node* node) {
  return node != nullptr && node->is_scalar() ? lower(node->text) : std::string();
}

std::string word(const Node& map, std::string_view key) { return word(map.find(key)); }

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Words for one number format, as dtype keys and quantizers write it.
std::optional<Dtype> dtype_named(std::string_view name) {
  struct Row {
    std::string_view part;
    Dtype dtype;
  };
  // the first row whose part occurs wins
  static constexpr std::array kRows = {
      Row{"mxfp4", Dtype::kMxfp4},  Row{"nvfp4", Dtype::kNvfp4},   Row{"fp4", Dtype::kMxfp4},
      Row{"float4", Dtype::kMxfp4}, Row{"fp8", Dtype::kFp8},       Row{"float8", Dtype::kFp8},
      Row{"e4m3", Dtype::kFp8},     Row{"int8", Dtype::kInt8},     Row{"int4", Dtype::kInt4},
      Row{"uint4", Dtype::kInt4},   Row{"w4a16", Dtype::kInt4},    Row{"w8a8", Dtype::kInt8},
      Row{"nf4", Dtype::kInt4},     Row{"bfloat16", Dtype::kBf16}, Row{"bf16", Dtype::kBf16},
      Row{"float16", Dtype::kBf16}, Row{"fp16", Dtype::kBf16},     Row{"half", Dtype::kBf16},
      Row{"float32", Dtype::kFp32}, Row{"fp32", Dtype::kFp32},
  };
  for (const Row& row : kRows) {
    if (contains(name, row.part)) return row.dtype;
  }
  return std::nullopt;
}

std::optional<Dtype> integer_of(int64_t bits) {
  if (bits == 4 || bits == 3 || bits == 2) return Dtype::kInt4;
  if (bits == 8) return Dtype::kInt8;
  return std::nullopt;
}

std::optional<int64_t> bits_of(const Node& map, std::string_view key) {
  const std::string text = word(map, key);
  if (text.size() != 1 || text[0] < '1' || text[0] > '9') return std::nullopt;
  return text[0] - '0';
}

/// compressed-tensors: the first group of Linear layers says bits and type; `format` tells the two
/// 4-bit floats apart.
std::optional<Dtype> compressed_tensors(const Node& config) {
  const Node* groups = config.find("config_groups");
  if (groups == nullptr || groups->entries.empty()) return dtype_named(word(config, "format"));
  const Node* weights = groups->entries.front().value.find("weights");
  if (weights == nullptr) return dtype_named(word(config, "format"));
  const auto bits = bits_of(*weights, "num_bits");
  if (!bits) return std::nullopt;
  if (word(*weights, "type") == "int") return integer_of(*bits);
  if (*bits == 8) return Dtype::kFp8;
  const bool mx = contains(word(config, "format"), "mxfp4") || word(*weights, "group_size") == "32";
  return mx ? Dtype::kMxfp4 : Dtype::kNvfp4;
}

std::optional<Dtype> quark(const Node& config) {
  const Node* global = config.find("global_quant_config");
  const Node* weight = global != nullptr ? global->find("weight") : nullptr;
  if (weight != nullptr && weight->is_list() && !weight->items.empty()) weight = &weight->items[0];
  return weight != nullptr ? dtype_named(word(*weight, "dtype")) : std::nullopt;
}

/// The format of the quantized layers, nullopt when the style is not known.
std::optional<Dtype> quantized_dtype(const Node& config) {
  const std::string method = word(config, "quant_method");
  if (method == "fp8" || method == "fbgemm_fp8") {
    return config.find("weight_block_size") != nullptr ? Dtype::kFp8Block : Dtype::kFp8;
  }
  if (method == "mxfp4") return Dtype::kMxfp4;
  if (method == "awq" || method == "gptq" || method == "auto-round") {
    return integer_of(bits_of(config, "bits").value_or(4));
  }
  if (method == "bitsandbytes") {
    return word(config, "load_in_8bit") == "true" ? Dtype::kInt8 : Dtype::kInt4;
  }
  if (method == "compressed-tensors") return compressed_tensors(config);
  if (method == "quark") return quark(config);
  if (contains(method, "modelopt") || config.find("quant_algo") != nullptr) {
    return dtype_named(word(config, "quant_algo"));
  }
  return dtype_named(method);
}

/// Names or patterns of modules that stayed unquantized.
std::vector<std::string> kept_modules(const Node& config) {
  std::vector<std::string> names;
  for (const std::string_view key :
       {"modules_to_not_convert", "ignore", "exclude_modules", "exclude", "ignored_layers"}) {
    const Node* list = config.find(key);
    if (list == nullptr) continue;
    for (const Node& item : list->items) names.push_back(word(&item));
  }
  return names;
}

/// Layers outside the experts are kept when a pattern for them covers every layer (a pattern that
/// names one layer by its number keeps only that one).
bool keeps(const std::vector<std::string>& names, std::initializer_list<std::string_view> parts) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    const bool one_layer =
        std::any_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (one_layer && !contains(name, "layers.0.")) return false;
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return contains(name, part); });
  });
}

void apply(const Node& config, Dtype quantized, Dtype plain, WeightDtypes& weights) {
  const std::vector<std::string> kept = kept_modules(config);
  weights.experts = quantized;
  // the mxfp4 style packs the experts and nothing else
  const bool experts_only = word(config, "quant_method") == "mxfp4";
  const bool keeps_attention = keeps(kept, {"self_attn", "attention", "attn"});
  weights.attention = experts_only || keeps_attention ? plain : quantized;
  // "mlp.gate" is a router; "mlp.gate_proj" is a dense layer
  const bool keeps_dense =
      keeps(kept, {"shared_expert", "gate_proj", "gate|up", "up_proj", "mlp.down"});
  weights.feed_forward = experts_only || keeps_dense ? plain : quantized;
}

}  // namespace

WeightDtypes read_weight_dtypes(ModelKeys& keys, std::vector<std::string>& not_understood) {
  Dtype plain = Dtype::kBf16;
  if (const auto name = keys.text({"torch_dtype", "dtype"}); name && *name != "auto") {
    const auto dtype = dtype_named(lower(*name));
    if (dtype) {
      plain = *dtype;
    } else {
      not_understood.push_back(fmt::format("torch_dtype ({})", *name));
    }
  }
  WeightDtypes weights{plain, plain, plain, plain};
  const Node* config = keys.find({"quantization_config", "compression_config"});
  if (config != nullptr && config->is_map()) {
    if (const auto quantized = quantized_dtype(*config)) {
      apply(*config, *quantized, plain, weights);
    } else {
      not_understood.push_back(
          fmt::format("quantization_config (quant_method '{}')", word(*config, "quant_method")));
    }
  } else if (config != nullptr) {
    keys.mistake({"quantization_config"}, "'quantization_config' must be a group of keys");
  }
  if (const auto name = keys.text({"expert_dtype"})) {
    const auto dtype = dtype_named(lower(*name));
    if (dtype) {
      weights.experts = *dtype;
    } else {
      not_understood.push_back(fmt::format("expert_dtype ({})", *name));
    }
  }
  return weights;
}

}  // namespace penstock::catalog
