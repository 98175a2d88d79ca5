/// Fused mixture-of-experts layers: how long the routed experts of one layer take on one rank.
///
/// Models: top-k of given scores, permutation of rows to expert order, quantisation, a grouped
/// product in, the activation, a grouped product out, and the weighted sum back, as one call that
/// holds the busiest rank's share. With r rows over d reached experts (expert_load.h), n x k the
/// weights of one expert in a product (g w x h and h x w; g = 2 when gated, else 1), S
/// multiprocessors, p the peak and B the bandwidth:
///   duration = fixed + batch * tokens / (tokens + 64) + per_expert * experts on the rank
///            + moved / (S permute) + (4 h + 4 E) tokens / B + product in + product out
///   product  = sqrt(c^2 + b^2)                         (overlap of compute and memory)
///   c = 2 * 128 (k + 128) max(t (r + d t) / t, S t) / (p compute)
///   b = max(weights of d experts and activations of r rows, S * 128 k weight bytes / stream)
///       / (B memory)
/// where t = rows of a tile = r / d between 16 and 32, and column tiles are 128 wide: each reached
/// expert wastes a tile's rows, a product has at least a wave, 128 steps of depth are a tile's
/// filling and draining, and few tiles stream at most `stream` times their share of the bandwidth.
/// moved = (r + remote * o) * 2 (2 h + (g + 1) w) bytes; o counts copies for other ranks that the
/// call sees. Kernels that pass over them also pad or compute them: remote^2 * o rows more.
/// Does not model: the autotuner's luck (equal kernels differ by 10 % from shape to shape), caches,
/// overlap of the exchange between ranks, clocks under a power cap.
/// Validated against: fused layers of TensorRT-LLM, SGLang and vLLM on six accelerators;
/// docs/formulas/kernels.md has the errors.
/// Source: grouped products and tiles as in CUTLASS's grouped GEMM and Triton's fused_moe; the
/// roofline of Williams et al. 2009; coefficients by `penstock calibrate`.
#pragma once

#include "penstock/base/fields.h"
#include "penstock/compute/expert_load.h"
#include "penstock/compute/machine.h"

namespace penstock::compute {

/// What all expert layers of an accelerator have in common.
struct ExpertsShared {
  Seconds batch{10e-6};
  double stream_factor = 3.0;
};

template <class Visitor>
void fields(Visitor& v, ExpertsShared& c) {
  v.required("batch", c.batch, "Time that routing takes longer for large batches than for small.",
             {.min = 1e-8, .max = 1e-4});
  v.required("stream", c.stream_factor,
             "Bandwidth of one multiprocessor over its share of the whole.",
             {.min = 1.0, .max = 8.0});
}

/// What one library's layers in one format have of their own.
struct ExpertsGroup {
  Seconds fixed{20e-6};
  Seconds per_expert{2e-8};
  BytesPerSecond permute = 22.0_GBps;
  double remote_fraction = 0.1;
  double compute_fraction = 0.4;
  double memory_fraction = 0.8;
  Seconds host_floor;  ///< stays 0: these calls outlast a launch by the host
};

template <class Visitor>
void fields(Visitor& v, ExpertsGroup& c) {
  v.required("fixed", c.fixed, "Time of a call besides its work.", {.min = 1e-6, .max = 1e-3});
  v.required("per_expert", c.per_expert, "Added for each expert on the rank.",
             {.min = 1e-10, .max = 2e-6});
  v.required("permute", c.permute, "Bytes that one multiprocessor permutes, activates and sums.",
             {.min = 2e9, .max = 3e11});
  v.required("remote", c.remote_fraction,
             "Part of a row's moves that a copy for another rank costs; its square of a row's "
             "products.",
             {.min = 1e-3, .max = 1.0});
  v.required("compute", c.compute_fraction, "Share of the dense peak by full tiles.",
             {.min = 0.02, .max = 1.0});
  v.required("memory", c.memory_fraction, "Share of the memory bandwidth.",
             {.min = 0.05, .max = 1.0});
}

/// Duration of one call; 0 without tokens. Never below the roofline: the rows' products at the full
/// peak, the reached experts' weights once at the full bandwidth.
Seconds experts_duration(const Machine& machine, const ExpertsShared& shared,
                         const ExpertsGroup& group, const ExpertsCall& call);

}  // namespace penstock::compute
