#include "penstock/calibration/attention_families.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace penstock::calibration {

using catalog::Dtype;
using compute::KernelFormat;
using compute::KernelOrigin;
using measurement::AttentionRow;
using measurement::MlaRow;
using measurement::MlaScope;
using measurement::Phase;

namespace {

// the measured modules are DeepSeek-V3's; the files name every size but this one
constexpr int64_t kHiddenSize = 7168;
constexpr std::string_view kOwnProducts = " fp8";  // of a module's label

bool is_any_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

/// Which library a kernel comes from, whatever engine calls it: engines on Blackwell call NVIDIA's
/// TensorRT-LLM kernels through flashinfer.
std::string library(const KernelOrigin& origin) {
  std::string label = lower(origin.kernel);
  const auto has = [&](std::string_view part) { return label.find(part) != std::string::npos; };
  // engines write their Triton kernels themselves
  if (has("triton")) return "triton " + origin.engine;
  if (has("trtllm") || has("flashinfer_mla") || label == "torch_flow") return "trtllm";
  if (label == "default") return origin.engine;
  if (label.starts_with("fi")) return "flashinfer";
  if (has("flash") || label.starts_with("fa")) return "flash_attention";
  return label;
}

std::string text(KernelFormat format) {
  return fmt::format("{}/{}", enum_name(format.stored), enum_name(format.computed));
}

std::string text(const KernelOrigin& origin) {
  return fmt::format("{} {} {} {}", origin.engine, origin.version, origin.kernel,
                     text(origin.format));
}

std::string unversioned(const KernelOrigin& origin) {
  return fmt::format("{} {} {}", origin.engine, origin.kernel, text(origin.format));
}

std::string tie_prefill(const KernelOrigin& origin, std::string_view coefficient) {
  if (coefficient == "fixed") return text(origin);
  if (coefficient == "compute") return library(origin) + text(origin.format);
  if (coefficient == "softmax") return std::string(enum_name(origin.format.computed));
  if (coefficient == "wide") {
    return library(origin) + std::string(enum_name(origin.format.computed));
  }
  // engines build the same library's kernels with tiles of their own
  if (coefficient == "tile") return origin.engine + " " + origin.kernel;
  if (is_any_of(coefficient, {"tile_time", "block", "unpacked", "unpacked_single"})) {
    return library(origin);
  }
  if (coefficient == "unskipped")
    return library(origin).starts_with("triton") ? library(origin) : "";
  return {};
}

std::string tie_decode(const KernelOrigin& origin, std::string_view coefficient) {
  if (coefficient == "fixed") return text(origin);
  // a library's tiled kernels for an 8-bit cache are others than those for bf16
  if (is_any_of(coefficient, {"compute", "part"})) return library(origin) + text(origin.format);
  if (coefficient == "memory") return std::string(enum_name(origin.format.stored));
  if (is_any_of(coefficient, {"part_width", "unpacked", "unpacked_wide", "unpacked_window"})) {
    return library(origin);
  }
  return {};
}

std::string tie_latent_prefill(const KernelOrigin& origin, std::string_view coefficient) {
  if (coefficient == "fixed") return text(origin);
  if (coefficient == "compute") return unversioned(origin);
  if (is_any_of(coefficient, {"tile", "tile_time", "block", "token"})) return library(origin);
  return {};
}

std::string tie_latent_decode(const KernelOrigin& origin, std::string_view coefficient) {
  if (coefficient == "fixed") return text(origin);
  if (coefficient == "compute") return unversioned(origin);
  if (coefficient == "memory") return std::string(enum_name(origin.format.stored));
  if (is_any_of(coefficient, {"part", "tile_rows", "tile_rows_max", "slots", "split_tokens"})) {
    return library(origin);
  }
  return {};
}

std::string tie_module(const KernelOrigin& origin, std::string_view coefficient) {
  if (coefficient == "fixed") return text(origin);
  if (coefficient == "compute") {
    const bool own = origin.kernel.ends_with(kOwnProducts);
    return fmt::format("{} {} {}", library(origin), enum_name(origin.format.stored), own);
  }
  if (coefficient == "memory") return std::string(enum_name(origin.format.stored));
  if (coefficient == "projections") {
    return origin.engine + std::string(enum_name(origin.format.computed));
  }
  if (is_any_of(coefficient, {"tile", "tile_time", "part", "tile_rows", "tile_rows_max", "slots",
                              "split_tokens"})) {
    return library(origin);
  }
  return {};
}

compute::AttentionShape shape_of(const AttentionRow& row) {
  return {.query_head_count = row.query_head_count,
          .kv_head_count = row.kv_head_count,
          .key_dim = row.head_dim,
          .value_dim = row.head_dim,
          .window_tokens = row.window_tokens,
          .compute = row.compute.compute,
          .cache = row.cache.weight};
}

compute::LatentDims dims_of(const MlaRow& row) {
  return {.kv_lora_rank = row.kv_lora_rank,
          .q_lora_rank = row.q_lora_rank,
          .qk_nope_head_dim = row.qk_nope_head_dim,
          .qk_rope_head_dim = row.qk_rope_head_dim,
          .v_head_dim = row.v_head_dim,
          .hidden_size = kHiddenSize};
}

uint64_t hash_of(const AttentionRow& row) {
  return shape_hash({row.batch_count, row.query_tokens, row.context_tokens, row.query_head_count,
                     row.kv_head_count, row.head_dim, row.window_tokens});
}

uint64_t hash_of(const MlaRow& row) {
  return shape_hash({row.batch_count, row.query_tokens, row.context_tokens, row.head_count});
}

/// Rows of one phase as calls, with the origins that `origin` gives them.
template <class Call, class Row, class Origin, class Convert>
CallsByAccelerator<Call> collect(const std::vector<Row>& rows, const Origin& origin,
                                 const Convert& convert) {
  CallsByAccelerator<Call> calls;
  for (const Row& row : rows) {
    calls[row.timing.accelerator].push_back({origin(row), !row.timing.power.has_value(),
                                             convert(row), row.timing.latency, hash_of(row)});
  }
  return calls;
}

std::vector<MlaRow> rows_of(const std::vector<MlaRow>& rows, MlaScope scope, Phase phase) {
  std::vector<MlaRow> out;
  for (const MlaRow& row : rows) {
    if (row.scope == scope && row.phase == phase) out.push_back(row);
  }
  return out;
}

std::vector<AttentionRow> rows_of(const std::vector<AttentionRow>& rows, Phase kernel) {
  std::vector<AttentionRow> out;
  for (const AttentionRow& row : rows) {
    if (kernel_phase(row) == kernel) out.push_back(row);
  }
  return out;
}

KernelOrigin attention_origin(const AttentionRow& row) {
  return origin_of(row.timing, {row.cache.weight, row.compute.compute});
}

Seconds price_of(const compute::LatentProjections& list, const MlaRow& row,
                 const ProductPrice& price) {
  Seconds sum;
  for (size_t i = 0; i < list.product_count; ++i) {
    sum += static_cast<double>(list.products[i].count) *
           price(row.timing.accelerator, row.timing.framework, list.products[i].call);
  }
  return sum;
}

}  // namespace

