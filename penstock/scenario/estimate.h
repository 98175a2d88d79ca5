/// Queries that need no simulated traffic, or many small simulations: one step, and capacity.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "penstock/base/result.h"
#include "penstock/catalog/catalog.h"
#include "penstock/catalog/exchange.h"
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

/// `penstock estimate serving`: clients in a closed loop against one instance, as serving
/// benchmarks drive it.
struct ServingQuery {
  std::string model;
  std::string accelerator;            ///< or the one of `system`
  std::optional<std::string> system;  ///< catalog id of a server or supernode
  std::string engine = "vllm_large";
  int64_t tensor_parallel = 1;
  int64_t pipeline_parallel = 1;
  int64_t attention_data_parallel = 1;
  int64_t expert_parallel = 1;
  int64_t concurrency = 1;
  int64_t input_tokens = kDefaultContext;
  int64_t output_tokens = kDefaultContext;
  int64_t prompts_of_client = 10;
  double shortest_ratio = 0.8;  ///< lengths are drawn evenly from this share of the nominal ones on
  compute::PrecisionConfig precision;
};

/// The run's metrics with their bands; throws InputError for unknown names and impossible numbers.
Result estimate_serving(const ServingQuery& query, const catalog::Catalog& catalog);

/// Width and expert of an 8-billion-parameter model's layer (Llama 3.1 8B, Qwen3 30B-A3B): what a
/// kernel query takes when its shape is left open.
constexpr int64_t kDefaultWidth = 4096;
constexpr int64_t kDefaultExpertWidth = 768;

/// `penstock estimate kernel`: one call of a kernel.
struct KernelQuery {
  std::string family;  ///< one of kernel_families()
  std::string accelerator;
  std::string engine;                                   ///< empty: whichever is measured best
  catalog::Dtype dtype = catalog::Dtype::kBf16;         ///< of the weights, or of the KV cache
  std::optional<catalog::Dtype> compute;                ///< of the products; unset: by the weights
  int64_t m = 1, n = kDefaultWidth, k = kDefaultWidth;  // gemm
  int64_t batch = 1, tokens = 1, context = 0;           // attention, and tokens of experts
  int64_t heads = 32, kv_heads = 8, head_dim = 128, window = 0;
  int64_t hidden = kDefaultWidth, width = kDefaultExpertWidth, topk = 8, experts = 128,
          expert_ranks = 1;
};

std::vector<std::string> kernel_families();

/// Duration with its band, what binds it, and where the coefficients come from.
Result estimate_kernel(const KernelQuery& query, const catalog::Catalog& catalog);

/// Shape of DeepSeek V3: what an exchange query takes when it is left open.
constexpr int64_t kDefaultExchangeTokens = 128;
constexpr int64_t kDefaultExchangeHidden = 7168;
constexpr int64_t kDefaultExchangeExperts = 256;

/// `penstock estimate dispatch`: one mixture-of-experts exchange, there and back.
struct DispatchQuery {
  std::string system;                       ///< system or cluster, or SYSTEM_xN
  int64_t ranks = 1;                        ///< of the expert-parallel group
  int64_t tokens = kDefaultExchangeTokens;  ///< of each rank
  int64_t hidden = kDefaultExchangeHidden;
  int64_t topk = 8;
  int64_t experts = kDefaultExchangeExperts;
  catalog::ExchangePayload payload = catalog::ExchangePayload::kFp8;
  catalog::ExchangePayload combine_payload = catalog::ExchangePayload::kBf16;
  std::optional<catalog::ExchangeKernel> kernel;  ///< unset: the fastest that was measured
  std::string library;                            ///< id of a set of data/dispatch; empty: any
  double imbalance_ratio = 1.0;                   ///< copies for the fullest rank over the mean
  int64_t node_limit = 0;                         ///< nodes a token may reach; 0: all
  int64_t multiprocessors = 0;                    ///< given to the calls; 0: as measured best
  std::optional<BytesPerSecond> network;          ///< interface of a rank; unset: the catalog's
};

/// Duration of each call with its band, bytes of a rank by tier, what binds, multiprocessors taken,
/// and whose fits answer. Throws InputError for unknown names and groups that cannot be.
Result estimate_dispatch(const DispatchQuery& query, const catalog::Catalog& catalog);
/// `penstock estimate collective`: one collective on a machine.
struct CollectiveQuery {
  std::string operation;  ///< all_reduce, all_gather, reduce_scatter, broadcast, all_to_all, ...
  std::string system;     ///< system, cluster or SYSTEM_xN
  std::optional<int64_t> rank_count;     ///< unset: every accelerator
  int64_t stride = 1;                    ///< accelerators from one rank to the next
  int64_t group_count = 1;               ///< groups that do the same at once
  std::optional<Bytes> payload;          ///< as nccl-tests counts it
  std::optional<Bytes> bytes_per_pair;   ///< all_to_all: of each message
  std::optional<std::string> algorithm;  ///< unset: the fastest
  std::string library;                   ///< empty: the vendor's
  /// Bundles that lost capacity, "l1 to l2/3=0.5": then flows are simulated one by one.
  std::vector<std::string> degraded;
};

std::vector<std::string> collective_operations();

/// Duration with its band, algorithm, the cut that binds, phases, and the time over message sizes.
/// Throws InputError for unknown names and impossible numbers.
Result estimate_collective(const CollectiveQuery& query, const catalog::Catalog& catalog);

/// `penstock topology place`: parallel groups laid out over a machine, innermost first.
struct PlaceQuery {
  struct Dimension {
    std::string name;
    int64_t size = 1;
  };
  std::string system;
  std::vector<Dimension> dimensions;
};

/// Which accelerators each group holds and the unit it stays in. Throws InputError for an unknown
/// name and for more ranks than accelerators.
Result place_groups(const PlaceQuery& query, const catalog::Catalog& catalog);

/// `penstock topology show`: classes of vertices and links, planes, tiers, bisection, diameter.
/// Throws InputError for an unknown name.
Result show_topology(const std::string& name, const catalog::Catalog& catalog);

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
