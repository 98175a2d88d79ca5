#include "penstock/compute/efficiency.h"

#include <algorithm>
#include <utility>

#include "penstock/base/check.h"
#include "penstock/base/text.h"

namespace penstock::compute {

using catalog::Dtype;

namespace {

constexpr std::string_view kDefaultSet = "default";

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

/// Another chip's kernels are not tuned alike, so both ends of a band move out. By how much is what
/// the measured accelerators show when each is predicted by its kin (docs/validation.md, by kin):
/// bands so wide hold 75 to 95 % of the calls of each.
double spread_factor(Kinship kinship) {
  constexpr double kSibling = 1.15;
  constexpr double kOther = 1.5;
  return kinship == Kinship::kArchitecture ? kSibling : kOther;
}

std::optional<Efficiency> read_set(const catalog::Catalog& catalog, std::string_view id,
                                   Findings& findings);

/// Families that a set does not price, which the default set's rows then do.
std::vector<Family> missing_families(const Efficiency& set) {
  std::vector<Family> missing;
  for (const auto& [family, name] : EnumText<Family>::kNames) {
    const bool modelled =
        (family == Family::kGemm && set.gemm) || (family == Family::kGroupedGemm && set.experts);
    const bool has_row =
        std::any_of(set.kernels.begin(), set.kernels.end(), [&](const KernelEfficiency& row) {
          return row.family == family && !row.latent.value_or(false);
        });
    if (!modelled && !has_row && family != Family::kCollective) missing.push_back(family);
  }
  return missing;
}

/// Takes what a set leaves out from the default one.
void complete(const Node& tree, const catalog::Catalog& catalog, Efficiency& set,
              Findings& findings) {
  const std::vector<Family> missing = missing_families(set);
  const bool whole = tree.find("power") != nullptr;
  if (set.id == kDefaultSet || (missing.empty() && whole)) return;
  const auto ground = read_set(catalog, kDefaultSet, findings);
  if (!ground) return;
  if (tree.find("power") == nullptr) set.power = ground->power;
  for (KernelEfficiency row : ground->kernels) {
    if (std::find(missing.begin(), missing.end(), row.family) == missing.end()) continue;
    row.by_default = true;
    set.kernels.push_back(row);
  }
}

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
  if (findings.size() == before) complete(*tree, catalog, set, findings);
  if (findings.size() != before) return std::nullopt;
  return set;
}

void widen(Efficiency& set, double by_factor) {
  const auto spread = [&](double& low_factor, double& high_factor) {
    low_factor = low_factor / by_factor;
    high_factor = high_factor * by_factor;
  };
  for (KernelEfficiency& row : set.kernels) spread(row.low_factor, row.high_factor);
  for_each_family(set, [&](auto& family) {
    for (auto& group : family.groups) {
      spread(group.residuals.low_factor, group.residuals.high_factor);
    }
  });
}

/// Compute shares as a sibling of the same architecture attains them.
void carry_all_rates(Efficiency& set, const Machine& from, const Machine& to) {
  for (KernelEfficiency& row : set.kernels) {
    row.compute_fraction =
        std::min(1.0, carried_fraction(row.compute_fraction, row.dtype, from, to));
  }
  for_each_family(set, [&](auto& family) { carry_rates(family, from, to); });
}

/// "gemm in int8, latent attention_decode in bf16".
std::string row_name(const KernelEfficiency& row) {
  return fmt::format("{}{} in {}", row.latent.value_or(false) ? "latent " : "",
                     enum_name(row.family), enum_name(row.dtype));
}

/// What publications price, each with its rows; empty where none does.
std::string published_text(const Efficiency& set) {
  std::vector<std::pair<std::string, std::string>> by_source;
  for (const KernelEfficiency& row : set.kernels) {
    if (!row.published) continue;
    const std::string source =
        *row.published + (row.date ? fmt::format(", {}", *row.date) : std::string());
    const auto same = std::find_if(by_source.begin(), by_source.end(),
                                   [&](const auto& entry) { return entry.first == source; });
    if (same == by_source.end()) {
      by_source.emplace_back(source, row_name(row));
    } else {
      same->second += " and " + row_name(row);
    }
  }
  std::string text;
  for (const auto& [source, rows] : by_source) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", rows, source);
  }
  return text;
}