Phase kernel_phase(const AttentionRow& row) {
  const bool decodes = lower(row.timing.kernel).find("decode") != std::string::npos;
  return decodes && row.query_tokens == 1 ? Phase::kDecode : row.phase;
}

KernelOrigin latent_origin(const MlaRow& row) {
  if (row.scope == MlaScope::kKernel) {
    return origin_of(row.timing, {row.cache.weight, row.compute.compute});
  }
  KernelOrigin origin = origin_of(row.timing, {row.cache.weight, row.projections.compute});
  if (row.compute.compute != Dtype::kBf16) origin.kernel += kOwnProducts;
  return origin;
}

AttentionPrefillModel attention_prefill_model() {
  return {"attention_prefill",
          [](const auto&... a) { return compute::attention_prefill_duration(a...); }, tie_prefill};
}

AttentionDecodeModel attention_decode_model() {
  return {"attention_decode", compute::attention_decode_duration, tie_decode};
}

AttentionPrefillModel latent_prefill_model() {
  return {"latent_prefill",
          [](const auto&... a) { return compute::attention_prefill_duration(a...); },
          tie_latent_prefill};
}

AttentionDecodeModel latent_decode_model() {
  return {"latent_decode", compute::attention_decode_duration, tie_latent_decode};
}

LatentPrefillModuleModel latent_prefill_module_model() {
  return {"latent_prefill_module", compute::latent_prefill_module_duration, tie_module};
}

