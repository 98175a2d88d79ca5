/// Multi-head latent attention: its two forms as calls of the attention kernels, the products of
/// its projections, and a whole layer's module.
///
/// Models: prompts with keys and values up-projected from the latent (heads with keys of
/// nope + rope and values of their own width), generation in the absorbed form (one KV head of
/// latent + rope that all query heads share). A module is the layer's whole attention with its
/// projections, norms and rotation on one rank:
///   module = max( kernel + projections factor * products + elementwise bytes / (bandwidth *
///            elementwise), host_floor )
/// where `kernel` is the attention formula with coefficients of its own, whose fixed time then also
/// holds the gaps between the module's kernels, and `products` are the dense products priced one
/// by one.
/// Does not model: all-reduce, residual and input norm (not in the module); sparse indexers.
/// Source: DeepSeek-V2 (2024), equations 9 to 19 and the absorption of section 2.1; formulas of
/// attention_prefill.h and attention_decode.h.
#pragma once

#include <array>

#include "penstock/compute/kernels/attention_decode.h"
#include "penstock/compute/kernels/attention_prefill.h"
#include "penstock/compute/kernels/gemm.h"

namespace penstock::compute {

/// Geometry of latent attention, named as in Hugging Face configs.
struct LatentDims {
  int64_t kv_lora_rank = 0;
  int64_t q_lora_rank = 0;
  int64_t qk_nope_head_dim = 0;
  int64_t qk_rope_head_dim = 0;
  int64_t v_head_dim = 0;
  int64_t hidden_size = 0;
};

/// Attention of prompts, keys and values up-projected.
AttentionShape latent_prefill_shape(const LatentDims& dims, int64_t head_count,
                                    catalog::Dtype compute, catalog::Dtype cache);

/// Attention of generation, absorbed.
AttentionShape latent_decode_shape(const LatentDims& dims, int64_t head_count,
                                   catalog::Dtype compute, catalog::Dtype cache);

/// Dense products of a module, each `count` times; those of absorbed heads are batched products,
/// written as one of all heads' weights.
struct LatentProjections {
  struct Product {
    GemmCall call;
    int64_t count = 1;
  };
  std::array<Product, 6> products;
  size_t product_count = 0;
};

/// Products of a prompt's module over `tokens` new tokens in the format of `weights`/`compute`.
LatentProjections latent_prefill_projections(const LatentDims& dims, int64_t head_count,
                                             int64_t tokens, catalog::Dtype weights,
                                             catalog::Dtype compute);

/// Products of a generation step's module; the absorbing ones stay in bf16.
LatentProjections latent_decode_projections(const LatentDims& dims, int64_t head_count,
                                            int64_t tokens, catalog::Dtype weights,
                                            catalog::Dtype compute);

/// Traffic of a module's norms, rotation and concatenation.
Bytes latent_elementwise_bytes(const LatentDims& dims, int64_t head_count, int64_t tokens,
                               bool absorbed);

/// A module: the attention call and what surrounds it.
template <class KernelCall>
struct LatentModuleCall {
  KernelCall kernel;
  Seconds projections;  ///< of all products, priced as dense products
  Bytes elementwise;
};
using LatentPrefillModuleCall = LatentModuleCall<AttentionPrefillCall>;
using LatentDecodeModuleCall = LatentModuleCall<AttentionDecodeCall>;

template <class KernelShared>
struct LatentModuleShared {
  KernelShared kernel;
  double elementwise_fraction = 0.5;  ///< of the bandwidth
};
using LatentPrefillModuleShared = LatentModuleShared<AttentionPrefillShared>;
using LatentDecodeModuleShared = LatentModuleShared<AttentionDecodeShared>;

template <class Visitor, class KernelShared>
void fields(Visitor& v, LatentModuleShared<KernelShared>& c) {
  fields(v, c.kernel);
  v.required("elementwise", c.elementwise_fraction,
             "Share of the memory bandwidth of norms and rotation.", {.min = 0.05, .max = 2.0});
}

template <class KernelGroup>
struct LatentModuleGroup : KernelGroup {
  double projections_factor = 1.0;  ///< of the products' own prediction
};
using LatentPrefillModuleGroup = LatentModuleGroup<AttentionPrefillGroup>;
using LatentDecodeModuleGroup = LatentModuleGroup<AttentionDecodeGroup>;

template <class Visitor, class KernelGroup>
void fields(Visitor& v, LatentModuleGroup<KernelGroup>& c) {
  fields(v, static_cast<KernelGroup&>(c));
  v.required("projections", c.projections_factor,
             "Time of the projections over that of their products alone.",
             {.min = 0.3, .max = 3.0});
}

/// Duration of a prompt's module; never below its kernel's roofline.
Seconds latent_prefill_module_duration(const Machine& machine,
                                       const LatentPrefillModuleShared& shared,
                                       const LatentPrefillModuleGroup& group,
                                       const LatentPrefillModuleCall& call);

/// Duration of a generation step's module; never below its kernel's roofline.
Seconds latent_decode_module_duration(const Machine& machine,
                                      const LatentDecodeModuleShared& shared,
                                      const LatentDecodeModuleGroup& group,
                                      const LatentDecodeModuleCall& call);

}  // namespace penstock::compute
