#include "penstock/calibration/experts_family.h"

#include <fmt/format.h>

namespace penstock::calibration {

using catalog::Dtype;
using compute::ExpertsCall;
using compute::KernelOrigin;
using compute::Routing;
using measurement::ExpertLoad;

ExpertsKernel experts_kernel(const KernelOrigin& origin) {
  const std::string& kernel = origin.kernel;
  const auto named = [&](std::string_view part) { return kernel.find(part) != std::string::npos; };
  const bool triton = named("triton") || kernel == "fused_moe";
  if (triton && origin.engine == "trtllm") return ExpertsKernel::kMasked;
  if (named("marlin")) return ExpertsKernel::kMarlin;
  if (triton) return ExpertsKernel::kTriton;
  if (named("trtllm") || named("min_latency")) return ExpertsKernel::kGenerated;
  // TensorRT-LLM's default path is CUTLASS in bf16 and generated kernels in 4-bit formats
  if (kernel == "moe_torch_flow" && origin.format.stored != Dtype::kBf16) {
    return ExpertsKernel::kGenerated;
  }
  return ExpertsKernel::kGrouped;
}

ExpertsModel experts_model() {
  ExpertsModel model;
  model.name = "experts";
  model.duration = compute::experts_duration;
  model.tie = [](const KernelOrigin& origin, std::string_view coefficient) {
    const int kind = static_cast<int>(experts_kernel(origin));
    if (coefficient == "per_expert" || coefficient == "permute") return fmt::format("{}", kind);
    if (coefficient == "remote") return fmt::format("{} {}", kind, origin.engine == "sglang");
    const std::string own =
        fmt::format("{} {} {}/{}", kind, origin.engine, enum_name(origin.format.stored),
                    enum_name(origin.format.computed));
    return coefficient == "fixed" ? own + " " + origin.version : own;
  };
  return model;
}

ExpertsCall experts_call(const measurement::MoeRow& row) {
  ExpertsCall call;
  call.tokens = row.tokens;
  call.hidden = row.hidden_size;
  call.width = row.inter_size / row.tensor_count;
  call.topk = row.topk_count;
  call.experts = row.expert_count;
  call.expert_ranks = row.expert_group_count;
  call.gated = row.gated;
  call.exchanged = row.exchanged;
  if (row.load == ExpertLoad::kBalanced) {
    call.routing = Routing::kEven;
  } else {
    call.routing = Routing::kPowerLaw;
    call.skew_factor = row.load == ExpertLoad::kPowerLaw12 ? 1.2 : 1.01;
  }
  call.weights = row.format.weight;
  call.compute = row.format.compute;
  return call;
}

CallsByAccelerator<ExpertsCall> experts_calls(const std::vector<measurement::MoeRow>& rows) {
  CallsByAccelerator<ExpertsCall> calls;
  for (const measurement::MoeRow& row : rows) {
    const ExpertsCall call = experts_call(row);
    calls[row.timing.accelerator].push_back(
        {origin_of(row.timing, {call.weights, call.compute}), !row.timing.power.has_value(), call,
         row.timing.latency,
         shape_hash({row.tokens, row.hidden_size, row.inter_size, row.topk_count, row.expert_count,
                     row.tensor_count, row.expert_group_count, static_cast<int64_t>(row.load)})});
  }
  return calls;
}

}  // namespace penstock::calibration
