#include "penstock/compute/kernels/attention_decode.h"

namespace penstock::compute {

using catalog::bytes_per_element_factor;

namespace {

constexpr double kActivationBytes = 2.0;  // queries and results are bf16
constexpr double kWideGroup = 32.0;       // query heads a KV head that tiled kernels are made for
constexpr double kWidth = 256.0;          // key and value of a head of 128

/// Tiles of query heads a sequence and KV head.
double units_factor(const AttentionDecodeGroup& group, const AttentionShape& shape) {
  const double heads = shape.group_factor();
  const double at_least = heads / group.rows_max_factor;
  if (shape.latent_dim > 0) return std::max(1.0, at_least);
  double unpacked = heads > kWideGroup ? group.unpacked_wide_fraction : group.unpacked_fraction;
  if (shape.window_tokens > 0) unpacked = std::max(unpacked, group.unpacked_window_fraction);
  return std::max(1.0 + (heads - 1.0) * unpacked, at_least);
}

}  // namespace

Seconds attention_decode_duration(const Machine& machine, const AttentionDecodeShared& shared,
                                  const AttentionDecodeGroup& group,
                                  const AttentionDecodeCall& call) {
  const AttentionShape& shape = call.shape;
  if (call.sequence_count <= 0 || call.query_tokens <= 0 || shape.query_head_count <= 0 ||
      shape.kv_head_count <= 0) {
    return Seconds();
  }
  const auto sequences = static_cast<double>(call.sequence_count);
  const auto new_tokens = static_cast<double>(call.query_tokens);
  const auto kv_heads = static_cast<double>(shape.kv_head_count);
  const auto dims = static_cast<double>(shape.key_dim + shape.value_dim);
  const double width = machine.multiprocessor_count_factor;
  const double heads = shape.group_factor();

  // keys of one sequence: a new token sees itself and those before it
  const double all = static_cast<double>(call.context_tokens) / sequences + new_tokens;
  const bool windowed = shape.window_tokens > 0;
  const double seen =
      windowed ? std::min(all, static_cast<double>(shape.window_tokens) + new_tokens - 1.0) : all;
  const double walked = seen + (all - seen) * group.unskipped_fraction;

  const double units_per_head = units_factor(group, shape);
  const double units = sequences * kv_heads * units_per_head;
  const double rows = std::max(heads / units_per_head * new_tokens, group.rows_factor);
  double splits = std::max(
      1.0, std::min(width * group.slots_factor / units, walked / group.split_tokens_factor));
  if (heads == 1.0 || windowed) splits = 1.0 + (splits - 1.0) / (1.0 + group.unsplit_factor);

  const Flop key_work(rows * 2.0 * (dims + 2.0 * shared.softmax_factor));
  const Seconds key_time =
      key_work / (machine.peak(shape.compute) * (group.compute_fraction / width));
  const Bytes key_bytes(shape.cached_elements_factor() * bytes_per_element_factor(shape.cache));
  const Seconds stream_time =
      key_bytes / kv_heads / (machine.bandwidth / width) * shared.lanes_factor;
  const Seconds part_time = group.part * (1.0 + group.part_width_factor * dims / kWidth);
  const Seconds spread = (units * walked * key_time + units * splits * part_time) / width;
  const Seconds longest = part_time + walked / splits * std::max(key_time, stream_time);
  const Seconds compute = detail::overlapped(spread, longest, shared.tail_fraction);

  Bytes bytes = sequences * seen * key_bytes;
  if (call.replayed) bytes = detail::uncached(bytes, machine.cache, shared.cached_fraction);
  const Bytes query_bytes(sequences * new_tokens * shape.query_elements_factor() *
                          kActivationBytes);
  const Seconds memory = (bytes + query_bytes) / (machine.bandwidth * group.memory_fraction);
  const Seconds duration =
      group.fixed + detail::overlapped(compute, memory, shared.overlap_fraction) +
      shared.combine * (1.0 - 1.0 / splits) + sequences * new_tokens * shared.token;

  const Flop least(2.0 * static_cast<double>(shape.query_head_count) * dims * sequences *
                   new_tokens * (seen - (new_tokens - 1.0) / 2.0));
  return std::max(
      {duration, least / shape.highest_peak(machine), bytes / machine.bandwidth, group.host_floor});
}

}  // namespace penstock::compute
