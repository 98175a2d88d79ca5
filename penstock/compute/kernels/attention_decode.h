/// Attention of generation steps: how long one call takes, by the cache it streams and the
/// multiprocessors that the batch and its splits keep busy.
///
/// Models: few new tokens of each sequence against its cache, the context split over several
/// multiprocessors where the batch alone does not fill them (flash decoding), with the write of
/// the new keys and values.
///   duration = max( fixed + attend + combine (1 - 1/s) + sequences token, host_floor )
///   attend = max(c, m) + overlap min(c, m),   c = max(w, l) + tail min(w, l)
///   w = ( units walked t + parts part_time ) / multiprocessors    all parts, evenly spread
///   l = part_time + walked / s * max(t, cache bytes a key * lanes / bandwidth per multiprocessor)
///   m = bytes / (bandwidth * memory)
///   t = 2 rows (key + value + 2 softmax) / (peak per multiprocessor * compute)         a key
///   s = max(1, min( multiprocessors slots / units, walked / split_tokens ))           splits
///   part_time = part (1 + part_width (key + value) / 256)
/// units: one a sequence and KV head whose query heads share a tile, plus `unpacked` of the other
/// query heads; `unpacked_wide` where more than 32 query heads share a KV head, for which
/// TensorRT-LLM's tiled kernels are not made, and at least `unpacked_window` under a window. A tile
/// of fewer than `rows` rows costs like `rows`; latent attention's units take up to `rows_max`.
/// walked: keys within the window, plus `unskipped` of those before it. `unsplit` keeps the
/// splits down of calls that some libraries never split: one query head a KV head, or a window.
/// Everything is continuous and all but straight in the context, so that a step's time can be
/// interpolated between a few contexts.
/// Does not model: unequal contexts within a batch (their mean stands for all), trees of drafts,
/// page sizes.
/// Source: Dao et al., Flash-Decoding (2023); roofline of Williams et al. 2009; coefficients by
/// `penstock calibrate`.
#pragma once

#include "penstock/base/fields.h"
#include "penstock/compute/kernels/attention_shape.h"

namespace penstock::compute {

struct AttentionDecodeCall {
  AttentionShape shape;
  int64_t sequence_count = 0;
  int64_t query_tokens = 1;    ///< new ones of each sequence: 1, or more with drafted tokens
  int64_t context_tokens = 0;  ///< in the cache before this step, of all sequences together
  /// A benchmark reads the same cache over and over: what fits in the last level stays there. A
  /// step comes back to a layer's cache only after all other layers.
  bool replayed = false;
};

/// What all generation kernels of an accelerator have in common.
struct AttentionDecodeShared {
  double tail_fraction = 0.3;
  double overlap_fraction = 0.3;
  double cached_fraction = 0.5;
  double softmax_factor = 40.0;
  double lanes_factor = 0.5;
  Seconds token{1e-9};
  Seconds combine{2e-6};
};

template <class Visitor>
void fields(Visitor& v, AttentionDecodeShared& c) {
  v.required("tail", c.tail_fraction, "Share of the longest part, or of all, that stays visible.",
             {.min = 0.01, .max = 2.0});
  v.required("overlap", c.overlap_fraction,
             "Share of the shorter of compute and memory time that stays visible.",
             {.min = 0.01, .max = 1.0});
  v.required("cached", c.cached_fraction,
             "Share of the traffic left when a benchmark's cache stays in the last level.",
             {.min = 0.02, .max = 1.0});
  v.required("softmax", c.softmax_factor, "Elements of a head that a score's exponential equals.",
             {.min = 1.0, .max = 300.0});
  v.required("lanes", c.lanes_factor,
             "Time of streaming a key on one multiprocessor over that at a full share of the "
             "bandwidth.",
             {.min = 0.01, .max = 10.0});
  v.required("token", c.token, "Time of storing one sequence's new keys and values.",
             {.min = 1e-12, .max = 1e-6});
  v.required("combine", c.combine, "Time of combining the parts of split contexts.",
             {.min = 1e-8, .max = 2e-5});
}

/// What one library's generation kernels in one pair of formats have of their own.
struct AttentionDecodeGroup {
  Seconds fixed{6e-6};
  double compute_fraction = 0.5;
  double memory_fraction = 0.85;
  Seconds part{1e-6};
  double part_width_factor = 0.3;
  double rows_factor = 16.0;
  double rows_max_factor = 64.0;
  double slots_factor = 1.5;
  double split_tokens_factor = 128.0;
  double unpacked_fraction = 0.03;
  double unpacked_wide_fraction = 0.05;
  double unpacked_window_fraction = 0.05;
  double unskipped_fraction = 0.001;
  double unsplit_factor = 0.1;
  Seconds host_floor{1e-9};
};

template <class Visitor>
void fields(Visitor& v, AttentionDecodeGroup& c) {
  v.required("fixed", c.fixed, "Time of a call besides its work.", {.min = 1e-6, .max = 5e-4});
  v.required("compute", c.compute_fraction, "Share of the dense peak.", {.min = 0.005, .max = 2.0});
  v.required("memory", c.memory_fraction, "Share of the memory bandwidth.",
             {.min = 0.3, .max = 1.0});
  v.required("part", c.part, "Time of a part besides its keys.", {.min = 1e-9, .max = 1e-4});
  v.required("part_width", c.part_width_factor, "Growth of that time per 128 elements of a head.",
             {.min = 0.001, .max = 5.0});
  v.required("tile_rows", c.rows_factor, "Rows that a tile of fewer costs like.",
             {.min = 1.0, .max = 128.0});
  v.required("tile_rows_max", c.rows_max_factor, "Query heads that a tile takes at most.",
             {.min = 4.0, .max = 128.0});
  v.required("slots", c.slots_factor, "Parts a multiprocessor that splitting aims at.",
             {.min = 0.3, .max = 20.0});
  v.required("split_tokens", c.split_tokens_factor, "Keys of the shortest part of a split context.",
             {.min = 16.0, .max = 1e6});
  v.required("unpacked", c.unpacked_fraction,
             "Share of query heads of a KV head that take a unit of their own.",
             {.min = 0.001, .max = 1.0});
  v.required("unpacked_wide", c.unpacked_wide_fraction,
             "The same where more than 32 query heads share a KV head.",
             {.min = 0.001, .max = 1.0});
  v.required("unpacked_window", c.unpacked_window_fraction, "The same at least under a window.",
             {.min = 0.001, .max = 1.0});
  v.required("unskipped", c.unskipped_fraction, "Share of keys before the window that is walked.",
             {.min = 1e-4, .max = 1.0});
  v.required("unsplit", c.unsplit_factor,
             "Odds against splitting calls of one query head a KV head or with a window.",
             {.min = 1e-3, .max = 1e3});
  v.optional("host_floor", c.host_floor, "Least time of a call that the host launches.",
             {.min = 1e-9, .max = 1e-2});
}

/// Duration of one call; 0 for an empty one. Never below the roofline: the products at the highest
/// peak, and the cache once at full bandwidth (of a replayed call, what the last level leaves).
Seconds attention_decode_duration(const Machine& machine, const AttentionDecodeShared& shared,
                                  const AttentionDecodeGroup& group,
                                  const AttentionDecodeCall& call);

}  // namespace penstock::compute
