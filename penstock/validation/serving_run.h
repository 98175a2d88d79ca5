/// Recorded serving runs, simulated: requests and deployment in, mean latencies out.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "penstock/serving/deployment.h"
#include "penstock/serving/simulation.h"
#include "penstock/workload/trace.h"

namespace penstock::validation {

/// A run to repeat.
struct RunSpec {
  serving::DeploymentInput deployment;
  std::shared_ptr<const workload::Trace> requests;
  std::optional<serving::ClosedLoop> closed_loop;  ///< then times of arrival do not count
  int64_t streamed_together_count = 1;  ///< output tokens that the server hands over as a group
};

/// What a client saw of one request.
struct RequestLatencies {
  Seconds ttft;
  Seconds tpot;  ///< 0 for a single token
  Seconds latency;
};

/// Means over the requests that completed, in the order of the trace.
struct RunLatencies {
  RequestLatencies mean;
  std::vector<RequestLatencies> requests;
  int64_t not_completed_count = 0;
};

/// The run with every kernel as calibrated, or why the deployment cannot be.
std::variant<RunLatencies, Infeasible> simulate_run(const RunSpec& spec);

/// The same with every kernel at the 10th and at the 90th percentile of its residuals.
struct BandedRun {
  RunLatencies typical;
  RunLatencies low;
  RunLatencies high;
};
std::variant<BandedRun, Infeasible> simulate_banded(const RunSpec& spec);

/// Requests of lengths drawn evenly from [low_ratio, 1] of the nominal ones, all arriving at once:
/// what a closed loop takes from. 1 gives the nominal lengths.
std::shared_ptr<const workload::Trace> nominal_requests(int64_t request_count, int64_t input_tokens,
                                                        int64_t output_tokens, double low_ratio);

}  // namespace penstock::validation
