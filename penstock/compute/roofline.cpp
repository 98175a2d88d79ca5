#include "penstock/compute/roofline.h"

#include <algorithm>

#include "penstock/base/check.h"

namespace penstock::compute {

using catalog::Dtype;

Roofline::Roofline(const catalog::Accelerator& accelerator, const Efficiency& efficiency)
    : accelerator_(accelerator), efficiency_(efficiency) {
  PENSTOCK_CHECK(accelerator_.peak_for(Dtype::kBf16).has_value(), "{} has no matrix peak",
                 accelerator_.id);
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
  const KernelEfficiency& row = efficiency_.kernel(op.family, op.dtype);
  cost.compute_duration = op.flops / (peak(op.dtype) * row.compute_fraction);
  cost.memory_duration = op.bytes / (bandwidth() * row.memory_fraction);
  const Seconds work = std::max(cost.compute_duration, cost.memory_duration);
  if (op.flops.value() == 0.0 && op.bytes.value() == 0.0) return cost;
  cost.duration = row.fixed + work;
  cost.bound = row.fixed > work                               ? Bound::kFixed
               : cost.compute_duration > cost.memory_duration ? Bound::kCompute
                                                              : Bound::kMemory;
  if (knows_power()) {
    const Joules activity = op.flops * energy_per_flop(op.dtype) + op.bytes * energy_per_byte();
    const Watts head_room = accelerator_.power_limit->value - idle_power();
    cost.energy = std::min(activity, head_room * cost.duration);
  }
  return cost;
}

Roofline::Lines Roofline::lines(const ContextOperator& op) const {
  const KernelEfficiency& row = efficiency_.kernel(op.fixed.family, op.fixed.dtype);
  const FlopPerSecond rate = peak(op.fixed.dtype) * row.compute_fraction;
  const BytesPerSecond flow = bandwidth() * row.memory_fraction;
  return {row.fixed, op.fixed.flops / rate, op.flops_per_token / rate, op.fixed.bytes / flow,
          op.bytes_per_token / flow};
}

}  // namespace penstock::compute
