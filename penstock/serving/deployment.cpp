#include "penstock/serving/deployment.h"

#include <fmt/format.h>

#include <algorithm>

#include "penstock/base/unit_text.h"

namespace penstock::serving {

BytesPerSecond scale_up_bandwidth(const catalog::Accelerator& accelerator) {
  // as data/links/pcie5_x16.yaml has it, by which shares of it are fitted
  const BytesPerSecond pcie = 64.0_GBps;
  const bool linked = accelerator.scale_up && accelerator.scale_up->bandwidth_each_way;
  return linked ? accelerator.scale_up->bandwidth_each_way->value : pcie;
}

DeploymentInput at_band_end(DeploymentInput input, bool high) {
  input.efficiency = compute::at_band_end(input.efficiency, high);
  if (input.library != nullptr) input.library = network::at_band_end(*input.library, high);
  return input;
}

Deployment::Deployment(Private, const DeploymentInput& input) : input_(input) {
  forward_ = std::make_unique<compute::Forward>(
      input_.model, input_.serving.plan(), compute::resolve(input_.serving.precision, input_.model),
      input_.serving.decode_queries() - 1);
}

std::variant<std::unique_ptr<Deployment>, Infeasible> Deployment::make(
    const DeploymentInput& input) {
  auto deployment = std::make_unique<Deployment>(Private{}, input);
  const EngineConfig& engine = input.engine;
  const compute::ParallelPlan plan = input.serving.plan();
  auto split = compute::split_memory(
      *deployment->forward_, input.accelerator,
      {engine.memory_utilization_fraction, engine.reserved_memory, engine.max_num_batched_tokens,
       engine.max_num_seqs * input.serving.decode_queries(), engine.page_tokens});
  if (auto* reason = std::get_if<Infeasible>(&split)) return *reason;
  deployment->memory_ = std::get<compute::MemorySplit>(split);
  const compute::Efficiency efficiency =
      compute::in_graph(input.efficiency, {engine.kernel_gap_max, engine.elementwise_fraction});
  const compute::Roofline roofline(input.accelerator, efficiency, engine.kernels);
  deployment->step_model_ = std::make_unique<StepModel>(
      *deployment->forward_, roofline, Links{input.library, scale_up_bandwidth(input.accelerator)},
      StepModel::Options{engine.step_overhead, engine.sequence_overhead,
                         engine.max_num_batched_tokens * plan.lane_count(),
                         engine.max_num_seqs * plan.attention_data,
                         engine.prefill_overhead * static_cast<double>(input.model.layer_count()),
                         DecodePace::of(input.serving.speculation, engine.page_tokens)});
  return deployment;
}

int64_t Deployment::model_len_max() const {
  constexpr int64_t kUnlimited = int64_t{1} << 40;
  const int64_t model = input_.model.max_position > 0 ? input_.model.max_position : kUnlimited;
  return input_.engine.max_model_len.value_or(model);
}

int64_t Deployment::instance_page_count() const {
  return memory_.page_count * input_.serving.attention_data_parallel;
}

InstanceSetup Deployment::instance_setup() const {
  return {input_.engine, instance_page_count(), memory_.page, model_len_max(),
          Stepping::kClosedForm};
}

}  // namespace penstock::serving