LatentDecodeModuleModel latent_decode_module_model() {
  return {"latent_decode_module", compute::latent_decode_module_duration, tie_module};
}

compute::AttentionPrefillCall attention_prefill_call(const AttentionRow& row) {
  return {shape_of(row), {row.batch_count, row.query_tokens, row.context_tokens}};
}

compute::AttentionDecodeCall attention_decode_call(const AttentionRow& row) {
  return {.shape = shape_of(row),
          .sequence_count = row.batch_count,
          .query_tokens = row.query_tokens,
          .context_tokens = row.batch_count * row.context_tokens,
          .replayed = true};
}

compute::AttentionPrefillCall latent_prefill_call(const MlaRow& row) {
  return {compute::latent_prefill_shape(dims_of(row), row.head_count, row.compute.compute,
                                        row.cache.weight),
          {row.batch_count, row.query_tokens, row.context_tokens}};
}

compute::AttentionDecodeCall latent_decode_call(const MlaRow& row) {
  return {.shape = compute::latent_decode_shape(dims_of(row), row.head_count, row.compute.compute,
                                                row.cache.weight),
          .sequence_count = row.batch_count,
          .query_tokens = row.query_tokens,
          .context_tokens = row.batch_count * row.context_tokens,
          .replayed = true};
}

CallsByAccelerator<compute::AttentionPrefillCall> attention_prefill_calls(
    const std::vector<AttentionRow>& rows) {
  return collect<compute::AttentionPrefillCall>(rows_of(rows, Phase::kPrefill), attention_origin,
                                                attention_prefill_call);
}

CallsByAccelerator<compute::AttentionDecodeCall> attention_decode_calls(
    const std::vector<AttentionRow>& rows) {
  return collect<compute::AttentionDecodeCall>(rows_of(rows, Phase::kDecode), attention_origin,
                                               attention_decode_call);
}

CallsByAccelerator<compute::AttentionPrefillCall> latent_prefill_calls(
    const std::vector<MlaRow>& rows) {
  return collect<compute::AttentionPrefillCall>(rows_of(rows, MlaScope::kKernel, Phase::kPrefill),
                                                latent_origin, latent_prefill_call);
}

CallsByAccelerator<compute::AttentionDecodeCall> latent_decode_calls(
    const std::vector<MlaRow>& rows) {
  return collect<compute::AttentionDecodeCall>(rows_of(rows, MlaScope::kKernel, Phase::kDecode),
                                               latent_origin, latent_decode_call);
}

CallsByAccelerator<compute::LatentPrefillModuleCall> latent_prefill_module_calls(
    const std::vector<MlaRow>& rows, const ProductPrice& price) {
  const auto convert = [&](const MlaRow& row) {
    const compute::LatentDims dims = dims_of(row);
    const int64_t tokens = row.batch_count * row.query_tokens;
    const auto list = compute::latent_prefill_projections(
        dims, row.head_count, tokens, row.projections.weight, row.projections.compute);
    return compute::LatentPrefillModuleCall{
        latent_prefill_call(row), price_of(list, row, price),
        compute::latent_elementwise_bytes(dims, row.head_count, tokens, false)};
  };
  return collect<compute::LatentPrefillModuleCall>(
      rows_of(rows, MlaScope::kModule, Phase::kPrefill), latent_origin, convert);
}

CallsByAccelerator<compute::LatentDecodeModuleCall> latent_decode_module_calls(
    const std::vector<MlaRow>& rows, const ProductPrice& price) {
  const auto convert = [&](const MlaRow& row) {
    const compute::LatentDims dims = dims_of(row);
    const int64_t tokens = row.batch_count * row.query_tokens;
    const auto list = compute::latent_decode_projections(
        dims, row.head_count, tokens, row.projections.weight, row.projections.compute);
    return compute::LatentDecodeModuleCall{
        latent_decode_call(row), price_of(list, row, price),
        compute::latent_elementwise_bytes(dims, row.head_count, tokens, true)};
  };
  return collect<compute::LatentDecodeModuleCall>(rows_of(rows, MlaScope::kModule, Phase::kDecode),
                                                  latent_origin, convert);
}

}  // namespace penstock::calibration
