/// Queries that need no simulated traffic, or many small simulations: one step, and capacity.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "penstock/base/result.h"
#include "penstock/catalog/catalog.h"
#include "penstock/scenario/run.h"
#include "penstock/scenario/slo_text.h"

namespace penstock::scenario {

/// Context of `estimate step` when none is given: a short chat.
constexpr int64_t kDefaultContext = 1024;

/// `penstock estimate step`: a batch on a deployment.
struct StepQuery {
  std::string model;
  std::string accelerator;
  std::string engine = "vllm";
  int64_t tensor_parallel = 1;
  int64_t pipeline_parallel = 1;
  int64_t attention_data_parallel = 1;
  int64_t expert_parallel = 1;
  int64_t batch = 1;                  ///< decoding sequences
  int64_t context = kDefaultContext;  ///< tokens in the cache of each
  int64_t prefill_tokens = 0;         ///< of one prompt chunk beside them
  int64_t prefill_context = 0;        ///< tokens of that prompt already in the cache
  compute::PrecisionConfig precision;
};

/// The step operator by operator, its duration, bound, energy, and whether the batch fits.
/// Throws InputError for unknown names and impossible numbers.
Result estimate_step(const StepQuery& query, const catalog::Catalog& catalog);

/// `penstock estimate capacity`: the highest load that still meets the limits.
struct CapacityQuery {
  std::vector<SloLimit> limits;
  double precision_fraction = 0.01;  ///< of the load found
  size_t thread_count = 1;
  std::function<void(const std::string&)> progress;
};

/// Searches over `workload.load_factor` by doubling and halving, then bisection; the result holds
/// the capacity, the curve of every load tried, and which limit binds.
Result estimate_capacity(const ScenarioText& text, const catalog::Catalog& catalog,
                         const CapacityQuery& query);

/// `penstock sweep`: the product of value lists, each run on its own, as one table. Its hashes are
/// over the hashes of all rows.
struct SweepAxis {
  std::string path;
  std::vector<std::string> values;
};
Result sweep(const ScenarioText& text, const catalog::Catalog& catalog,
             const std::vector<SweepAxis>& axes, size_t thread_count);

}  // namespace penstock::scenario
