#include "penstock/compute/roofline.h"

#include <fmt/format.h>

#include <algorithm>

#include "penstock/base/check.h"

namespace penstock::compute {

using catalog::Dtype;

namespace {

/// What a group multiplies operands of this storage in: weight-only kernels unpack them.
Dtype computed_by(const KernelOrigin& origin, Dtype stored, Dtype wanted) {
  return origin.format.stored == stored ? origin.format.computed : wanted;
}

template <class Group>
std::string group_text(const Fitted<Group>& group) {
  const KernelOrigin& origin = group.origin;
  return fmt::format("{} {}{}{} over {}, {} measured calls, median error {:.0f} %", origin.engine,
                     origin.version, origin.version.empty() ? "" : " in ",
                     enum_name(origin.format.computed), enum_name(origin.format.stored),
                     group.residuals.rows, 100.0 * group.residuals.error_fraction);
}

std::string row_text(const KernelEfficiency& row) {
  const std::string name = fmt::format("{}{} in {}", row.latent.value_or(false) ? "latent " : "",
                                       enum_name(row.family), enum_name(row.dtype));
  if (row.published) {
    return fmt::format("{}, published: {}{}{}", name, *row.published, row.date ? ", " : "",
                       row.date.value_or(""));
  }
  if (row.by_default) return name + " of the default set, for want of better";
  return row.rows > 0 ? fmt::format("{}, {} measured calls", name, row.rows) : name + ", assumed";
}

}  // namespace

Roofline::Roofline(const catalog::Accelerator& accelerator, const Efficiency& efficiency,
                   std::string_view engine)
    : accelerator_(accelerator), efficiency_(efficiency), machine_(Machine::of(accelerator)) {
  if (efficiency_.gemm) gemm_choice_ = KernelChoice(*efficiency_.gemm, engine);
  const auto choose = [&](const auto& set, KernelChoice& choice) {
    if (set) choice = KernelChoice(*set, engine);
  };
  choose(efficiency_.attention_prefill, prefill_choice_);
  choose(efficiency_.attention_decode, decode_choice_);
  choose(efficiency_.latent_prefill, latent_prefill_choice_);
  choose(efficiency_.latent_decode, latent_decode_choice_);
  if (efficiency_.experts) {
    experts_choice_ = KernelChoice(*efficiency_.experts, engine);
    for (const auto& group : efficiency_.experts->groups) {
      const auto* twin = efficiency_.experts->twin(group);
      const auto* kernel = twin != nullptr ? twin : &group;
      experts_twins_.push_back(static_cast<size_t>(kernel - efficiency_.experts->groups.data()));
    }
  }
}

FlopPerSecond Roofline::peak(Dtype dtype) const {
  const auto rate = accelerator_.peak_for(dtype);
  return rate ? *rate : *accelerator_.peak_for(Dtype::kBf16);
}

Watts Roofline::idle_power() const {
  return knows_power() ? accelerator_.power_limit->value * efficiency_.power.idle_fraction
                       : Watts();
}

JoulesPerFlop Roofline::energy_per_flop(Dtype dtype) const {
  if (!knows_power()) return JoulesPerFlop();
  return accelerator_.power_limit->value * efficiency_.power.compute_fraction / peak(dtype);
}

JoulesPerByte Roofline::energy_per_byte() const {
  if (!knows_power()) return JoulesPerByte();
  return accelerator_.power_limit->value * efficiency_.power.memory_fraction / bandwidth();
}

OperatorCost Roofline::price(const Operator& op) const {
  OperatorCost cost;
  if (op.family == Family::kCollective) {
    cost.bound = Bound::kLink;
    return cost;
  }
  if (op.flops.value() == 0.0 && op.bytes.value() == 0.0) return cost;
  cost.compute_duration = op.flops / peak(op.dtype);
  cost.memory_duration = op.bytes / bandwidth();
  if (op.family == Family::kGemm && efficiency_.gemm) {
    cost.duration = gemm(op);
  } else if (op.experts.tokens > 0 && efficiency_.experts) {
    cost.duration = experts(op);
  } else if (models_attention(op)) {
    cost.duration = attention(op);
  } else {
    const KernelEfficiency& row = efficiency_.kernel(op.family, op.dtype, op.latent);
    cost.compute_duration = cost.compute_duration / row.compute_fraction;
    cost.memory_duration = cost.memory_duration / row.memory_fraction;
    cost.duration = row.fixed + std::max(cost.compute_duration, cost.memory_duration);
  }
  finish(op, cost);
  return cost;
}

Seconds Roofline::gemm(const Operator& op) const {
  const auto& set = *efficiency_.gemm;
  const Fitted<GemmGroup>& group = gemm_choice_(set, {op.stored, op.dtype});
  const Seconds duration = gemm_duration(
      machine_, set.shared, group.coefficients,
      {op.gemm.m, op.gemm.n, op.gemm.k, op.stored, computed_by(group.origin, op.stored, op.dtype)});
  // the fast end of a band stays on this side of the roofline
  return std::max(duration * group.scale_factor,
                  std::max(op.flops / peak(op.dtype), op.resident_weights / bandwidth()));
}

Seconds Roofline::experts(const Operator& op) const {
  const auto& set = *efficiency_.experts;
  const Fitted<ExpertsGroup>& group = experts_choice_(set, {op.stored, op.dtype});
  ExpertsCall call = op.experts;
  call.compute = computed_by(group.origin, call.weights, call.compute);
  const auto duration_by = [&](const Fitted<ExpertsGroup>& g) {
    return experts_duration(machine_, set.shared, g.coefficients, call) * g.scale_factor;
  };
  const auto own = static_cast<size_t>(&group - set.groups.data());
  Seconds duration = duration_by(group);
  if (experts_twins_[own] != own) {
    duration = std::min(duration, duration_by(set.groups[experts_twins_[own]]));
  }
  return std::max(duration, op.flops / peak(op.dtype));
}

void Roofline::finish(const Operator& op, OperatorCost& cost) const {
  const Seconds work = std::max(cost.compute_duration, cost.memory_duration);
  const bool compute_bound = cost.compute_duration > cost.memory_duration;
  cost.bound = work * 2.0 < cost.duration ? Bound::kFixed
               : compute_bound            ? Bound::kCompute
                                          : Bound::kMemory;
  if (!knows_power()) return;
  const Joules activity = op.flops * energy_per_flop(op.dtype) + op.bytes * energy_per_byte();
  const Watts head_room = accelerator_.power_limit->value - idle_power();
  cost.energy = std::min(activity, head_room * cost.duration);
}

std::string Roofline::origin_text(const Operator& op) const {
  const KernelFormat format{op.stored, op.dtype};
  const auto text = [&]() -> std::string {
    const Efficiency& e = efficiency_;
    if (op.family == Family::kGemm && e.gemm) return group_text(gemm_choice_(*e.gemm, format));
    if (op.experts.tokens > 0 && e.experts) return group_text(experts_choice_(*e.experts, format));
    if (!models_attention(op)) return row_text(e.kernel(op.family, op.dtype, op.latent));
    if (op.family == Family::kAttentionPrefill) {
      return op.latent ? group_text(latent_prefill_choice_(*e.latent_prefill, format))
                       : group_text(prefill_choice_(*e.attention_prefill, format));
    }
    return op.latent ? group_text(latent_decode_choice_(*e.latent_decode, format))
                     : group_text(decode_choice_(*e.attention_decode, format));
  };
  return fmt::format("efficiencies {} ({}, confidence {}): {}", efficiency_.id, efficiency_.date,
                     enum_name(efficiency_.confidence), text());
}

Roofline::Lines Roofline::lines(const ContextOperator& op) const {
  const KernelEfficiency& row =
      efficiency_.kernel(op.fixed.family, op.fixed.dtype, op.fixed.latent);
  const FlopPerSecond rate = peak(op.fixed.dtype) * row.compute_fraction;
  const BytesPerSecond flow = bandwidth() * row.memory_fraction;
  return {row.fixed, op.fixed.flops / rate, op.flops_per_token / rate, op.fixed.bytes / flow,
          op.bytes_per_token / flow};
}

bool Roofline::models_attention(const Operator& op) const {
  if (op.attention.query_head_count == 0) return false;
  if (op.family == Family::kAttentionPrefill) {
    return op.latent ? efficiency_.latent_prefill.has_value()
                     : efficiency_.attention_prefill.has_value();
  }
  return op.latent ? efficiency_.latent_decode.has_value()
                   : efficiency_.attention_decode.has_value();
}

Seconds Roofline::attention(const Operator& op) const {
  if (op.family == Family::kAttentionPrefill) {
    return op.latent ? prompt(*efficiency_.latent_prefill, latent_prefill_choice_, op)
                     : prompt(*efficiency_.attention_prefill, prefill_choice_, op);
  }
  return op.latent ? generation(*efficiency_.latent_decode, latent_decode_choice_, op)
                   : generation(*efficiency_.attention_decode, decode_choice_, op);
}

template <class Set>
Seconds Roofline::prompt(const Set& set, const KernelChoice& choice, const Operator& op) const {
  const auto& group = choice(set, {op.stored, op.dtype});
  const Seconds duration =
      attention_prefill_duration(machine_, set.shared, group.coefficients, op.attention, op.chunks);
  return std::max(duration * group.scale_factor, op.flops / op.attention.highest_peak(machine_));
}

template <class Set>
Seconds Roofline::generation(const Set& set, const KernelChoice& choice, const Operator& op) const {
  const auto& group = choice(set, {op.stored, op.dtype});
  const Seconds duration = attention_decode_duration(
      machine_, set.shared, group.coefficients,
      {op.attention, op.sequence_count, op.query_tokens, op.context_tokens, false});
  return std::max(duration * group.scale_factor, op.bytes / bandwidth());
}

}  // namespace penstock::compute
