#include "penstock/compute/kernels/gemm.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace penstock::compute {

using catalog::bytes_per_element_factor;
using catalog::Dtype;

namespace {

// a handful of shapes stands for the dozens that libraries choose from: more of them did not bring
// predictions closer to measured products
struct Tile {
  double m, n;
};
constexpr std::array<Tile, 4> kTiles = {{{128, 128}, {64, 128}, {64, 64}, {16, 128}}};
constexpr double kTileSide = 64.0;     // tile sides are counted in units of this
constexpr double kDepthStep = 64.0;    // depth is walked in steps of this many elements
constexpr double kSplitDepth = 256.0;  // no part of a split depth is shorter
constexpr double kResultBytes = 2.0;   // x and y are bf16

/// Formats whose kernels first quantise x.
bool quantises(Dtype compute) {
  return compute == Dtype::kFp8 || compute == Dtype::kFp8Block || compute == Dtype::kNvfp4 ||
         compute == Dtype::kMxfp4 || compute == Dtype::kInt8;
}

double activation_bytes(Dtype compute) {
  return quantises(compute) ? bytes_per_element_factor(compute) : kResultBytes;
}

}  // namespace

Seconds gemm_duration(const Machine& machine, const GemmShared& shared, const GemmGroup& group,
                      const GemmCall& call) {
  if (call.m <= 0 || call.n <= 0 || call.k <= 0) return Seconds();
  const auto m = static_cast<double>(call.m);
  const auto n = static_cast<double>(call.n);
  const auto k = static_cast<double>(call.k);
  const double peak = machine.peak(call.compute).value();
  const double bandwidth = machine.bandwidth.value();
  const double width = machine.multiprocessor_count_factor;
  const double cache = machine.cache.value();

  const double weight_bytes = n * k * bytes_per_element_factor(call.weights);
  const double input_bytes = m * k * activation_bytes(call.compute);
  const double over = weight_bytes / cache;
  const double spilled_fraction = over * over / (1.0 + over * over);
  // of traffic that the cache can hold, with a smooth step to what it cannot
  const auto left = [&](double bytes, double cached_fraction) {
    const double ratio = bytes / cache;
    const double squared = ratio * ratio;
    return (cached_fraction + squared) / (1.0 + squared);
  };
  const double input_left = left(2.0 * input_bytes, shared.cached_input_fraction);
  const double weights_left =
      call.weight_copies_factor > 0.0
          ? left(call.weight_copies_factor * weight_bytes, shared.cached_weights_fraction)
          : 1.0;
  const double once = weight_bytes * weights_left + input_bytes * input_left + m * n * kResultBytes;
  const double again = group.reread_factor * weight_bytes * spilled_fraction;
  const double rate = peak / width * group.compute_fraction;

  double best = INFINITY;
  for (const Tile& tile : kTiles) {
    const double rows = std::ceil(m / tile.m);
    const double tiles = rows * std::ceil(n / tile.n);
    const double bytes = once + again * (rows - 1.0);
    const double slowed = 1.0 + shared.tile_cost_factor * (kTileSide / tile.m + kTileSide / tile.n);
    const auto consider = [&](double splits, double extra) {
      const double waves = tiles * splits / width;
      const double depth = std::ceil(k / splits / kDepthStep) * kDepthStep;
      const double compute = std::max(1.0, waves) * 2.0 * tile.m * tile.n * depth / rate * slowed;
      const double filled = std::min(1.0, waves * shared.lanes_factor);
      const double memory = bytes / (bandwidth * group.memory_fraction * filled);
      best = std::min(best, std::max(compute, memory) +
                                shared.overlap_fraction * std::min(compute, memory) +
                                group.depth.value() * depth + extra);
    };
    consider(1.0, 0.0);
    const double splits = std::floor(std::min(width / tiles, k / kSplitDepth));
    if (splits >= 2.0) consider(splits, group.split.value());
  }
  double duration = group.fixed.value() + best;
  if (quantises(call.compute)) {
    // x is read in bf16 and written in its new format
    const double bytes = m * k * (kResultBytes + activation_bytes(call.compute));
    duration += m * group.per_row.value() + bytes * left(bytes, shared.cached_input_fraction) /
                                                (bandwidth * shared.quantise_fraction);
  }
  const double bound = std::max(2.0 * m * n * k / peak, weight_bytes * weights_left / bandwidth);
  return Seconds(std::max({duration, bound, group.host_floor.value()}));
}

}  // namespace penstock::compute
