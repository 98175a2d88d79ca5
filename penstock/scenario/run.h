/// Runs a scenario: the one entry that turns a Scenario into a Result.
#pragma once

#include <functional>
#include <variant>

#include "penstock/base/metric_doc.h"
#include "penstock/base/result.h"
#include "penstock/scenario/scenario.h"
#include "penstock/serving/instance.h"

namespace penstock::scenario {

struct RunOptions {
  size_t thread_count = 1;        ///< for bands; a single simulation uses one
  size_t slowest_count = 10;      ///< requests kept for the waterfall
  int64_t traced_step_count = 0;  ///< steps kept for a Chrome trace
  serving::Stepping stepping = serving::Stepping::kClosedForm;
  /// Called for every request that was taken in, when it ends, with all its times.
  std::function<void(const serving::RequestState&)> on_end;
  /// Called from time to time with the simulated time and the requests ended so far.
  std::function<void(int64_t ended_count, Seconds simulated)> progress;
};

/// The whole answer. An infeasible plan is a result with `infeasible` set.
Result run(const Scenario& scenario, const RunOptions& options = {});

/// Only the metrics of a run, for sweeps and searches; the reason when infeasible.
std::variant<std::vector<Metric>, Infeasible> run_metrics(const Scenario& scenario,
                                                          const RunOptions& options = {});

/// Definitions of all metrics, in name order.
std::vector<MetricDoc> metric_docs();

/// Version of the product, as in result files.
std::string_view version();

}  // namespace penstock::scenario
