/// How far real kernels stay below the roofline: a few coefficients per kernel family and format.
///
/// Families with a kernel model have fitted coefficients; the others, and accelerators known by
/// published utilisations alone, have flat rows: one compute share, one bandwidth share and one
/// fixed time a family and format, with the quantiles of their residuals. All stand in
/// data/efficiency. An accelerator without a set of its own takes that of its kin (kin.h), else the
/// default set, whose band is wider; what a set leaves out it takes from the default set.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "penstock/base/fields.h"
#include "penstock/catalog/accelerator.h"
#include "penstock/catalog/catalog.h"
#include "penstock/compute/kernel_set.h"
#include "penstock/compute/kernels/attention_decode.h"
#include "penstock/compute/kernels/attention_prefill.h"
#include "penstock/compute/kernels/experts.h"
#include "penstock/compute/kernels/gemm.h"
#include "penstock/compute/kernels/latent_attention.h"
#include "penstock/compute/kin.h"
#include "penstock/compute/operator.h"

namespace penstock::compute {

/// Coefficients of one family in one format.
struct KernelEfficiency {
  Family family = Family::kGemm;
  catalog::Dtype dtype = catalog::Dtype::kBf16;
  double compute_fraction = 1.0;         ///< of the dense peak
  double memory_fraction = 1.0;          ///< of the memory bandwidth
  Seconds fixed;                         ///< each call, inside a CUDA graph
  double low_factor = 1.0;               ///< measured over predicted, 10th percentile
  double high_factor = 1.0;              ///< 90th percentile
  int64_t rows = 0;                      ///< measured rows behind the fit; 0: published, or assumed
  std::optional<bool> latent;            ///< of latent attention only
  std::optional<std::string> published;  ///< where its shares stand; unset: fitted or assumed
  std::optional<std::string> date;       ///< of that publication
  bool by_default = false;               ///< taken from the default set; never in files
};

template <class Visitor>
void fields(Visitor& v, KernelEfficiency& c) {
  v.required("family", c.family, "Kernel family.");
  v.optional("dtype", c.dtype, "Format of the products.");
  v.required("compute", c.compute_fraction, "Share of the dense peak reached.",
             {.min = 0.001, .max = 1.0});
  v.required("memory", c.memory_fraction, "Share of the memory bandwidth reached.",
             {.min = 0.001, .max = 1.0});
  v.required("fixed", c.fixed, "Time of a call besides its work.", {.min = 0.0});
  v.required("low", c.low_factor, "Measured over predicted, 10th percentile.", {.min = 0.01});
  v.required("high", c.high_factor, "Measured over predicted, 90th percentile.", {.min = 0.01});
  v.optional("rows", c.rows, "Measured rows behind the fit.", {.min = 0});
  v.optional("latent", c.latent, "Of latent attention only.");
  v.optional("published", c.published, "Where the shares are published, if they were not fitted.");
  v.optional("date", c.date, "Of that publication.");
}

/// Board power as shares of the power limit: idle + compute activity + memory activity, at most 1.
struct PowerShares {
  double idle_fraction = 0.0;
  double compute_fraction = 0.0;
  double memory_fraction = 0.0;
};

template <class Visitor>
void fields(Visitor& v, PowerShares& c) {
  v.required("idle", c.idle_fraction, "Of an idle board with a model loaded.",
             {.min = 0.0, .max = 1.0});
  v.required("compute", c.compute_fraction, "Added at the full matrix rate.",
             {.min = 0.0, .max = 1.0});
  v.required("memory", c.memory_fraction, "Added at the full memory bandwidth.",
             {.min = 0.0, .max = 1.0});
}

using GemmSet = KernelSet<GemmShared, GemmGroup>;
using ExpertsSet = KernelSet<ExpertsShared, ExpertsGroup>;
using AttentionPrefillSet = KernelSet<AttentionPrefillShared, AttentionPrefillGroup>;
using AttentionDecodeSet = KernelSet<AttentionDecodeShared, AttentionDecodeGroup>;
using LatentPrefillModuleSet = KernelSet<LatentPrefillModuleShared, LatentPrefillModuleGroup>;
using LatentDecodeModuleSet = KernelSet<LatentDecodeModuleShared, LatentDecodeModuleGroup>;

struct Efficiency {
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
  std::string source;
  std::string date;
  catalog::Confidence confidence = catalog::Confidence::kLow;
  std::string architecture;                ///< of the accelerator; empty: stands in for none
  std::vector<std::string> stands_in_for;  ///< further architectures without sets of their own
  std::optional<GemmSet> gemm;
  std::optional<ExpertsSet> experts;
  std::optional<AttentionPrefillSet> attention_prefill;
  std::optional<AttentionDecodeSet> attention_decode;
  std::optional<AttentionPrefillSet> latent_prefill;
  std::optional<AttentionDecodeSet> latent_decode;
  std::optional<LatentPrefillModuleSet> latent_prefill_module;
  std::optional<LatentDecodeModuleSet> latent_decode_module;
  std::vector<KernelEfficiency> kernels;  ///< families without a model of their own
  PowerShares power;

