/// How a model is spread over accelerators and in which number formats it runs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "penstock/base/fields.h"
#include "penstock/catalog/dtype.h"
#include "penstock/catalog/model.h"

namespace penstock::compute {

/// How tokens of other attention groups reach the experts, where attention is data parallel.
enum class ExpertExchange : uint8_t {
  kGather,    ///< every rank gathers all tokens, and what experts add is summed and scattered
  kAllToAll,  ///< a token goes only to the ranks of its experts, and comes back from them
};

/// How the ranks of one instance share the work.
///
/// The layers are split over `pipeline` stages of `tensor` ranks. The ranks of a stage are cut in
/// two ways at once. For the routed experts, `expert` groups hold different experts, and the
/// `expert_tensor()` ranks of a group split the columns of each. For everything else,
/// `attention_data` groups take different sequences, each with all weights and with the cache of
/// its own sequences, and the `attention_tensor()` ranks of a group split heads and columns.
struct ParallelPlan {
  int64_t tensor = 1;          ///< ranks of a stage
  int64_t pipeline = 1;        ///< stages
  int64_t attention_data = 1;  ///< attention groups of a stage
  int64_t expert = 1;          ///< expert groups of a stage
  ExpertExchange exchange = ExpertExchange::kGather;

  [[nodiscard]] int64_t accelerator_count() const { return tensor * pipeline; }
  [[nodiscard]] int64_t attention_tensor() const { return tensor / attention_data; }
  [[nodiscard]] int64_t expert_tensor() const { return tensor / expert; }
  /// Parts into which the sequences of a batch are split: attention groups times micro-batches.
  [[nodiscard]] int64_t lane_count() const { return pipeline * attention_data; }
};

/// Number formats at run time. Unset means as the weights are published.
struct PrecisionConfig {
  std::optional<catalog::Dtype> weights;      ///< all linear layers
  std::optional<catalog::Dtype> experts;      ///< routed experts, when they differ
  std::optional<catalog::Dtype> activations;  ///< inputs of products; unset: by the weights
  std::optional<catalog::Dtype> kv_cache;     ///< unset: bf16
};

template <class Visitor>
void fields(Visitor& v, PrecisionConfig& c) {
  v.optional("weights", c.weights, "Format of linear layers; unset: as published.");
  v.optional("experts", c.experts, "Format of routed experts; unset: as published.");
  v.optional("activations", c.activations,
             "Format products are computed in; unset: the weights' own (int4: bf16 kernels that "
             "unpack weights).");
  v.optional("kv_cache", c.kv_cache, "Format of the KV cache; unset: bf16.");
}

/// Formats with every choice made.
struct Precision {
  catalog::WeightDtypes weights;
  catalog::Dtype attention_compute = catalog::Dtype::kBf16;
  catalog::Dtype feed_forward_compute = catalog::Dtype::kBf16;
  catalog::Dtype expert_compute = catalog::Dtype::kBf16;
  catalog::Dtype kv_cache = catalog::Dtype::kBf16;
};

/// Fills what the config leaves open from the model's published formats.
Precision resolve(const PrecisionConfig& config, const catalog::Model& model);

}  // namespace penstock::compute

template <>
struct penstock::EnumText<penstock::compute::ExpertExchange> {
  using E = penstock::compute::ExpertExchange;
  static constexpr std::array<std::pair<E, std::string_view>, 2> kNames = {
      {{E::kGather, "gather"}, {E::kAllToAll, "all_to_all"}}};
};
