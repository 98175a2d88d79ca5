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
    return d == Dtype::kFp8 || d == Dtype::kInt8 ? 1 : 0;
  };
  return 1 + std::abs(width(a) - width(b));
}

std::optional<Efficiency> read_set(const catalog::Catalog& catalog, std::string_view id,
                                   Findings& findings) {
  const std::optional<Node> tree = catalog.tree("efficiency", id);
  if (!tree) return std::nullopt;
  return read_config<Efficiency>(*tree, findings);
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
    return fmt::format("{} has no efficiencies of its own; those of {} ({}) stand in",
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
  for (const catalog::EntryInfo& entry : catalog.list("efficiency")) {
    auto set = read_set(catalog, entry.id, findings);
    const bool kin = set && !set->architecture.empty() &&
                     set->architecture == accelerator.architecture;
    if (kin) return {*set, Origin::kKin};
  }
  auto set = read_set(catalog, "default", findings);
  PENSTOCK_CHECK(set.has_value(), "the catalog has no default efficiencies");
  return {*set, Origin::kDefault};
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
  CollectiveEfficiency& c = end.collective;
  const double factor = high ? c.high_factor : c.low_factor;
  c.latency = c.latency * factor;
  c.latency_per_rank = c.latency_per_rank * factor;
  c.bandwidth_fraction = std::min(1.0, c.bandwidth_fraction / factor);
  return end;
}

}  // namespace penstock::compute
