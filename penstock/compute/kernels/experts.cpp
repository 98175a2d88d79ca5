#include "penstock/compute/kernels/experts.h"

#include <algorithm>
#include <cmath>

namespace penstock::compute {

using catalog::bytes_per_element_factor;
using catalog::Dtype;

namespace {

constexpr double kTileRowsMin = 16.0;
constexpr double kTileRowsMax = 32.0;
constexpr double kTileColumns = 128.0;
constexpr double kDepthOverhead = 128.0;  // steps of depth that fill and drain a tile
constexpr double kBatchTokens = 64.0;     // at which half of the batch's time shows
constexpr double kActivation = 2.0;       // bytes of a bf16 number
constexpr double kScore = 4.0;            // bytes of a routing score

/// Bytes of an input element of a product: formats narrower than bf16 are quantised before it.
double input_bytes(Dtype compute) {
  return std::min(bytes_per_element_factor(compute), kActivation);
}

/// One grouped product: reached experts of n x k weights, rows in.
struct Product {
  double n, k;
};

}  // namespace

Seconds experts_duration(const Machine& machine, const ExpertsShared& shared,
                         const ExpertsGroup& group, const ExpertsCall& call) {
  const ExpertLoad load = expert_load(call);
  if (load.rows_factor <= 0.0) return Seconds();
  const auto tokens = static_cast<double>(call.tokens);
  const auto hidden = static_cast<double>(call.hidden);
  const auto width = static_cast<double>(call.width);
  const auto experts = static_cast<double>(call.experts);
  const double into = call.gated ? 2.0 * width : width;
  const double peak = machine.peak(call.compute).value();
  const double bandwidth = machine.bandwidth.value();
  const double multiprocessors = machine.multiprocessor_count_factor;
  const double weight = bytes_per_element_factor(call.weights);

  const double local = load.rows_factor;
  const double reached = std::max(load.reached_factor, 1.0);
  const double seen =
      (call.exchanged ? load.tokens_factor : tokens) * static_cast<double>(call.topk);
  const double remote = std::max(seen - local, 0.0);
  const double rows = local + group.remote_fraction * group.remote_fraction * remote;
  const double tile = std::clamp(rows / reached, kTileRowsMin, kTileRowsMax);

  double products = 0.0;
  double weights = 0.0;
  for (const Product& p : {Product{into, hidden}, Product{hidden, width}}) {
    const double columns = std::ceil(p.n / kTileColumns);
    const double area = std::max((rows + reached * tile) * columns, multiprocessors * tile);
    const double compute =
        2.0 * area * kTileColumns * (p.k + kDepthOverhead) / (peak * group.compute_fraction);
    const double moved =
        reached * p.n * p.k * weight + rows * (p.k * input_bytes(call.compute) + p.n * kActivation);
    const double streamed = multiprocessors * kTileColumns * p.k * weight / shared.stream_factor;
    const double memory = std::max(moved, streamed) / (bandwidth * group.memory_fraction);
    products += std::hypot(compute, memory);
    weights += reached * p.n * p.k * weight;
  }
  const double row_bytes = kActivation * (2.0 * hidden + into + width);
  const double permuted = (local + group.remote_fraction * remote) * row_bytes;
  const double once = tokens * (2.0 * kActivation * hidden + kScore * experts);
  const double ranks = std::max(static_cast<double>(call.expert_ranks), 1.0);
  const double duration =
      group.fixed.value() + shared.batch.value() * tokens / (tokens + kBatchTokens) +
      group.per_expert.value() * experts / ranks +
      permuted / (multiprocessors * group.permute.value()) + once / bandwidth + products;
  // reached experts are an expectation, so fractions below one expert read that fraction
  const double bound = std::max(2.0 * local * hidden * (into + width) / peak,
                                weights * load.reached_factor / reached / bandwidth);
  return Seconds(std::max(duration, bound));
}

}  // namespace penstock::compute
