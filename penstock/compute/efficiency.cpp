#include "penstock/compute/efficiency.h"

#include <algorithm>

#include "penstock/base/check.h"

namespace penstock::compute {

using catalog::Dtype;

namespace {

/// How unlike two formats are: the same, the same width class, or neither.
int distance(Dtype a, Dtype b) {
  if (a == b) return 0;
  const auto width = [](Dtype d) {
    if (d == Dtype::kFp32) return 4;
    if (d == Dtype::kBf16 || d == Dtype::kInt4) return 2;
    return d == Dtype::kFp8 || d == Dtype::kFp8Block || d == Dtype::kInt8 ? 1 : 0;
  };
  // a weight-only format stands in for another only where nothing of the same width class does
  const int kind = (a == Dtype::kInt4) != (b == Dtype::kInt4) ? 1 : 0;
  return 2 + 2 * std::abs(width(a) - width(b)) + kind;
}

/// Another chip of the family: its kernels are not tuned alike, so both ends of a band move out.
/// Between accelerators with sets of their own, shares of one family differ by about this much
/// (data/efficiency, 2026-07).
constexpr double kKinSpread = 1.25;

std::optional<Efficiency> read_set(const catalog::Catalog& catalog, std::string_view id,
                                   Findings& findings) {
  const std::optional<Node> tree = catalog.tree("efficiency", id);
  if (!tree) return std::nullopt;
  const size_t before = findings.size();
  auto set = read_config<Efficiency>(*tree, findings);
  const bool has_gemm =
      (set.gemm && !set.gemm->empty()) ||
      std::any_of(set.kernels.begin(), set.kernels.end(),
                  [](const KernelEfficiency& row) { return row.family == Family::kGemm; });
  if (!has_gemm && findings.size() == before) {
    findings.add(tree->mark,
                 "efficiencies need dense products: 'gemm' with a group, or a row of "
                 "family 'gemm' among the kernels");
  }
  if (findings.size() != before) return std::nullopt;
  return set;
}

/// The set of the same architecture, else of the one whose name this one extends.
std::optional<Efficiency> kin_set(const catalog::Catalog& catalog, std::string_view architecture,
                                  Findings& findings) {
  std::optional<Efficiency> stem;
  for (const catalog::EntryInfo& entry : catalog.list("efficiency")) {
    auto set = read_set(catalog, entry.id, findings);
    if (!set || set->architecture.empty()) continue;
    if (set->architecture == architecture) return set;
    const bool extended = architecture.size() > set->architecture.size() &&
                          architecture.starts_with(set->architecture) &&
                          architecture[set->architecture.size()] == '_';
    const auto& others = set->stands_in_for;
    const bool named = std::find(others.begin(), others.end(), architecture) != others.end();
    if ((extended || named) && !stem) stem = std::move(set);
  }
  return stem;
}

void widen(Efficiency& set) {
  const auto spread = [](double& low_factor, double& high_factor) {
    low_factor = low_factor / kKinSpread;
    high_factor = high_factor * kKinSpread;
  };
  for (KernelEfficiency& row : set.kernels) spread(row.low_factor, row.high_factor);
  for_each_family(set, [&](auto& family) {
    for (auto& group : family.groups) {
      spread(group.residuals.low_factor, group.residuals.high_factor);
    }
  });
  spread(set.collective.low_factor, set.collective.high_factor);
}

}  // namespace

const KernelEfficiency& Efficiency::kernel(Family family, Dtype dtype) const {
  const KernelEfficiency* best = nullptr;
  for (const KernelEfficiency& row : kernels) {
    if (row.family != family) continue;
    if (best == nullptr || distance(row.dtype, dtype) < distance(best->dtype, dtype)) best = &row;
  }
  if (best != nullptr) return *best;
  PENSTOCK_CHECK(family != Family::kGemm, "efficiency set '{}' has no gemm row", id);
  // matrix-like families fall back to the dense product
  return kernel(Family::kGemm, dtype);
}

std::string EfficiencyChoice::note(const catalog::Accelerator& accelerator) const {
  if (origin == Origin::kOwn) return {};
  if (origin == Origin::kKin) {
    return fmt::format(
        "{} has no efficiencies of its own; those of {} ({}) stand in, with a wider band",
        accelerator.id, efficiency.id, efficiency.architecture);
  }
  return fmt::format(
      "{} is outside the measured domain: the default efficiencies stand in, with a wide band",
      accelerator.id);
}

EfficiencyChoice choose_efficiency(const catalog::Catalog& catalog,
                                   const catalog::Accelerator& accelerator, Findings& findings) {
  using Origin = EfficiencyChoice::Origin;
  if (auto own = read_set(catalog, accelerator.id, findings)) return {*own, Origin::kOwn};
  if (auto kin = kin_set(catalog, accelerator.architecture, findings)) {
    widen(*kin);
    return {*kin, Origin::kKin};
  }
  auto set = read_set(catalog, "default", findings);
  findings.throw_if_any();  // an overlay may have spoilt the default set itself
  PENSTOCK_CHECK(set.has_value(), "the catalog has no default efficiencies");
  return {*set, Origin::kDefault};
}

Efficiency in_graph(const Efficiency& efficiency, const GraphEffects& effects) {
  Efficiency set = efficiency;
  const auto shorten = [&](Seconds& fixed, double kernel_count) {
    if (effects.kernel_gap_max) fixed = std::min(fixed, *effects.kernel_gap_max * kernel_count);
  };
  const auto shorten_family = [&](auto& family, double kernel_count) {
    if (!family) return;
    for (auto& group : family->groups) shorten(group.coefficients.fixed, kernel_count);
  };
  shorten_family(set.gemm, 1.0);
  // attention is a write of keys and values and a kernel that may combine parts
  constexpr double kAttentionKernels = 3.0;
  shorten_family(set.attention_prefill, kAttentionKernels);
  shorten_family(set.attention_decode, kAttentionKernels);
  shorten_family(set.latent_prefill, kAttentionKernels);
  shorten_family(set.latent_decode, kAttentionKernels);
  // the fixed time of an expert layer is a chain of small kernels at work, not a gap
  for (KernelEfficiency& row : set.kernels) {
    shorten(row.fixed, 1.0);
    if (row.family != Family::kElementwise) continue;
    row.fixed = row.fixed * effects.elementwise_fraction;
    row.memory_fraction = std::min(1.0, row.memory_fraction / effects.elementwise_fraction);
  }
  return set;
}

Efficiency at_band_end(const Efficiency& efficiency, bool high) {
  Efficiency end = efficiency;
  for (KernelEfficiency& row : end.kernels) {
    const double factor = high ? row.high_factor : row.low_factor;
    // a faster end still stays below the roofline
    row.compute_fraction = std::min(1.0, row.compute_fraction / factor);
    row.memory_fraction = std::min(1.0, row.memory_fraction / factor);
    row.fixed = row.fixed * factor;
  }
  for_each_family(end, [&](auto& family) {
    for (auto& group : family.groups) {
      group.scale_factor = high ? group.residuals.high_factor : group.residuals.low_factor;
    }
  });
  CollectiveEfficiency& c = end.collective;
  const double factor = high ? c.high_factor : c.low_factor;
  c.latency = c.latency * factor;
  c.latency_per_rank = c.latency_per_rank * factor;
  c.bandwidth_fraction = std::min(1.0, c.bandwidth_fraction / factor);
  return end;
}

}  // namespace penstock::compute
