/// How a model is spread over accelerators and in which number formats it runs.
#pragma once

#include <cstdint>
#include <optional>

#include "penstock/base/fields.h"
#include "penstock/catalog/dtype.h"
#include "penstock/catalog/model.h"

namespace penstock::compute {

/// Ranks along each axis of one instance.
struct ParallelPlan {
  int64_t tensor = 1;    ///< every layer's heads and widths split over these ranks
  int64_t pipeline = 1;  ///< layers split over these stages

  [[nodiscard]] int64_t accelerator_count() const { return tensor * pipeline; }
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