/// Families that the default set prices; empty where none is.
std::string default_text(const Efficiency& set) {
  std::vector<std::string> names;
  for (const KernelEfficiency& row : set.kernels) {
    const std::string name(enum_name(row.family));
    if (row.by_default && std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  return join(names);
}

}  // namespace

const KernelEfficiency& Efficiency::kernel(Family family, Dtype dtype, bool latent) const {
  const KernelEfficiency* best = nullptr;
  const auto rank = [&](const KernelEfficiency& row) {
    return std::pair(row.latent.value_or(false) != latent, distance(row.dtype, dtype));
  };
  for (const KernelEfficiency& row : kernels) {
    if (row.family != family || (row.latent.value_or(false) && !latent)) continue;
    if (best == nullptr || rank(row) < rank(*best)) best = &row;
  }
  if (best != nullptr) return *best;
  PENSTOCK_CHECK(family != Family::kGemm, "efficiency set '{}' has no gemm row", id);
  // matrix-like families fall back to the dense product
  return kernel(Family::kGemm, dtype);
}

std::string EfficiencyChoice::note(const catalog::Accelerator& accelerator) const {
  const std::string published = published_text(efficiency);
  const std::string by_default = default_text(efficiency);
  std::string text;
  switch (origin) {
    case Origin::kOwn:
      if (published.empty() && by_default.empty()) return {};
      if (!published.empty()) text = accelerator.id + " has no measured kernels";
      break;
    case Origin::kKin:
      text = fmt::format(
          "{} has no efficiencies of its own; those of {} ({}{}) stand in, with a "
          "wider band",
          accelerator.id, efficiency.id, efficiency.architecture,
          kinship == Kinship::kMaker ? ", of the same maker" : "");
      break;
    case Origin::kDefault:
      return fmt::format(
          "{} is outside the measured domain: the default efficiencies stand in, with a wide band",
          accelerator.id);
  }
  if (!published.empty()) text += fmt::format("; published utilisations price {}", published);
  if (by_default.empty()) return text;
  if (text.empty()) text = fmt::format("the efficiencies of {} are in part", efficiency.id);
  return text + fmt::format("; the default ones, with a wide band, price {}", by_default);
}

std::optional<KinCandidate> kin_candidate(const catalog::Catalog& catalog, std::string_view id) {
  const std::optional<Node> tree = catalog.tree("efficiency", id);
  if (!tree) return std::nullopt;
  const Node* architecture = tree->find("architecture");
  if (architecture == nullptr || architecture->text.empty()) return std::nullopt;
  Findings findings;
  auto accelerator = catalog.accelerator(id, {}, findings);
  if (!accelerator) return std::nullopt;
  KinCandidate candidate{*std::move(accelerator), {}};
  candidate.accelerator.architecture = architecture->text;
  if (const Node* named = tree->find("stands_in_for")) {
    for (const Node& item : named->items) candidate.stands_in_for.push_back(item.text);
  }
  return candidate;
}

EfficiencyChoice borrow_efficiency(const catalog::Catalog& catalog,
                                   const catalog::Accelerator& accelerator, Findings& findings) {
  using Origin = EfficiencyChoice::Origin;
  std::vector<KinCandidate> candidates;
  for (const std::string& id : catalog.ids("efficiency")) {
    if (auto candidate = kin_candidate(catalog, id)) candidates.push_back(*std::move(candidate));
  }
  if (const auto kin = nearest_kin(accelerator, candidates)) {
    const catalog::Accelerator& other = candidates[kin->index].accelerator;
    if (auto set = read_set(catalog, other.id, findings)) {
      if (carries_rates(kin->kinship)) {
        carry_all_rates(*set, Machine::of(other), Machine::of(accelerator));
      }
      widen(*set, spread_factor(kin->kinship));
      return {*std::move(set), Origin::kKin, kin->kinship};
    }
  }
  auto set = read_set(catalog, kDefaultSet, findings);
  findings.throw_if_any();  // an overlay may have spoilt the default set itself
  PENSTOCK_CHECK(set.has_value(), "the catalog has no default efficiencies");
  return {*std::move(set), Origin::kDefault};
}

EfficiencyChoice choose_efficiency(const catalog::Catalog& catalog,
                                   const catalog::Accelerator& accelerator, Findings& findings) {
  if (auto own = read_set(catalog, accelerator.id, findings)) {
    return {*std::move(own), EfficiencyChoice::Origin::kOwn};
  }
  return borrow_efficiency(catalog, accelerator, findings);
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
  return end;
}

}  // namespace penstock::compute
