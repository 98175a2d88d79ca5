#include "penstock/validation/kernel_price.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "penstock/calibration/attention_families.h"
#include "penstock/calibration/experts_family.h"
#include "penstock/compute/layer_operators.h"

namespace penstock::validation {
namespace {

using catalog::Attention;
using catalog::AttentionKind;
using compute::Operator;
using measurement::Phase;

// the measured modules are DeepSeek-V3's; the files name every size but this one
constexpr int64_t kMlaHiddenSize = 7168;

/// A model of one layer, for the builders of operators.
struct OneLayer {
  catalog::Model model;
  compute::ParallelPlan plan;
  compute::Precision precision;

  [[nodiscard]] compute::LayerContext context() const { return {model, plan, precision, 1}; }
};

/// A uniform batch's attention as one step asks for it.
std::vector<Operator> attention_operators(const OneLayer& layer, const Attention& attention,
                                          Phase phase, int64_t batch, int64_t query,
                                          int64_t context) {
  std::vector<Operator> operators;
  if (phase == Phase::kPrefill) {
    const std::vector<compute::PrefillChunk> chunks(static_cast<size_t>(batch), {query, context});
    compute::add_attention_prefill(layer.context(), attention, chunks, operators);
    return operators;
  }
  std::vector<compute::ContextOperator> decode;
  compute::add_attention_decode(layer.context(), attention, batch, 1, decode);
  for (const compute::ContextOperator& op : decode) {
    const double sum = compute::as_factor(batch * std::min(context + 1, op.cap));
    Operator whole = op.fixed;
    whole.flops += op.flops_per_token * sum;
    whole.bytes += op.bytes_per_token * sum;
    operators.push_back(whole);
  }
  return operators;
}

}  // namespace

void KernelPricer::set_duration(Seconds duration, const compute::Residuals& residuals,
                                KernelPrice& price) const {
  // what a call moves and multiplies stays, so its energy above idle spreads over the new duration
  if (price.power) {
    const Watts idle = typical_.idle_power();
    const Watts activity = (*price.power - idle) * (price.duration / duration);
    price.power = std::min(idle + activity, typical_.accelerator().power_limit->value);
  }
  price.duration = duration;
  price.low = duration * std::min(1.0, residuals.low_factor);
  price.high = duration * std::max(1.0, residuals.high_factor);
}

KernelPricer::KernelPricer(const catalog::Accelerator& accelerator,
                           const compute::Efficiency& efficiency)
    : machine_(compute::Machine::of(accelerator)),
      typical_(accelerator, efficiency),
      low_(accelerator, compute::at_band_end(efficiency, false)),
      high_(accelerator, compute::at_band_end(efficiency, true)) {}

KernelPrice KernelPricer::price(const std::vector<Operator>& operators) const {
  KernelPrice price;
  Joules energy;
  for (const Operator& op : operators) {
    const auto calls = static_cast<double>(op.count);
    const compute::OperatorCost cost = typical_.price(op);
    price.duration += cost.duration * calls;
    energy += cost.energy * calls;
    price.low += low_.price(op).duration * calls;
    price.high += high_.price(op).duration * calls;
  }
  // an end of the band that the roofline stops does not cross the middle
  price.low = std::min(price.low, price.duration);
  price.high = std::max(price.high, price.duration);
  if (typical_.knows_power() && price.duration > Seconds()) {
    price.power = typical_.idle_power() + energy / price.duration;
  }
  return price;
}

KernelPrice KernelPricer::price(const measurement::GemmRow& row) const {
  const compute::GemmCall call = calibration::gemm_call(row);
  KernelPrice price =
      this->price({compute::gemm("gemm", compute::Section::kFeedForward, 1,
                                 {call.m, call.n, call.k}, call.weights, call.compute)});
  const auto& set = typical_.efficiency().gemm;
  if (!set) return price;
  const auto& group = set->find(calibration::origin_of(row.timing, {call.weights, call.compute}));
  set_duration(gemm_duration(machine_, set->shared, group.coefficients, call), group.residuals,
               price);
  return price;
}

KernelPrice KernelPricer::price(const measurement::AttentionRow& row) const {
  OneLayer layer;
  layer.precision.kv_cache = row.cache.weight;
  Attention attention;
  attention.kind = row.window_tokens > 0 ? AttentionKind::kSliding : AttentionKind::kFull;
  attention.head_count = row.query_head_count;
  attention.kv_head_count = row.kv_head_count;
  attention.head_dim = row.head_dim;
  attention.window = row.window_tokens;
  const Phase phase = calibration::kernel_phase(row);
  std::vector<Operator> operators = attention_operators(layer, attention, phase, row.batch_count,
                                                        row.query_tokens, row.context_tokens);
  for (Operator& op : operators) op.dtype = row.compute.compute;
  KernelPrice price = this->price(operators);
  const compute::Efficiency& set = typical_.efficiency();
  const compute::KernelOrigin origin =
      calibration::origin_of(row.timing, {row.cache.weight, row.compute.compute});
  if (phase == Phase::kPrefill) {
    set_attention(set.attention_prefill, origin, calibration::attention_prefill_call(row), price);
  } else {
    set_attention(set.attention_decode, origin, calibration::attention_decode_call(row), price);
  }
  return price;
}

template <class Set, class Call>
void KernelPricer::set_attention(const std::optional<Set>& set, const compute::KernelOrigin& origin,
                                 const Call& call, KernelPrice& price) const {
  if (!set) return;
  const auto& group = set->find(origin);
  Seconds duration;
  if constexpr (std::is_same_v<Call, compute::AttentionPrefillCall>) {
    duration = attention_prefill_duration(machine_, set->shared, group.coefficients, call);
  } else if constexpr (std::is_same_v<Call, compute::AttentionDecodeCall>) {
    duration = attention_decode_duration(machine_, set->shared, group.coefficients, call);
  } else if constexpr (std::is_same_v<Call, compute::LatentPrefillModuleCall>) {
    duration = latent_prefill_module_duration(machine_, set->shared, group.coefficients, call);
  } else {
    duration = latent_decode_module_duration(machine_, set->shared, group.coefficients, call);
  }
  set_duration(duration, group.residuals, price);
}

void KernelPricer::set_latent(const measurement::MlaRow& row, KernelPrice& price) const {
  const compute::Efficiency& set = typical_.efficiency();
  const compute::KernelOrigin origin = calibration::latent_origin(row);
  const bool prompts = row.phase == Phase::kPrefill;
  if (row.scope == measurement::MlaScope::kKernel) {
    if (prompts) {
      set_attention(set.latent_prefill, origin, calibration::latent_prefill_call(row), price);
    } else {
      set_attention(set.latent_decode, origin, calibration::latent_decode_call(row), price);
    }
    return;
  }
  const calibration::ProductPrice products = [&](const std::string&, const std::string& engine,
                                                 const compute::GemmCall& call) {
    if (!set.gemm) return Seconds();
    const auto& group = set.gemm->pick(engine, {call.weights, call.compute});
    return gemm_duration(machine_, set.gemm->shared, group.coefficients, call);
  };
  const auto only = [](const auto& by_accelerator) {
    return by_accelerator.begin()->second.front().call;
  };
  if (prompts) {
    set_attention(set.latent_prefill_module, origin,
                  only(calibration::latent_prefill_module_calls({row}, products)), price);
  } else {
    set_attention(set.latent_decode_module, origin,
                  only(calibration::latent_decode_module_calls({row}, products)), price);
  }
}

KernelPrice KernelPricer::price(const measurement::MlaRow& row) const {
  OneLayer layer;
  layer.model.hidden_size = kMlaHiddenSize;
  layer.precision.kv_cache = row.cache.weight;
  layer.precision.weights.attention = row.projections.weight;
  layer.precision.attention_compute = row.projections.compute;
  Attention attention;
  attention.kind = AttentionKind::kMla;
  attention.head_count = row.head_count;
  attention.kv_head_count = row.head_count;
  attention.kv_lora_rank = row.kv_lora_rank;
  attention.q_lora_rank = row.q_lora_rank;
  attention.nope_head_dim = row.qk_nope_head_dim;
  attention.rope_head_dim = row.qk_rope_head_dim;
  attention.value_head_dim = row.v_head_dim;
  const Phase phase = row.query_tokens == 1 ? Phase::kDecode : row.phase;
  std::vector<Operator> operators = attention_operators(layer, attention, phase, row.batch_count,
                                                        row.query_tokens, row.context_tokens);
  if (row.scope == measurement::MlaScope::kKernel) {
    std::erase_if(operators,
                  [](const Operator& op) { return op.family == compute::Family::kGemm; });
  }
  for (Operator& op : operators) {
    if (op.family != compute::Family::kGemm) op.dtype = row.compute.compute;
  }
  if (row.scope == measurement::MlaScope::kModule) {
    compute::add_attention_tokens(layer.context(), attention, row.batch_count * row.query_tokens,
                                  operators);
  }
  KernelPrice price = this->price(operators);
  set_latent(row, price);
  return price;
}

KernelPrice KernelPricer::price(const measurement::MoeRow& row) const {
  const compute::ExpertsCall call = calibration::experts_call(row);
  KernelPrice price = this->price({compute::experts("experts", 1, call)});
  const auto& set = typical_.efficiency().experts;
  if (!set) return price;
  const auto& group = set->find(calibration::origin_of(row.timing, {call.weights, call.compute}));
  set_duration(experts_duration(machine_, set->shared, group.coefficients, call), group.residuals,
               price);
  return price;
}

void KernelPricers::add(const std::string& id) {
  if (pricers_.find(id) != pricers_.end()) return;
  Pair& pair = pricers_[id];
  Findings findings;
  const auto accelerator = catalog_->accelerator(id, {}, findings);
  findings.throw_if_any();
  if (!accelerator->peak_for(catalog::Dtype::kBf16)) return;
  const auto choice = compute::choose_efficiency(*catalog_, *accelerator, findings);
  findings.throw_if_any();
  pair.own.emplace(*accelerator, choice.efficiency);
  const auto borrowed = compute::borrow_efficiency(*catalog_, *accelerator, findings);
  findings.throw_if_any();
  pair.by_kin.emplace(*accelerator, borrowed.efficiency);
}

const KernelPricer* KernelPricers::find(const std::string& id) const {
  const auto at = pricers_.find(id);
  return at == pricers_.end() || !at->second.own ? nullptr : &*at->second.own;
}

const KernelPricer* KernelPricers::find_by_kin(const std::string& id) const {
  const auto at = pricers_.find(id);
  return at == pricers_.end() || !at->second.by_kin ? nullptr : &*at->second.by_kin;
}

}  // namespace penstock::validation
