#include "penstock/compute/kernels/latent_attention.h"

namespace penstock::compute {

using catalog::Dtype;

namespace {

constexpr double kActivationBytes = 2.0;

void append(LatentProjections& list, GemmCall call) {
  list.products[list.product_count++] = {call, 1};
}

LatentProjections outer_products(const LatentDims& dims, int64_t heads, int64_t tokens,
                                 Dtype weights, Dtype compute) {
  LatentProjections list;
  const int64_t down = dims.q_lora_rank + dims.kv_lora_rank + dims.qk_rope_head_dim;
  const int64_t query = heads * (dims.qk_nope_head_dim + dims.qk_rope_head_dim);
  append(list, {tokens, down, dims.hidden_size, weights, compute});
  append(list, {tokens, query, dims.q_lora_rank, weights, compute});
  append(list, {tokens, dims.hidden_size, heads * dims.v_head_dim, weights, compute});
  return list;
}

/// The group's kernel alone: the host's floor holds for the module as a whole.
template <class Group>
Group without_floor(Group group) {
  group.host_floor = Seconds();
  return group;
}

template <class Call, class Shared, class Group>
Seconds module_duration(const Machine& machine, const Shared& shared, const Group& group,
                        const Call& call, Seconds kernel) {
  const Seconds elementwise = call.elementwise / (machine.bandwidth * shared.elementwise_fraction);
  return std::max(kernel + group.projections_factor * call.projections + elementwise,
                  group.host_floor);
}

}  // namespace

AttentionShape latent_prefill_shape(const LatentDims& dims, int64_t head_count, Dtype compute,
                                    Dtype cache) {
  return {.query_head_count = head_count,
          .kv_head_count = head_count,
          .key_dim = dims.qk_nope_head_dim + dims.qk_rope_head_dim,
          .value_dim = dims.v_head_dim,
          .latent_dim = dims.kv_lora_rank + dims.qk_rope_head_dim,
          .window_tokens = 0,
          .compute = compute,
          .cache = cache};
}

AttentionShape latent_decode_shape(const LatentDims& dims, int64_t head_count, Dtype compute,
                                   Dtype cache) {
  const int64_t latent = dims.kv_lora_rank + dims.qk_rope_head_dim;
  return {.query_head_count = head_count,
          .kv_head_count = 1,
          .key_dim = latent,
          .value_dim = dims.kv_lora_rank,
          .latent_dim = latent,
          .window_tokens = 0,
          .compute = compute,
          .cache = cache};
}

LatentProjections latent_prefill_projections(const LatentDims& dims, int64_t head_count,
                                             int64_t tokens, Dtype weights, Dtype compute) {
  LatentProjections list = outer_products(dims, head_count, tokens, weights, compute);
  append(list, {tokens, head_count * (dims.qk_nope_head_dim + dims.v_head_dim), dims.kv_lora_rank,
                weights, compute});
  return list;
}

LatentProjections latent_decode_projections(const LatentDims& dims, int64_t head_count,
                                            int64_t tokens, Dtype weights, Dtype compute) {
  LatentProjections list = outer_products(dims, head_count, tokens, weights, compute);
  // one product a head with the same tokens: as many multiplications as one with all heads' columns
  append(list, {tokens, head_count * dims.kv_lora_rank, dims.qk_nope_head_dim});
  append(list, {tokens, head_count * dims.v_head_dim, dims.kv_lora_rank});
  return list;
}

Bytes latent_elementwise_bytes(const LatentDims& dims, int64_t head_count, int64_t tokens,
                               bool absorbed) {
  const int64_t down = dims.q_lora_rank + dims.kv_lora_rank + dims.qk_rope_head_dim;
  const int64_t query = dims.qk_nope_head_dim + dims.qk_rope_head_dim;
  // norms and rotation read and write what was projected down; heads are rotated and, up-projected,
  // concatenated
  const int64_t per_head = absorbed ? query : 2 * query + dims.qk_rope_head_dim;
  const auto elements = static_cast<double>(tokens * (down + head_count * per_head));
  return Bytes(2.0 * kActivationBytes * elements);
}

Seconds latent_prefill_module_duration(const Machine& machine,
                                       const LatentPrefillModuleShared& shared,
                                       const LatentPrefillModuleGroup& group,
                                       const LatentPrefillModuleCall& call) {
  return module_duration(
      machine, shared, group, call,
      attention_prefill_duration(machine, shared.kernel, without_floor(group), call.kernel));
}

Seconds latent_decode_module_duration(const Machine& machine,
                                      const LatentDecodeModuleShared& shared,
                                      const LatentDecodeModuleGroup& group,
                                      const LatentDecodeModuleCall& call) {
  return module_duration(
      machine, shared, group, call,
      attention_decode_duration(machine, shared.kernel, without_floor(group), call.kernel));
}

}  // namespace penstock::compute