  /// Exact family and format, else the family in its nearest format, else the GEMM row. Rows of
  /// latent attention serve it first, and nothing else.
  [[nodiscard]] const KernelEfficiency& kernel(Family family, catalog::Dtype dtype,
                                               bool latent = false) const;
};

template <class Visitor>
void fields(Visitor& v, Efficiency& c) {
  v.required("id", c.id, "Accelerator id, or 'default'.");
  v.optional("aliases", c.aliases, "Other names.");
  v.required("summary", c.summary, "One line.");
  v.required("source", c.source, "What was fitted, or why assumed.");
  v.required("date", c.date, "When.");
  v.required("confidence", c.confidence, "How far to trust it.");
  v.optional("architecture", c.architecture, "Kin that may borrow this set.");
  v.optional("stands_in_for", c.stands_in_for,
             "Further architectures whose accelerators may borrow it.");
  v.optional("gemm", c.gemm, "Dense products.");
  v.optional("experts", c.experts, "Routed experts of a layer, fused.");
  v.optional("attention_prefill", c.attention_prefill, "Attention over prompts.");
  v.optional("attention_decode", c.attention_decode, "Attention of generation steps.");
  v.optional("latent_prefill", c.latent_prefill, "Latent attention over prompts, up-projected.");
  v.optional("latent_decode", c.latent_decode, "Latent attention of generation steps, absorbed.");
  v.optional("latent_prefill_module", c.latent_prefill_module,
             "A layer's whole latent attention over prompts, to compare with measured modules.");
  v.optional("latent_decode_module", c.latent_decode_module, "The same of generation steps.");
  v.required("kernels", c.kernels,
             "Families without a model here: one row a family and format. The default set's rows "
             "serve families that have neither.");
  v.optional("power", c.power, "Board power by activity; unset: the default set's.");
}

/// Calls `visit` with each family that has a model and is present.
template <class Set, class Visit>
void for_each_family(Set& set, const Visit& visit) {
  if (set.gemm) visit(*set.gemm);
  if (set.experts) visit(*set.experts);
  if (set.attention_prefill) visit(*set.attention_prefill);
  if (set.attention_decode) visit(*set.attention_decode);
  if (set.latent_prefill) visit(*set.latent_prefill);
  if (set.latent_decode) visit(*set.latent_decode);
  if (set.latent_prefill_module) visit(*set.latent_prefill_module);
  if (set.latent_decode_module) visit(*set.latent_decode_module);
}

/// The set for an accelerator and how it was found.
struct EfficiencyChoice {
  Efficiency efficiency;
  enum class Origin : uint8_t { kOwn, kKin, kDefault } origin = Origin::kOwn;
  Kinship kinship = Kinship::kArchitecture;  ///< of kin

  /// One line for the notes of a result; empty when all is the accelerator's own and measured.
  [[nodiscard]] std::string note(const catalog::Accelerator& accelerator) const;
};

/// Own set, else what it borrows. Mistakes in an overlay's file become findings.
EfficiencyChoice choose_efficiency(const catalog::Catalog& catalog,
                                   const catalog::Accelerator& accelerator, Findings& findings);

/// What an accelerator borrows where it has no set of its own, or as if it had none: that of its
/// nearest kin with rates carried over and wider bands, else the default.
EfficiencyChoice borrow_efficiency(const catalog::Catalog& catalog,
                                   const catalog::Accelerator& accelerator, Findings& findings);

/// An accelerator as one that others may borrow from; nullopt when it has no set that names its
/// architecture.
std::optional<KinCandidate> kin_candidate(const catalog::Catalog& catalog, std::string_view id);

/// What an engine's captured graphs and fused kernels make of kernels that were timed one by one.
struct GraphEffects {
  std::optional<Seconds> kernel_gap_max;  ///< most of a kernel's fixed time that still shows
  double elementwise_fraction = 1.0;      ///< of element-wise kernels' time that fusion leaves
};

/// The same set as an engine runs it.
Efficiency in_graph(const Efficiency& efficiency, const GraphEffects& effects);

/// The same set with every kernel slower by its residual quantile: the two ends of
/// a band. `high` picks the 90th percentile of durations, otherwise the 10th.
Efficiency at_band_end(const Efficiency& efficiency, bool high);

}  // namespace penstock::compute
