#include "penstock/compute/plan.h"

namespace penstock::compute {

using catalog::Dtype;

Precision resolve(const PrecisionConfig& config, const catalog::Model& model) {
  Precision p;
  p.weights = model.weights;
  if (config.weights) {
    p.weights.attention = *config.weights;
    p.weights.feed_forward = *config.weights;
    p.weights.experts = *config.weights;
  }
  if (config.experts) p.weights.experts = *config.experts;
  // weight-only kernels unpack their weights and multiply in bf16
  const auto compute_of = [&](Dtype weights) {
    return config.activations.value_or(weights == Dtype::kInt4 ? Dtype::kBf16 : weights);
  };
  p.attention_compute = compute_of(p.weights.attention);
  p.feed_forward_compute = compute_of(p.weights.feed_forward);
  p.expert_compute = compute_of(p.weights.experts);
  p.kv_cache = config.kv_cache.value_or(Dtype::kBf16);
  return p;
}

}  // namespace penstock::compute
