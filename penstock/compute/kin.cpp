#include "penstock/compute/kin.h"

#include <algorithm>

namespace penstock::compute {
namespace {

/// Boost clocks of one architecture's products differ by about this much (H100 SXM and PCIe, B200
/// and GB200); peaks per multiprocessor that differ more differ in their matrix units.
constexpr double kClockSpread = 1.15;

}  // namespace

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
