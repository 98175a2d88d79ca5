/// Attention over prompts: how long one call takes, by tiles of query rows on multiprocessors and
/// bytes through memory.
///
/// Models: causal attention of new tokens over themselves and over what the cache holds of their
/// sequences, for chunks of several sequences in one call, with the write of new keys and values.
///   duration = max( fixed + attend + write, host_floor )
///   attend = max(c, r) + overlap min(c, r),   c = max(w, l) + tail min(w, l)
///   w = ( heads pairs d / rate + tiles t ) / multiprocessors      all tiles, evenly spread
///   l = t + lone rows span d / rate                               the longest tile alone
///   t = tile_time + rows block d / rate                           a tile beside its pairs
///   d = 2 (key + value + 2 softmax + 2 wide max(0, (key + value) / 2 - 128))      per pair
///   rate = peak per multiprocessor * compute
/// pairs: those that the causal mask and the window leave, plus `unskipped` of those that only the
/// window removes. softmax: the exponential of a score counts like so many elements of the head.
/// Tiles: query rows of all heads of a KV head packed into tiles of `tile` rows, at least one a KV
/// head, or one a query head in kernels that do not pack (share `unpacked`; `unpacked_single` for
/// calls of one new token, which some libraries pack although they pack no others). The last,
/// partial wave shows as its share; `tail` of the shorter of w and l stands for what remains of it.
/// r: queries, results, keys and values once at `memory` of the bandwidth, `cached` of what was
/// just written by the kernel before and fits in the cache, all of what the context left.
/// write: the kernel that rotates or stores new keys and values, by its bytes or `token` a token.
/// Does not model: dropout, ALiBi, attention sinks (their cost is in `fixed`), trees of drafts.
/// Source: work and tiles as in Dao, FlashAttention-2 (2023), and Shah et al., FlashAttention-3
/// (2024); roofline of Williams et al. 2009; coefficients by `penstock calibrate`.
#pragma once

#include <span>

#include "penstock/base/fields.h"
#include "penstock/compute/kernels/attention_shape.h"

namespace penstock::compute {

/// Sequences of a call whose new and cached tokens are alike.
struct AttentionChunk {
  int64_t sequence_count = 1;
  int64_t query_tokens = 0;    ///< new ones of each sequence
  int64_t context_tokens = 0;  ///< in the cache before this step, of each sequence
};

struct AttentionPrefillCall {
  AttentionShape shape;
  AttentionChunk chunk;
};

/// What all prompt kernels of an accelerator have in common.
struct AttentionPrefillShared {
  double tail_fraction = 0.3;
  double overlap_fraction = 0.3;
  double memory_fraction = 0.8;
  double cached_fraction = 0.5;
  double lone_factor = 1.0;       ///< time of a tile alone on its multiprocessor over its share
  double few_rows_factor = 64.0;  ///< a tile of fewer rows costs like this many
};

template <class Visitor>
void fields(Visitor& v, AttentionPrefillShared& c) {
  v.required("tail", c.tail_fraction, "Share of the longest tile, or of all, that stays visible.",
             {.min = 0.01, .max = 2.0});
  v.required("overlap", c.overlap_fraction,
             "Share of the shorter of compute and memory time that stays visible.",
             {.min = 0.01, .max = 1.0});
  v.required("memory", c.memory_fraction, "Share of the memory bandwidth.",
             {.min = 0.3, .max = 1.0});
  v.required("cached", c.cached_fraction,
             "Share of the traffic left when the cache holds what was just computed.",
             {.min = 0.02, .max = 1.0});
  v.required("lone", c.lone_factor,
             "Time of a tile's products alone on a multiprocessor over the same at full load.",
             {.min = 0.05, .max = 10.0});
  v.required("few_rows", c.few_rows_factor, "Rows that a tile of fewer costs like.",
             {.min = 4.0, .max = 256.0});
}

/// What one library's prompt kernels in one pair of formats have of their own.
struct AttentionPrefillGroup {
  Seconds fixed{8e-6};
  double compute_fraction = 0.5;
  Seconds tile_time{1e-6};
  double tile_factor = 128.0;  ///< query rows
  double block_factor = 64.0;  ///< keys a tile's rows meet beside those they attend to
  double softmax_factor = 40.0;
  double wide_factor = 0.3;
  double unpacked_fraction = 0.3;
  double unpacked_single_fraction = 0.1;
  double unskipped_fraction = 0.03;
  Seconds token{1e-9};
  Seconds host_floor{1e-9};
};

template <class Visitor>
void fields(Visitor& v, AttentionPrefillGroup& c) {
  v.required("fixed", c.fixed, "Time of a call besides its work.", {.min = 1e-6, .max = 5e-4});
  v.required("compute", c.compute_fraction, "Share of the dense peak by full tiles.",
             {.min = 0.02, .max = 2.0});
  v.required("tile_time", c.tile_time, "Time of a tile besides its products.",
             {.min = 1e-9, .max = 1e-4});
  v.required("tile", c.tile_factor, "Query rows of a tile.", {.min = 32.0, .max = 256.0});
  v.required("block", c.block_factor, "Keys of a tile that the mask removes or that fill a block.",
             {.min = 1.0, .max = 300.0});
  v.required("softmax", c.softmax_factor, "Elements of a head that a score's exponential equals.",
             {.min = 1.0, .max = 300.0});
  v.required("wide", c.wide_factor, "Work added per element of a head beyond 128.",
             {.min = 0.001, .max = 20.0});
  v.required("unpacked", c.unpacked_fraction,
             "Share of query heads of a KV head that take a tile of their own.",
             {.min = 0.01, .max = 1.0});
  v.required("unpacked_single", c.unpacked_single_fraction,
             "The same in calls of one new token without a window.", {.min = 0.01, .max = 1.0});
  v.required("unskipped", c.unskipped_fraction,
             "Share of the pairs beyond the window that are computed all the same.",
             {.min = 0.001, .max = 1.0});
  v.required("token", c.token, "Least time of storing a token's keys and values.",
             {.min = 1e-11, .max = 5e-8});
  v.optional("host_floor", c.host_floor, "Least time of a call that the host launches.",
             {.min = 1e-9, .max = 1e-2});
}

/// Duration of one call over equal sequences; 0 for an empty one. Never below the roofline: the
/// causal pairs at the highest peak, and the cached context once at full bandwidth.
Seconds attention_prefill_duration(const Machine& machine, const AttentionPrefillShared& shared,
                                   const AttentionPrefillGroup& group,
                                   const AttentionPrefillCall& call);

/// The same for chunks of unequal sequences that one call handles.
Seconds attention_prefill_duration(const Machine& machine, const AttentionPrefillShared& shared,
                                   const AttentionPrefillGroup& group, const AttentionShape& shape,
                                   std::span<const AttentionChunk> chunks);

}  // namespace penstock::compute
