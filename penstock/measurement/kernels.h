/// Kernel timings: kernels_gemm.csv, kernels_attention.csv, kernels_mla.csv and kernels_moe.csv as
/// typed rows. One accelerator, one rank; launch overhead of the host is not in the times.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/fields.h"
#include "penstock/base/units.h"
#include "penstock/catalog/catalog.h"
#include "penstock/measurement/number_format.h"

namespace penstock::measurement {

/// What every kernel row has: who ran it, on what, how long.
struct Timing {
  int line = 0;             ///< in the file
  std::string accelerator;  ///< id in the catalog
  std::string framework;    ///< trtllm, sglang, vllm, or the user's own name
  std::string framework_version;
  std::string kernel;  ///< label of the collector; the same key may occur with two
  Seconds latency;
  std::optional<Watts> power;  ///< mean of the board during back-to-back replays
};

/// y[m,n] = x[m,k] W[n,k]^T with x and y in bfloat16; quantising x is inside the time.
struct GemmRow {
  Timing timing;
  NumberFormat format;
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
};

enum class Phase : uint8_t { kPrefill, kDecode };

/// Attention of one layer on one rank; all sequences of the batch are equally long. A decode step
/// attends to context_tokens + 1.
struct AttentionRow {
  Timing timing;
  Phase phase = Phase::kPrefill;
  NumberFormat compute;  ///< of both products
  NumberFormat cache;    ///< of keys and values
  int64_t batch_count = 0;
  int64_t query_tokens = 0;    ///< new ones of each sequence; 1 in decode
  int64_t context_tokens = 0;  ///< in the cache before this step
  int64_t query_head_count = 0;
  int64_t kv_head_count = 0;
  int64_t head_dim = 0;
  int64_t window_tokens = 0;  ///< sliding window; 0: none
};

enum class MlaScope : uint8_t {
  kKernel,  ///< attention alone
  kModule,  ///< the layer's whole attention with its projections, without the all-reduce
};

/// Multi-head latent attention of one layer on one rank.
struct MlaRow {
  Timing timing;
  MlaScope scope = MlaScope::kKernel;
  Phase phase = Phase::kPrefill;
  NumberFormat compute;
  NumberFormat cache;
  NumberFormat projections;  ///< of a module's products; bfloat16 in kernel rows
  int64_t batch_count = 0;
  int64_t query_tokens = 0;
  int64_t context_tokens = 0;
  int64_t head_count = 0;  ///< on this rank
  int64_t kv_lora_rank = 0;
  int64_t q_lora_rank = 0;
  int64_t qk_nope_head_dim = 0;
  int64_t qk_rope_head_dim = 0;
  int64_t v_head_dim = 0;
};

/// How a collector spread tokens over experts. Rank 0 has the largest load in the skewed ones.
enum class ExpertLoad : uint8_t { kBalanced, kPowerLaw101, kPowerLaw12 };

/// The fused mixture-of-experts layer of rank 0 of a group: top-k, permute, both products, the
/// activation between them, and the weighted sum. No router product, shared expert or exchange.
struct MoeRow {
  Timing timing;
  NumberFormat format;
  int64_t tokens = 0;  ///< of all ranks together
  int64_t hidden_size = 0;
  int64_t inter_size = 0;  ///< of a whole expert
  int64_t topk_count = 0;
  int64_t expert_count = 0;
  int64_t tensor_count = 1;        ///< ranks that share each expert
  int64_t expert_group_count = 1;  ///< groups that hold different experts
  ExpertLoad load = ExpertLoad::kBalanced;
  /// SwiGLU. Otherwise (ReLU squared) one product less: kernels named nongated, and the shape of
  /// Nemotron 3 (22 of 512 experts) in all but Triton's kernels, whose collectors gate every model.
  bool gated = true;
  /// Only tokens with a copy for rank 0 are in the call, as after an exchange: SGLang's collector.
  bool exchanged = false;
};

std::vector<GemmRow> read_gemm(const std::shared_ptr<const Source>& source,
                               const catalog::Catalog& catalog, Findings& findings);
std::vector<AttentionRow> read_attention(const std::shared_ptr<const Source>& source,
                                         const catalog::Catalog& catalog, Findings& findings);
std::vector<MlaRow> read_mla(const std::shared_ptr<const Source>& source,
                             const catalog::Catalog& catalog, Findings& findings);
std::vector<MoeRow> read_moe(const std::shared_ptr<const Source>& source,
                             const catalog::Catalog& catalog, Findings& findings);

/// All kernel timings of a folder.
struct KernelRows {
  std::vector<GemmRow> gemm;
  std::vector<AttentionRow> attention;
  std::vector<MlaRow> mla;
  std::vector<MoeRow> moe;
};

/// Reads those of the four files that a folder has; that it has none is a finding.
KernelRows read_kernels(const std::string& directory, const catalog::Catalog& catalog,
                        Findings& findings);

}  // namespace penstock::measurement

template <>
struct penstock::EnumText<penstock::measurement::Phase> {
  using P = penstock::measurement::Phase;
  static constexpr std::array<std::pair<P, std::string_view>, 2> kNames = {
      {{P::kPrefill, "prefill"}, {P::kDecode, "decode"}}};
};

template <>
struct penstock::EnumText<penstock::measurement::MlaScope> {
  using S = penstock::measurement::MlaScope;
  static constexpr std::array<std::pair<S, std::string_view>, 2> kNames = {
      {{S::kKernel, "kernel"}, {S::kModule, "module"}}};
};

template <>
struct penstock::EnumText<penstock::measurement::ExpertLoad> {
  using L = penstock::measurement::ExpertLoad;
  static constexpr std::array<std::pair<L, std::string_view>, 3> kNames = {
      {{L::kBalanced, "balanced"},
       {L::kPowerLaw101, "power_law_1.01"},
       {L::kPowerLaw12, "power_law_1.2"}}};
};
