/// Which measured accelerator stands in for one without measurements, and what of its kernels
/// carries over.
///
/// Nearest is one of the same architecture; then one whose architecture the other's name extends
/// ("blackwell" for "blackwell_ultra") or that its set names; then one of the same maker. Among
/// equals the one with the nearest ratio of matrix peak to memory bandwidth. Nothing stands in
/// across makers: their kernels are written anew.
/// Beyond what clocks explain, a multiprocessor attains what that of its kin does, unless only the
/// maker is the same:
///   compute share = min(1, kin's share * r / clamp(r, 1/1.15, 1.15))
/// with r = kin's peak per multiprocessor / own. A sibling sold with part of its peak (H20) so
/// comes nearer to it. All other coefficients carry over as they are.
/// Validated against: docs/validation.md, "by kin"; serving_infersim (H20).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "penstock/catalog/accelerator.h"
#include "penstock/compute/kernel_set.h"
#include "penstock/compute/machine.h"

namespace penstock::compute {

enum class Kinship : uint8_t { kArchitecture, kNamed, kMaker };

/// A measured accelerator.
struct KinCandidate {
  catalog::Accelerator accelerator;
  std::vector<std::string> stands_in_for;  ///< further architectures that its set names
};

struct Kin {
  size_t index = 0;  ///< among the candidates
  Kinship kinship = Kinship::kArchitecture;
};

/// The nearest candidate other than the accelerator itself; nullopt when none is kin. Both need a
/// 16-bit matrix peak.
std::optional<Kin> nearest_kin(const catalog::Accelerator& own,
                               std::span<const KinCandidate> candidates);

/// Whether rates per multiprocessor carry over between such kin.
constexpr bool carries_rates(Kinship kinship) { return kinship != Kinship::kMaker; }

/// A compute share of `from` as `to` attains it.
double carried_fraction(double compute_fraction, catalog::Dtype computed, const Machine& from,
                        const Machine& to);

/// A family's set as kin of the same architecture attains it.
template <class Shared, class Group>
void carry_rates(KernelSet<Shared, Group>& set, const Machine& from, const Machine& to) {
  for (Fitted<Group>& group : set.groups) {
    double& share = group.coefficients.compute_fraction;
    share = carried_fraction(share, group.origin.format.computed, from, to);
  }
}

}  // namespace penstock::compute
