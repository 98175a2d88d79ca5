#include "penstock/compute/kernels/attention_prefill.h"

#include <cmath>

namespace penstock::compute {

using catalog::bytes_per_element_factor;

namespace {

constexpr double kActivationBytes = 2.0;  // queries, results and new keys and values are bf16
constexpr double kWideHead = 128.0;

/// What the chunks of a call add up to.
struct Work {
  double pairs = 0.0;        // of a query with a key, of one query head
  double least_pairs = 0.0;  // without what the kernel does in vain
  double tiles = 0.0;
  double tile_rows = 0.0;  // that tiles cost like, summed over tiles
  double longest = 0.0;    // rows * keys of the longest tile
  double longest_rows = 0.0;
  double tokens = 0.0;
  double context = 0.0;  // cached tokens that are read
};

void add(Work& work, const AttentionPrefillShared& shared, const AttentionPrefillGroup& group,
         const AttentionShape& shape, const AttentionChunk& chunk) {
  if (chunk.sequence_count <= 0 || chunk.query_tokens <= 0) return;
  const auto count = static_cast<double>(chunk.sequence_count);
  const auto q = static_cast<double>(chunk.query_tokens);
  const auto context = static_cast<double>(chunk.context_tokens);
  const bool windowed = shape.window_tokens > 0;
  const double window = windowed ? static_cast<double>(shape.window_tokens) : INFINITY;

  // rows before the window is full see all before them, the others see the window
  const double causal = q * (context + q / 2.0);
  double seen = causal;
  if (windowed) {
    const double before = std::clamp(window - context, 0.0, q);
    seen = before * (context + before / 2.0) + (q - before) * std::min(window, context + q);
  }
  work.least_pairs += count * seen;
  work.pairs += count * (seen + (causal - seen) * group.unskipped_fraction);

  const double heads = shape.group_factor();
  const bool single = chunk.query_tokens == 1 && !windowed;
  const double unpacked = single ? group.unpacked_single_fraction : group.unpacked_fraction;
  const double tiles = std::max(1.0 + (heads - 1.0) * unpacked, q * heads / group.tile_factor);
  const double rows =
      std::min(group.tile_factor, std::max(shared.few_rows_factor, q * heads / tiles));
  const double all_tiles = count * static_cast<double>(shape.kv_head_count) * tiles;
  work.tiles += all_tiles;
  work.tile_rows += all_tiles * rows;
  const double span = std::min(window + group.tile_factor, context + q);
  if (rows * span > work.longest) {
    work.longest = rows * span;
    work.longest_rows = rows;
  }
  work.tokens += count * q;
  // a window lets the kernel read only the last of the context
  work.context += count * std::min(context, window);
}

Seconds duration_of(const Machine& machine, const AttentionPrefillShared& shared,
                    const AttentionPrefillGroup& group, const AttentionShape& shape,
                    const Work& work) {
  if (work.tokens <= 0.0 || shape.query_head_count <= 0 || shape.kv_head_count <= 0) {
    return Seconds();
  }
  const double width = machine.multiprocessor_count_factor;
  const double heads = static_cast<double>(shape.query_head_count);
  const double dims = static_cast<double>(shape.key_dim + shape.value_dim);

  const Flop pair_work(2.0 * (dims + 2.0 * group.softmax_factor +
                              2.0 * group.wide_factor * std::max(0.0, dims / 2.0 - kWideHead)));
  const Seconds pair_time =
      pair_work / (machine.peak(shape.compute) * (group.compute_fraction / width));
  const Seconds block_time = group.block_factor * pair_time;
  const Seconds all = (heads * work.pairs * pair_time + work.tiles * group.tile_time +
                       work.tile_rows * block_time) /
                      width;
  const Seconds longest = group.tile_time + work.longest_rows * block_time +
                          shared.lone_factor * work.longest * pair_time;
  const Seconds compute = detail::overlapped(all, longest, shared.tail_fraction);

  const Bytes cached_token(shape.cached_elements_factor() * bytes_per_element_factor(shape.cache));
  // latent attention reads keys and values that were up-projected into bf16, the context's too
  const Bytes key_token =
      shape.latent_dim > 0 ? Bytes(heads * dims * kActivationBytes) : cached_token;
  const Bytes query_token(shape.query_elements_factor() * kActivationBytes);
  const Bytes new_token(shape.cached_elements_factor() * kActivationBytes);
  const BytesPerSecond rate = machine.bandwidth * shared.memory_fraction;
  const auto fresh = [&](Bytes bytes) {
    return detail::uncached(bytes, machine.cache, shared.cached_fraction);
  };
  const Seconds read =
      (fresh(work.tokens * (query_token + key_token)) + work.context * key_token) / rate;
  const Seconds write = fresh(work.tokens * (new_token + cached_token)) / rate;
  const Seconds duration =
      group.fixed + detail::overlapped(compute, read, shared.overlap_fraction) +
      detail::overlapped(write, work.tokens * group.token, shared.overlap_fraction);

  const Flop least(2.0 * heads * dims * work.least_pairs);
  return std::max({duration, least / shape.highest_peak(machine),
                   work.context * cached_token / machine.bandwidth, group.host_floor});
}

}  // namespace

Seconds attention_prefill_duration(const Machine& machine, const AttentionPrefillShared& shared,
                                   const AttentionPrefillGroup& group,
                                   const AttentionPrefillCall& call) {
  return attention_prefill_duration(machine, shared, group, call.shape, {&call.chunk, 1});
}

Seconds attention_prefill_duration(const Machine& machine, const AttentionPrefillShared& shared,
                                   const AttentionPrefillGroup& group, const AttentionShape& shape,
                                   std::span<const AttentionChunk> chunks) {
  Work work;
  for (const AttentionChunk& chunk : chunks) add(work, shared, group, shape, chunk);
  return duration_of(machine, shared, group, shape, work);
}

}  // namespace penstock::compute
