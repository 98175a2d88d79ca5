/// What of its kernels carries over from the accelerator that stands in for one without
/// measurements (catalog/kin.h).
///
/// Beyond what clocks explain, a multiprocessor attains what that of its kin does, unless only the
/// maker is the same:
///   compute share = min(1, kin's share * r / clamp(r, 1/1.15, 1.15))
/// with r = kin's peak per multiprocessor / own. A sibling sold with part of its peak (H20) so
/// comes nearer to it. All other coefficients carry over as they are.
/// Validated against: docs/validation.md, "by kin"; serving_infersim (H20).
#pragma once

#include <algorithm>

#include "penstock/catalog/kin.h"
#include "penstock/compute/kernel_set.h"
#include "penstock/compute/machine.h"

namespace penstock::compute {

using catalog::Kin;
using catalog::KinCandidate;
using catalog::Kinship;
using catalog::nearest_kin;

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
