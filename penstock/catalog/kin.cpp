#include "penstock/catalog/kin.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace penstock::catalog {
namespace {

/// Operations per byte that balance an accelerator.
double balance_factor(const Accelerator& accelerator) {
  return accelerator.peak_for(Dtype::kBf16)->value() / accelerator.memory_bandwidth.value.value();
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
    const std::pair<Kinship, double> distance = {
        *relation, std::abs(std::log(balance_factor(other) / balance_factor(own)))};
    if (nearest && !(distance < least)) continue;
    nearest = Kin{i, *relation};
    least = distance;
  }
  return nearest;
}

}  // namespace penstock::catalog
