/// Operators: what one step of a model asks of one rank, with true shapes, before any hardware.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/base/fields.h"
#include "penstock/base/units.h"
#include "penstock/catalog/dtype.h"
#include "penstock/compute/expert_load.h"
#include "penstock/compute/kernels/attention_prefill.h"

namespace penstock::compute {

/// Kernel families; each has its own efficiency. `kCollective` is priced by the network.
enum class Family : uint8_t {
  kGemm,
  kGroupedGemm,
  kAttentionPrefill,
  kAttentionDecode,
  kLinearAttention,
  kElementwise,
  kCollective,
};

/// Where an operator belongs in a step, for breakdowns.
enum class Section : uint8_t {
  kAttentionProjection,
  kAttention,
  kFeedForward,
  kExperts,
  kNorm,
  kEmbedding,
  kHead,
  kCommunication,
};

/// What ranks do together in one collective call.
enum class Collective : uint8_t { kNone, kAllReduce, kAllGather, kReduceScatter, kAllToAll };

/// Shape of a dense product C[m,n] = A[m,k] B[k,n]; all 0 when the operator is none.
struct GemmShape {
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
};

/// One kernel of a step on one rank. `flops`, `bytes` and `payload` are of a single call; the step
/// makes `count` calls (one a layer).
struct Operator {
  std::string_view name;  ///< a literal: "qkv_projection"
  Family family = Family::kGemm;
  Section section = Section::kFeedForward;
  int64_t count = 1;
  catalog::Dtype dtype = catalog::Dtype::kBf16;   ///< the format it computes in
  catalog::Dtype stored = catalog::Dtype::kBf16;  ///< that of the weights or the cache it streams
  GemmShape gemm;
  AttentionShape attention;            ///< of attention that has a kernel model; no heads: none
  bool latent = false;                 ///< latent attention's kernels
  std::vector<AttentionChunk> chunks;  ///< of a prompt kernel
  int64_t sequence_count = 0;          ///< of a generation kernel
  int64_t query_tokens = 1;            ///< of each of those sequences
  int64_t context_tokens = 0;          ///< of all of them together
  ExpertsCall experts;  ///< of a fused expert layer; `gemm` is then its widest product
  Flop flops;
  Bytes bytes;             ///< through device memory: weights, activations, KV, once each
  Bytes resident_weights;  ///< weights this operator keeps in memory, whether read now or not
  Collective collective = Collective::kNone;
  int64_t rank_count = 1;  ///< that take part in a collective
  Bytes payload;           ///< of a collective, on each rank, as network/library.h counts it
  /// Works on the tokens of all attention groups of a stage rather than on those of one.
  bool whole_stage = false;
};

/// An attention operator of a decode step as a function of the summed context S of its batch:
/// flops = fixed + S * per_token, bytes likewise. Contexts count up to `cap` tokens each.
struct ContextOperator {
  Operator fixed;
  Flop flops_per_token;
  Bytes bytes_per_token;
  int64_t cap = 0;  ///< tokens of context that count per sequence; kNoCap: all
};

constexpr int64_t kNoCap = int64_t{1} << 62;

}  // namespace penstock::compute

template <>
struct penstock::EnumText<penstock::compute::Family> {
  using F = penstock::compute::Family;
  static constexpr std::array<std::pair<F, std::string_view>, 7> kNames = {
      {{F::kGemm, "gemm"},
       {F::kGroupedGemm, "grouped_gemm"},
       {F::kAttentionPrefill, "attention_prefill"},
       {F::kAttentionDecode, "attention_decode"},
       {F::kLinearAttention, "linear_attention"},
       {F::kElementwise, "elementwise"},
       {F::kCollective, "collective"}}};
};

template <>
struct penstock::EnumText<penstock::compute::Section> {
  using S = penstock::compute::Section;
  static constexpr std::array<std::pair<S, std::string_view>, 8> kNames = {
      {{S::kAttentionProjection, "attention projections"},
       {S::kAttention, "attention"},
       {S::kFeedForward, "feed-forward"},
       {S::kExperts, "experts"},
       {S::kNorm, "norms"},
       {S::kEmbedding, "embedding"},
       {S::kHead, "head and sampling"},
       {S::kCommunication, "communication"}}};
};
