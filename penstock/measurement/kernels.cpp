#include "penstock/measurement/kernels.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "penstock/base/node.h"
#include "penstock/measurement/row_reader.h"

namespace penstock::measurement {
namespace {

// columns of who ran it, which every kernel file begins with
enum Head : uint8_t { kAccelerator, kFramework, kVersion, kHeadEnd };
constexpr CsvColumn kHeadColumns[] = {{"accelerator"}, {"framework"}, {"framework_version", false}};

// columns at the end of every kernel file; a user's own timings may lack all but the latency
enum Tail : uint8_t { kKernel, kLatency, kPower, kSource, kTailEnd };
constexpr CsvColumn kTailColumns[] = {
    {"kernel", false}, {"latency_us"}, {"power_w", false}, {"source", false}};

/// The columns of one file: head, its own, tail.
std::vector<CsvColumn> columns_of(std::initializer_list<CsvColumn> own) {
  std::vector<CsvColumn> all(std::begin(kHeadColumns), std::end(kHeadColumns));
  all.insert(all.end(), own);
  all.insert(all.end(), std::begin(kTailColumns), std::end(kTailColumns));
  return all;
}

/// The head and tail of a row whose own columns end before `tail`.
Timing read_timing(RowReader& row, size_t tail) {
  Timing timing;
  timing.line = row.line();
  timing.accelerator = row.accelerator(kAccelerator);
  timing.framework = row.text(kFramework);
  timing.framework_version = row.text(kVersion);
  timing.kernel = row.text(tail + kKernel);
  timing.latency = row.duration(tail + kLatency, 1_us);
  timing.power = row.watts(tail + kPower);
  return timing;
}

/// Decode makes one token a sequence; prefill may start from a filled cache.
void check_phase(RowReader& row, Phase phase, int64_t query_tokens, size_t query_column) {
  if (phase == Phase::kDecode && query_tokens != 1) {
    row.mistake(query_column, fmt::format("must be 1 in decode; got {}", query_tokens));
  }
}

void check_gemm(RowReader& row, const GemmRow& gemm, size_t tail) {
  const auto n = static_cast<double>(gemm.n);
  const auto k = static_cast<double>(gemm.k);
  row.check_speed(tail + kLatency, gemm.timing.latency, gemm.timing.accelerator,
                  gemm.format.compute, Flop(2.0 * static_cast<double>(gemm.m) * n * k),
                  Bytes(n * k * catalog::bytes_per_element_factor(gemm.format.weight)));
}

/// The least work of a uniform batch: its query-key pairs, and its cache read once.
void check_attention(RowReader& row, const AttentionRow& a, size_t tail) {
  const auto batch = static_cast<double>(a.batch_count);
  const auto dim = static_cast<double>(a.head_dim);
  const auto window = static_cast<double>(a.window_tokens > 0 ? a.window_tokens : INT64_MAX);
  const auto held = static_cast<double>(a.context_tokens + a.query_tokens);
  const auto queries = static_cast<double>(a.query_tokens);
  // causal: the middle query sees half of the new tokens
  const double seen = std::min(window, held - queries / 2.0) / 2.0;
  const double cache = 2.0 * static_cast<double>(a.kv_head_count) * dim *
                       catalog::bytes_per_element_factor(a.cache.weight);
  row.check_speed(
      tail + kLatency, a.timing.latency, a.timing.accelerator, a.compute.compute,
      Flop(4.0 * batch * queries * seen * static_cast<double>(a.query_head_count) * dim),
      Bytes(batch * std::min(window, held) * cache));
}

void check_moe(RowReader& row, const MoeRow& moe, size_t tail) {
  // a balanced share: skewed routing gives this rank more
  const double rows = static_cast<double>(moe.tokens) * static_cast<double>(moe.topk_count) /
                      static_cast<double>(moe.expert_group_count);
  const double width = static_cast<double>(moe.inter_size) / static_cast<double>(moe.tensor_count);
  const double products = moe.gated ? 3.0 : 2.0;
  row.check_speed(tail + kLatency, moe.timing.latency, moe.timing.accelerator, moe.format.compute,
                  Flop(2.0 * rows * products * width * static_cast<double>(moe.hidden_size)),
                  Bytes());
}

}  // namespace

std::vector<GemmRow> read_gemm(const std::shared_ptr<const Source>& source,
                               const catalog::Catalog& catalog, Findings& findings) {
  enum Column : uint8_t { kDtype = kHeadEnd, kM, kN, kK, kTail };
  const auto columns = columns_of({{"dtype"}, {"m"}, {"n"}, {"k"}});
  return rows_of<GemmRow>(source, columns, catalog, findings, [](RowReader& row) {
    GemmRow gemm;
    gemm.timing = read_timing(row, kTail);
    gemm.format = row.format(kDtype);
    gemm.m = row.count(kM);
    gemm.n = row.count(kN);
    gemm.k = row.count(kK);
    if (row.good()) check_gemm(row, gemm, kTail);
    return gemm;
  });
}

std::vector<AttentionRow> read_attention(const std::shared_ptr<const Source>& source,
                                         const catalog::Catalog& catalog, Findings& findings) {
  enum Column : uint8_t {
    kPhase = kHeadEnd,
    kDtype,
    kCache,
    kBatch,
    kQuery,
    kContext,
    kQueryHeads,
    kKvHeads,
    kHeadDim,
    kWindow,
    kTail
  };
  const auto columns = columns_of({{"phase"},
                                   {"dtype"},
                                   {"kv_dtype"},
                                   {"batch"},
                                   {"query_len"},
                                   {"context_len"},
                                   {"num_q_heads"},
                                   {"num_kv_heads"},
                                   {"head_dim"},
                                   {"window_tokens", false}});
  return rows_of<AttentionRow>(source, columns, catalog, findings, [](RowReader& row) {
    AttentionRow attention;
    attention.timing = read_timing(row, kTail);
    attention.phase = row.word<Phase>(kPhase);
    attention.compute = row.format(kDtype);
    attention.cache = row.format(kCache);
    attention.batch_count = row.count(kBatch);
    attention.query_tokens = row.count(kQuery);
    attention.context_tokens = row.count(kContext, 0);
    attention.query_head_count = row.count(kQueryHeads);
    attention.kv_head_count = row.count(kKvHeads);
    attention.head_dim = row.count(kHeadDim);
    attention.window_tokens = row.maybe_count(kWindow, 0).value_or(0);
    check_phase(row, attention.phase, attention.query_tokens, kQuery);
    if (row.good()) check_attention(row, attention, kTail);
    if (row.good() && attention.query_head_count % attention.kv_head_count != 0) {
      row.mistake(kKvHeads, fmt::format("must divide the {} query heads; got {}",
                                        attention.query_head_count, attention.kv_head_count));
    }
    return attention;
  });
}

std::vector<MlaRow> read_mla(const std::shared_ptr<const Source>& source,
                             const catalog::Catalog& catalog, Findings& findings) {
  enum Column : uint8_t {
    kScope = kHeadEnd,
    kPhase,
    kDtype,
    kCache,
    kProjections,
    kBatch,
    kQuery,
    kContext,
    kHeads,
    kKvRank,
    kQRank,
    kNope,
    kRope,
    kValue,
    kTail
  };
  const auto columns = columns_of({{"scope"},
                                   {"phase"},
                                   {"dtype"},
                                   {"kv_dtype"},
                                   {"gemm_dtype"},
                                   {"batch"},
                                   {"query_len"},
                                   {"context_len"},
                                   {"num_heads"},
                                   {"kv_lora_rank"},
                                   {"q_lora_rank"},
                                   {"qk_nope_head_dim"},
                                   {"qk_rope_head_dim"},
                                   {"v_head_dim"}});
  return rows_of<MlaRow>(source, columns, catalog, findings, [](RowReader& row) {
    MlaRow mla;
    mla.timing = read_timing(row, kTail);
    mla.scope = row.word<MlaScope>(kScope);
    mla.phase = row.word<Phase>(kPhase);
    mla.compute = row.format(kDtype);
    mla.cache = row.format(kCache);
    mla.projections = number_formats()[0];
    // a kernel has no projections whose format could be given
    if (mla.scope == MlaScope::kModule || row.has(kProjections)) {
      mla.projections = row.format(kProjections);
    }
    mla.batch_count = row.count(kBatch);
    mla.query_tokens = row.count(kQuery);
    mla.context_tokens = row.count(kContext, 0);
    mla.head_count = row.count(kHeads);
    mla.kv_lora_rank = row.count(kKvRank);
    mla.q_lora_rank = row.count(kQRank);
    mla.qk_nope_head_dim = row.count(kNope);
    mla.qk_rope_head_dim = row.count(kRope);
    mla.v_head_dim = row.count(kValue);
    check_phase(row, mla.phase, mla.query_tokens, kQuery);
    return mla;
  });
}

namespace {

bool is_gated(const MoeRow& row) {
  const std::string& kernel = row.timing.kernel;
  const auto named = [&](const char* part) { return kernel.find(part) != std::string::npos; };
  if (named("nongated")) return false;
  const bool nemotron = row.topk_count == 22 && row.expert_count == 512;
  const bool triton = named("triton") || kernel == "fused_moe";
  return !nemotron || triton;
}

}  // namespace

std::vector<MoeRow> read_moe(const std::shared_ptr<const Source>& source,
                             const catalog::Catalog& catalog, Findings& findings) {
  enum Column : uint8_t {
    kDtype = kHeadEnd,
    kTokens,
    kHidden,
    kInter,
    kTopk,
    kExperts,
    kTensor,
    kExpertGroups,
    kLoad,
    kTail
  };
  const auto columns = columns_of({{"dtype"},
                                   {"num_tokens"},
                                   {"hidden_size"},
                                   {"inter_size"},
                                   {"topk"},
                                   {"num_experts"},
                                   {"moe_tp"},
                                   {"moe_ep"},
                                   {"distribution"}});
  return rows_of<MoeRow>(source, columns, catalog, findings, [](RowReader& row) {
    MoeRow moe;
    moe.timing = read_timing(row, kTail);
    moe.format = row.format(kDtype);
    moe.tokens = row.count(kTokens);
    moe.hidden_size = row.count(kHidden);
    moe.inter_size = row.count(kInter);
    moe.topk_count = row.count(kTopk);
    moe.expert_count = row.count(kExperts);
    moe.tensor_count = row.count(kTensor);
    moe.expert_group_count = row.count(kExpertGroups);
    moe.load = row.word<ExpertLoad>(kLoad);
    moe.gated = is_gated(moe);
    moe.exchanged = moe.timing.framework == "sglang";
    if (!row.good()) return moe;
    check_moe(row, moe, kTail);
    if (moe.topk_count > moe.expert_count) {
      row.mistake(kTopk, fmt::format("must be at most the {} experts; got {}", moe.expert_count,
                                     moe.topk_count));
    }
    if (moe.expert_count % moe.expert_group_count != 0) {
      row.mistake(kExpertGroups, fmt::format("must divide the {} experts; got {}", moe.expert_count,
                                             moe.expert_group_count));
    }
    if (moe.inter_size % moe.tensor_count != 0) {
      row.mistake(kTensor, fmt::format("must divide the {} columns of an expert; got {}",
                                       moe.inter_size, moe.tensor_count));
    }
    return moe;
  });
}

KernelRows read_kernels(const std::string& directory, const catalog::Catalog& catalog,
                        Findings& findings) {
  KernelRows rows;
  bool any = false;
  const auto read = [&](std::string_view name, auto reader, auto& into) {
    const auto path = std::filesystem::path(directory) / name;
    std::error_code code;
    if (!std::filesystem::exists(path, code)) return;
    any = true;
    const size_t mistakes = findings.size();
    const auto source = read_source(path.string(), findings);
    if (findings.size() == mistakes) into = reader(source, catalog, findings);
  };
  read("kernels_gemm.csv", read_gemm, rows.gemm);
  read("kernels_attention.csv", read_attention, rows.attention);
  read("kernels_mla.csv", read_mla, rows.mla);
  read("kernels_moe.csv", read_moe, rows.moe);
  if (!any)
    findings.add(directory, "has no kernels_gemm.csv, _attention.csv, _mla.csv or _moe.csv");
  return rows;
}

}  // namespace penstock::measurement
