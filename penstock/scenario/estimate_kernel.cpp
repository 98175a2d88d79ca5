#include <fmt/format.h>

#include <algorithm>

#include "penstock/base/text.h"
#include "penstock/compute/layer_operators.h"
#include "penstock/compute/roofline.h"
#include "penstock/scenario/estimate.h"

namespace penstock::scenario {
namespace {

using catalog::Dtype;
using compute::Operator;

// DeepSeek-V3 (arXiv 2412.19437), which every model with latent attention has followed
constexpr int64_t kLatentRank = 512;
constexpr int64_t kLatentQueryRank = 1536;
constexpr int64_t kLatentHeadDim = 128;
constexpr int64_t kLatentRopeDim = 64;

const std::vector<std::string> kFamilies = {
    "attention_decode", "attention_prefill", "experts", "gemm", "latent_decode", "latent_prefill"};

Operator attention(const KernelQuery& query, bool decode) {
  Operator op;
  op.name = "attention";
  op.family = decode ? compute::Family::kAttentionDecode : compute::Family::kAttentionPrefill;
  op.stored = query.dtype;
  op.dtype = query.compute.value_or(Dtype::kBf16);
  op.attention.query_head_count = query.heads;
  op.attention.kv_head_count = query.kv_heads;
  op.attention.key_dim = op.attention.value_dim = query.head_dim;
  op.attention.window_tokens = query.window;
  op.attention.cache = query.dtype;
  op.attention.compute = op.dtype;
  const int64_t cap = query.window > 0 ? query.window : compute::kNoCap;
  const double batch = compute::as_factor(query.batch);
  const double reach = compute::as_factor(std::min(query.context + query.tokens, cap));
  const double entry =
      op.attention.cached_elements_factor() * catalog::bytes_per_element_factor(query.dtype);
  const double pairs =
      decode ? reach
             : static_cast<double>(compute::causal_pairs({query.tokens, query.context}, cap));
  op.flops = Flop(batch * pairs * 4.0 * compute::as_factor(query.heads * query.head_dim));
  op.bytes = Bytes(batch * reach * entry);
  if (decode) {
    op.sequence_count = query.batch;
    op.context_tokens = query.batch * query.context;
  } else {
    op.chunks = {{query.batch, query.tokens, query.context}};
  }
  return op;
}

/// Latent attention of DeepSeek-V3's geometry: the absorbed form in generation, up-projected keys
/// and values over prompts.
Operator latent(const KernelQuery& query, bool decode) {
  catalog::Model model;
  catalog::Attention mla;
  mla.kind = catalog::AttentionKind::kMla;
  mla.head_count = mla.kv_head_count = query.heads;
  mla.kv_lora_rank = kLatentRank;
  mla.q_lora_rank = kLatentQueryRank;
  mla.nope_head_dim = mla.value_head_dim = kLatentHeadDim;
  mla.rope_head_dim = kLatentRopeDim;
  compute::Precision precision;
  precision.kv_cache = query.dtype;
  const compute::ParallelPlan plan;
  const compute::LayerContext layer{model, plan, precision, 1};
  if (!decode) {
    const std::vector<compute::PrefillChunk> chunks(static_cast<size_t>(query.batch),
                                                    {query.tokens, query.context});
    std::vector<Operator> operators;
    compute::add_attention_prefill(layer, mla, chunks, operators);
    return operators.back();
  }
  std::vector<compute::ContextOperator> operators;
  compute::add_attention_decode(layer, mla, query.batch, query.tokens, operators);
  const compute::ContextOperator& kernel = operators.back();
  Operator op = kernel.fixed;
  op.context_tokens = query.batch * query.context;
  const double reach = compute::as_factor(query.batch * (query.context + query.tokens));
  op.flops += kernel.flops_per_token * reach;
  op.bytes += kernel.bytes_per_token * reach;
  return op;
}

Operator operator_of(const KernelQuery& query) {
  if (query.family == "gemm") {
    return compute::gemm("gemm", compute::Section::kFeedForward, 1, {query.m, query.n, query.k},
                         query.dtype, query.compute.value_or(query.dtype));
  }
  if (query.family == "experts") {
    compute::ExpertsCall call;
    call.tokens = query.tokens;
    call.hidden = query.hidden;
    call.width = query.width;
    call.topk = query.topk;
    call.experts = query.experts;
    call.expert_ranks = query.expert_ranks;
    call.weights = query.dtype;
    call.compute = query.compute.value_or(query.dtype);
    return compute::experts("experts", 1, call);
  }
  if (query.family.starts_with("latent")) return latent(query, query.family == "latent_decode");
  return attention(query, query.family == "attention_decode");
}

void check(const KernelQuery& query, Findings& findings) {
  if (std::find(kFamilies.begin(), kFamilies.end(), query.family) == kFamilies.end()) {
    findings.add("FAMILY", fmt::format("no kernel family '{}'{}", query.family,
                                       suggestion(query.family, kFamilies)));
  }
  const bool grouped = !query.family.starts_with("latent");
  if (grouped && query.kv_heads > 0 && query.heads % query.kv_heads != 0) {
    findings.add("--kv-heads", fmt::format("{} query heads do not divide by {} KV heads",
                                           query.heads, query.kv_heads));
  }
  if (query.topk > query.experts) {
    findings.add("--topk", fmt::format("{} of {} experts", query.topk, query.experts));
  }
  if (query.experts % query.expert_ranks != 0) {
    findings.add("--ep", fmt::format("{} experts do not divide by {} ranks", query.experts,
                                     query.expert_ranks));
  }
}

}  // namespace

std::vector<std::string> kernel_families() { return kFamilies; }

Result estimate_kernel(const KernelQuery& query, const catalog::Catalog& catalog) {
  Findings findings;
  check(query, findings);
  const auto accelerator = catalog.accelerator(query.accelerator, {}, findings);
  if (accelerator && !accelerator->peak_for(Dtype::kBf16)) {
    findings.add("--accelerator", accelerator->id + " has no published 16-bit matrix peak");
  }
  findings.throw_if_any();
  const auto choice = compute::choose_efficiency(catalog, *accelerator, findings);
  findings.throw_if_any();
  const Operator op = operator_of(query);
  const auto priced = [&](const compute::Efficiency& set) {
    return compute::Roofline(*accelerator, set, query.engine).price(op);
  };
  const compute::OperatorCost cost = priced(choice.efficiency);
  const Seconds low = priced(compute::at_band_end(choice.efficiency, false)).duration;
  const Seconds high = priced(compute::at_band_end(choice.efficiency, true)).duration;
  const compute::Roofline roofline(*accelerator, choice.efficiency, query.engine);

  Result result;
  result.version = version();
  result.name = fmt::format("{} on {}", query.family, accelerator->id);
  const auto add = [&](std::string name, double value, std::string unit) {
    result.metrics.push_back({std::move(name), value, std::move(unit), {}, {}});
    result.headline.push_back(result.metrics.back().name);
  };
  add("kernel.duration", cost.duration.value(), "s");
  result.metrics.back().low = std::min(low, cost.duration).value();
  result.metrics.back().high = std::max(high, cost.duration).value();
  add("kernel.flops", op.flops.value(), "FLOP");
  add("kernel.bytes", op.bytes.value(), "B");
  add("kernel.mfu", op.flops / roofline.peak(op.dtype) / cost.duration, "");
  add("kernel.bandwidth_share", op.bytes / roofline.bandwidth() / cost.duration, "");
  if (roofline.knows_power()) {
    add("kernel.power", (roofline.idle_power() + cost.energy / cost.duration).value(), "W");
  }
  result.notes.push_back(fmt::format("Bound by {}.", enum_name(cost.bound)));
  result.notes.push_back("By " + roofline.origin_text(op) + ".");
  const std::string note = choice.note(*accelerator);
  if (!note.empty()) result.notes.push_back(note);
  return result;
}

}  // namespace penstock::scenario
