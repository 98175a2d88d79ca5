/// One step, operator by operator: what it costs and what binds it.
#pragma once

#include <string>
#include <vector>

#include "penstock/base/result.h"
#include "penstock/serving/step_model.h"

namespace penstock::serving {

/// The batch of a step: sequences that decode at equal context, and prompt chunks.
struct StepBatch {
  int64_t decode_count = 0;
  int64_t context = 0;  ///< tokens in the cache of each decoding sequence
  std::vector<compute::PrefillChunk> chunks;
};

/// An operator with its price; `duration` is of all its calls in the step.
struct PricedOperator {
  compute::Operator op;
  compute::OperatorCost cost;  ///< of one call
  Seconds duration;
};

/// Every operator of the step on one rank, in the order of the forward pass.
std::vector<PricedOperator> priced_operators(StepModel& model, const StepBatch& batch);

/// Duration of the step as the simulator takes it: the operators and the engine's overhead.
Seconds step_duration(StepModel& model, const StepBatch& batch);

/// A row an operator: calls, shape, operations, bytes, duration, share, bound, energy.
Table operator_table(const std::vector<PricedOperator>& operators, Seconds step, Seconds overhead);

/// Operators over their arithmetic intensity, under the roofline of the accelerator.
Plot roofline_plot(const StepModel& model, const std::vector<PricedOperator>& operators);

}  // namespace penstock::serving
