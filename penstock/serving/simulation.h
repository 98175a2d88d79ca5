/// Runs a pool of instances over a stream of requests, from the first arrival to the last token.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/serving/collector.h"
#include "penstock/serving/config.h"
#include "penstock/serving/instance.h"
#include "penstock/serving/router.h"
#include "penstock/serving/step_log.h"
#include "penstock/workload/request.h"

namespace penstock::serving {

/// A fixed number of clients that each send their next request when the last one ended.
struct ClosedLoop {
  int64_t concurrency = 1;
  Seconds think_time;
};

struct SimulationInput {
  InstanceSetup instance;
  StepModel* model = nullptr;
  int64_t replica_count = 1;
  std::string router = "round_robin";
  SloConfig slo;
  std::optional<Seconds> request_timeout;
  std::optional<ClosedLoop> closed_loop;
  uint64_t seed = 1;
  size_t slowest_count = 10;
  int64_t traced_step_count = 0;  ///< steps kept for a Chrome trace
  /// Called for every request that was taken in, when it ends.
  std::function<void(const RequestState&)> on_end;
};

/// The pool at one instant, all instances together.
struct Sample {
  Time time;
  InstanceSnapshot state;
};

struct SimulationOutput {
  explicit SimulationOutput(const SimulationInput& input)
      : collector(input.slo, input.slowest_count), log(input.model->caps().size()) {}

  Collector collector;
  StepLog log;
  int64_t arrived_count = 0;
  int64_t arrived_input_tokens = 0;
  int64_t arrived_output_tokens = 0;
  int64_t prefill_tokens = 0;  ///< computed, recomputation included
  int64_t generated_tokens = 0;
  int64_t pages_left_in_use = 0;  ///< must be 0 at the end
  int64_t requests_inside = 0;    ///< must be 0 at the end
  int64_t slot_count = 0;         ///< most requests inside at once
  Time end;                       ///< last token of the run
  Fine busy;                      ///< summed over instances
  std::vector<Fine> busy_of;      ///< per instance
  std::vector<int64_t> requests_of;
  std::vector<Sample> samples;
  std::vector<StepSpan> spans;
};

/// Called now and then with the number of requests ended so far.
using Progress = std::function<void(int64_t ended_count, Time now)>;

SimulationOutput simulate(const SimulationInput& input, workload::RequestStream& stream,
                          const Progress& progress = {});

}  // namespace penstock::serving
