#include "penstock/catalog/kin.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace penstock::catalog {
namespace {

/// How far apart the operations per byte that balance two accelerators are. One without a published
/// 16-bit peak has no such ratio and is equally far from all.
double balance_distance_factor(const Accelerator& a, const Accelerator& b) {
  const auto peak_a = a.peak_for(Dtype::kBf16);
  const auto peak_b = b.peak_for(Dtype::kBf16);
  if (!peak_a || !peak_b) return 0.0;
  return std::abs(
      std::log((*peak_a / a.memory_bandwidth.value) / (*peak_b / b.memory_bandwidth.value)));
}

std::optional<Kinship> kinship(const Accelerator& own, const KinCandidate& other) {
  const std::string_view wanted = own.architecture;
  const std::string_view theirs = other.accelerator.architecture;
  if (theirs == wanted) return Kinship::kArchitecture;
  const bool extended =
      wanted.size() > theirs.size() && wanted.starts_with(theirs) && wanted[theirs.size()] == '_';
  const auto& named = other.stands_in_for;
  if (extended || std::find(named.begin(), named.end(), wanted) != named.end()) {
    return Kinship::kNamed;
  }
  if (other.accelerator.vendor == own.vendor) return Kinship::kMaker;
  return std::nullopt;
}

}  // namespace

std::optional<Kin> nearest_kin(const Accelerator& own, std::span<const KinCandidate> candidates) {
  std::optional<Kin> nearest;
  std::pair<Kinship, double> least;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const Accelerator& other = candidates[i].accelerator;
    if (other.id == own.id || !other.peak_for(Dtype::kBf16)) continue;
    const auto relation = kinship(own, candidates[i]);
    if (!relation) continue;
    const std::pair<Kinship, double> distance = {*relation, balance_distance_factor(other, own)};
    if (nearest && !(distance < least)) continue;
    nearest = Kin{i, *relation};
    least = distance;
  }
  return nearest;
}

}  // namespace penstock::catalog
