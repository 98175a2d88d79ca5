/// Dense products: how long one takes, by tiles on multiprocessors and bytes through memory.
///
/// Models: y[m,n] = x[m,k] W[n,k]^T with weights from device memory, activations partly from cache,
/// and, for 4- and 8-bit formats, the quantisation of x inside the call.
///   duration = fixed + quantise + min over tile shapes and split or whole depth of
///              ( max(c, b) + overlap * min(c, b) + depth * k' + split )
///   c = waves * tile work / (peak per multiprocessor * compute) * (1 + tile_cost (64/tm + 64/tn))
///   b = bytes / (bandwidth * memory * min(1, tiles in flight * lanes / multiprocessors))
/// waves = max(1, tiles / multiprocessors): kernels of these libraries balance their last wave by
/// choosing among many tile shapes, so a partial wave shows as its share (a fit of the rounded-up
/// count gives it no weight). k' is the depth that one tile walks, k over the number of splits.
/// Bytes: weights once, and again for every row of tiles beyond the first where they do not fit in
/// the cache, times `reread`; x once, or `cached_input` of it where the cache holds it; y once. A
/// model's weights never wait in the cache; those of a benchmark that cycles through a few copies
/// do where the cache holds all of them, and `cached_weights` of their traffic is left.
/// A call that the host launches one by one takes at least `host_floor`.
/// Does not model: 2:4 sparsity, clock throttling of long runs, the shapes that a library's
/// heuristics serve badly.
/// Source: tile and wave terms as in the CUTLASS documentation ("Efficient GEMM in CUDA"); the
/// roofline of Williams et al. 2009; coefficients by `penstock calibrate`.
#pragma once

#include "penstock/base/fields.h"
#include "penstock/compute/machine.h"

namespace penstock::compute {

/// One product. `weights` is the format W is stored in, `compute` the one it is multiplied in.
struct GemmCall {
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
  catalog::Dtype weights = catalog::Dtype::kBf16;
  catalog::Dtype compute = catalog::Dtype::kBf16;
  double weight_copies_factor = 0.0;  ///< that the caller cycles through; 0: a model's many
};

/// What all products of an accelerator have in common.
struct GemmShared {
  double overlap_fraction = 0.3;  ///< of the shorter of compute and memory that stays visible
  double lanes_factor = 5.0;      ///< tiles whose loads fill the bandwidth: multiprocessors / this
  double cached_input_fraction = 0.6;  ///< of x's traffic that is left when the cache holds x
  double cached_weights_fraction = 0.6;
  double quantise_fraction = 0.4;  ///< of the bandwidth, by the kernel that quantises x
  double tile_cost_factor = 0.5;   ///< compute lost per 64/tile side
};

template <class Visitor>
void fields(Visitor& v, GemmShared& c) {
  v.required("overlap", c.overlap_fraction,
             "Share of the shorter of compute and memory time that stays visible.",
             {.min = 0.01, .max = 1.0});
  v.required("lanes", c.lanes_factor,
             "Multiprocessors over the number of tiles that fill the memory bandwidth.",
             {.min = 0.5, .max = 50.0});
  v.required("cached_input", c.cached_input_fraction,
             "Share of the activations' traffic left when the cache holds them.",
             {.min = 0.01, .max = 2.0});
  v.required("cached_weights", c.cached_weights_fraction,
             "Share of the weights' traffic left when the cache holds them.",
             {.min = 0.05, .max = 1.0});
  v.required("quantise", c.quantise_fraction,
             "Share of the memory bandwidth of the kernel that quantises activations.",
             {.min = 0.05, .max = 2.0});
  v.required("tile_cost", c.tile_cost_factor, "Compute lost to small tiles.",
             {.min = 0.01, .max = 5.0});
}

/// What one library's products in one format have of their own.
struct GemmGroup {
  Seconds fixed{2.5e-6};
  double compute_fraction = 0.85;
  double memory_fraction = 0.8;
  Seconds per_row{0.3e-9};  ///< of quantising one row of x
  Seconds depth{0.05e-9};   ///< latency of a tile's walk, per element of k
  Seconds split{3.0e-6};    ///< of summing the parts of a split depth
  double reread_factor = 0.05;
  Seconds host_floor{1e-9};
};

template <class Visitor>
void fields(Visitor& v, GemmGroup& c) {
  v.required("fixed", c.fixed, "Time of a call besides its work.", {.min = 1e-7, .max = 1e-3});
  v.required("compute", c.compute_fraction, "Share of the dense peak by large tiles.",
             {.min = 0.02, .max = 2.0});
  v.required("memory", c.memory_fraction, "Share of the memory bandwidth.",
             {.min = 0.02, .max = 1.0});
  v.required("per_row", c.per_row, "Time of quantising a row of activations.",
             {.min = 1e-12, .max = 1e-7});
  v.required("depth", c.depth, "Latency of a tile per element of depth.",
             {.min = 1e-13, .max = 1e-8});
  v.required("split", c.split, "Time of summing the parts of a split depth.",
             {.min = 1e-7, .max = 1e-4});
  v.required("reread", c.reread_factor, "Weights read again for each further row of tiles.",
             {.min = 1e-3, .max = 2.0});
  v.optional("host_floor", c.host_floor, "Least time of a call that the host launches.",
             {.min = 1e-9, .max = 1e-2});
}

/// Duration of one call; 0 for an empty product. Never below the roofline at full peaks, weights
/// crossing memory once.
Seconds gemm_duration(const Machine& machine, const GemmShared& shared, const GemmGroup& group,
                      const GemmCall& call);

}  // namespace penstock::compute
