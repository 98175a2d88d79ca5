#include "penstock/compute/kin.h"

#include <cmath>
#include <string_view>
#include <utility>

namespace penstock::compute {
namespace {

/// Boost clocks of one architecture's products differ by about this much (H100 SXM and PCIe, B200
/// and GB200); peaks per multiprocessor that differ more differ in their matrix units.
constexpr double kClockSpread = 1.15;

/// Operations per byte that balance an accelerator.
double balance_factor(const catalog::Accelerator& accelerator) {
  return accelerator.peak_for(catalog::Dtype::kBf16)->value() /
         accelerator.memory_bandwidth.value.value();
}

std::optional<Kinship> kinship(const catalog::Accelerator& own, const KinCandidate& other) {
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

std::optional<Kin> nearest_kin(const catalog::Accelerator& own,
                               std::span<const KinCandidate> candidates) {
  std::optional<Kin> nearest;
  std::pair<Kinship, double> least;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const catalog::Accelerator& other = candidates[i].accelerator;
    if (other.id == own.id || !other.peak_for(catalog::Dtype::kBf16)) continue;
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

double carried_fraction(double compute_fraction, catalog::Dtype computed, const Machine& from,
                        const Machine& to) {
  const double theirs = from.peak(computed).value() / from.multiprocessor_count_factor;
  const double own = to.peak(computed).value() / to.multiprocessor_count_factor;
  const double ratio = theirs / own;
  // what a higher clock adds to the peak it adds to the rest of the multiprocessor too
  const double cut_factor = ratio / std::clamp(ratio, 1.0 / kClockSpread, kClockSpread);
  // shares of some fits lie above 1, where other terms of the formula make up for it
  return std::min(std::max(1.0, compute_fraction), compute_fraction * cut_factor);
}

}  // namespace penstock::compute
