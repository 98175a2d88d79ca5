/// What a user says about a serving deployment: model, accelerators, plan, engine knobs, router.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/base/fields.h"
#include "penstock/catalog/provenance.h"
#include "penstock/compute/plan.h"

namespace penstock::serving {

/// Order in which waiting requests are taken and, reversed, in which running ones are preempted.
enum class QueuePolicy : uint8_t { kFcfs, kPriority };

/// When a request may start: when its next chunk fits (and may be preempted later), or only when
/// its whole output fits (and is never preempted).
enum class Admission : uint8_t { kOptimistic, kReserve };

/// Bounds of the knobs: far beyond any deployment, small enough that no product overflows.
constexpr double kCountMax = 1e9;
constexpr double kPageTokensMax = 65536.0;
constexpr double kModelLenMax = 1e12;
constexpr double kReplicasMax = 100000.0;
constexpr double kRanksMax = 1024.0;
/// Token budget of a step where a preset says nothing: vLLM V1 below 70 GiB.
constexpr int64_t kDefaultStepTokens = 2048;

/// Knobs of a serving engine, in vLLM V1's sense. Presets under data/engines name them per engine.
struct EngineConfig {
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
  std::string version;               ///< release the preset describes
  std::string kernels;               ///< engine whose measured kernels it calls: "vllm"; empty: any
  std::string collectives = "nccl";  ///< library of its collectives, as systems share its name
  std::string source;
  std::string date;
  catalog::Confidence confidence = catalog::Confidence::kMedium;
  int64_t max_num_seqs = 256;
  int64_t max_num_batched_tokens = kDefaultStepTokens;
  bool chunked_prefill = true;
  bool mixed_steps = true;
  int64_t long_prefill_token_threshold = 0;
  int64_t receive_interval_steps = 1;
  int64_t page_tokens = 16;
  bool prefix_caching = true;
  QueuePolicy policy = QueuePolicy::kFcfs;
  Admission admission = Admission::kOptimistic;
  double watermark_fraction = 0.0;
  double memory_utilization_fraction = 0.9;
  Bytes reserved_memory;
  std::optional<int64_t> max_model_len;
  std::optional<int64_t> max_waiting;
  Seconds step_overhead;
  Seconds sequence_overhead;
  Seconds prefill_overhead;
  Seconds request_overhead;
  std::optional<Seconds> kernel_gap_max;
  double elementwise_fraction = 1.0;
  double host_low_factor = 1.0;
  double host_high_factor = 1.0;
  double prompt_low_factor = 1.0;
  double prompt_high_factor = 1.0;
};

/// The part that calibration fits.
template <class Visitor>
void coefficient_fields(Visitor& v, EngineConfig& c) {
  v.optional("step_overhead", c.step_overhead, "Host time of every step that stays exposed.",
             {.min = 0.0, .max = 10.0});
  v.optional("sequence_overhead", c.sequence_overhead,
             "Host time of every sequence in a step that stays exposed.", {.min = 0.0, .max = 1.0});
  v.optional("prefill_overhead", c.prefill_overhead,
             "Further host time of a step with prompt tokens, which no captured graph replays, for "
             "each layer that is launched.",
             {.min = 0.0, .max = 10.0});
  v.optional("request_overhead", c.request_overhead,
             "From a client's sending to the scheduler: transport, template, tokens.",
             {.min = 0.0, .max = 60.0});
  v.optional("kernel_gap_max", c.kernel_gap_max,
             "Most of a kernel's fixed time that shows inside a captured graph; unset: all of it.",
             {.min = 0.0, .max = 1.0});
  v.optional("elementwise", c.elementwise_fraction,
             "Share of separate element-wise kernels' time that is left after fusion.",
             {.min = 0.01, .max = 1.0});
  v.optional("host_low", c.host_low_factor,
             "Host times of steps and sequences at the fast end of a band, over the fitted ones.",
             {.min = 0.01, .max = 1.0});
  v.optional("host_high", c.host_high_factor, "The same at the slow end.",
             {.min = 1.0, .max = 100.0});
  v.optional(
      "prompt_low", c.prompt_low_factor,
      "Host times of requests and of steps with prompt tokens at the fast end of a band, over "
      "the fitted ones.",
      {.min = 0.01, .max = 1.0});
  v.optional("prompt_high", c.prompt_high_factor, "The same at the slow end.",
             {.min = 1.0, .max = 100.0});
}

template <class Visitor>
void fields(Visitor& v, EngineConfig& c) {
  v.optional("id", c.id, "Name of the preset.");
  v.optional("aliases", c.aliases, "Other names.");
  v.optional("summary", c.summary, "One line.");
  v.optional("version", c.version, "Release the preset describes.");
  v.optional("kernels", c.kernels, "Engine whose measured kernels it calls; unset: any.");
  v.optional("collectives", c.collectives,
             "Library of its collectives: nccl, vllm_custom, sglang_custom, trtllm_allreduce.");
  v.optional("source", c.source, "Where the knobs come from.");
  v.optional("date", c.date, "When.");
  v.optional("confidence", c.confidence, "How far to trust them.");
  v.optional("max_num_seqs", c.max_num_seqs, "Sequences running at once.",
             {.min = 1, .max = kCountMax});
  v.optional("max_num_batched_tokens", c.max_num_batched_tokens, "Token budget of a step.",
             {.min = 1, .max = kCountMax});
  v.optional("chunked_prefill", c.chunked_prefill, "Split prompts over steps.");
  v.optional("mixed_steps", c.mixed_steps,
             "Prefill and decode share a step; otherwise prefill steps come first, alone.");
  v.optional("long_prefill_token_threshold", c.long_prefill_token_threshold,
             "Most prompt tokens of one request in a step; 0: no such limit.",
             {.min = 0, .max = kCountMax});
  v.optional("receive_interval", c.receive_interval_steps,
             "Decode steps from one look at new requests to the next; a step with prompts is "
             "followed by one at once.",
             {.min = 1, .max = kCountMax});
  v.optional("page_tokens", c.page_tokens, "Tokens of a KV page.",
             {.min = 1, .max = kPageTokensMax});
  v.optional("prefix_caching", c.prefix_caching, "Keep and reuse KV of equal prefixes.");
  v.optional("policy", c.policy, "Order of the waiting queue.");
  v.optional("admission", c.admission, "Start when the next chunk fits, or when all output fits.");
  v.optional("watermark", c.watermark_fraction, "Share of pages kept free at admission.",
             {.min = 0.0, .max = 0.5});
  v.optional("memory_utilization", c.memory_utilization_fraction,
             "Share of device memory the engine may take.", {.min = 0.01, .max = 1.0});
  v.optional("reserved_memory", c.reserved_memory,
             "Runtime, CUDA graphs and communication buffers.", {.min = 0.0});
  v.optional("max_model_len", c.max_model_len,
             "Longest prompt plus output; longer requests are rejected. Unset: the model's.",
             {.min = 1, .max = kModelLenMax});
  v.optional("max_waiting", c.max_waiting,
             "Requests waiting on an instance before more are rejected; unset: no limit.",
             {.min = 0, .max = kCountMax});
  coefficient_fields(v, c);
}

/// The engine with its host times at one end of their band.
inline EngineConfig at_band_end(EngineConfig engine, bool high) {
  const double steps = high ? engine.host_high_factor : engine.host_low_factor;
  engine.step_overhead = engine.step_overhead * steps;
  engine.sequence_overhead = engine.sequence_overhead * steps;
  const double prompts = high ? engine.prompt_high_factor : engine.prompt_low_factor;
  engine.prefill_overhead = engine.prefill_overhead * prompts;
  engine.request_overhead = engine.request_overhead * prompts;
  return engine;
}

/// What calibration fits of an engine, from one config to another; knobs stay.
inline void take_coefficients(const EngineConfig& from, EngineConfig& to) {
  to.step_overhead = from.step_overhead;
  to.sequence_overhead = from.sequence_overhead;
  to.prefill_overhead = from.prefill_overhead;
  to.request_overhead = from.request_overhead;
  to.kernel_gap_max = from.kernel_gap_max;
  to.elementwise_fraction = from.elementwise_fraction;
  to.host_low_factor = from.host_low_factor;
  to.host_high_factor = from.host_high_factor;
  to.prompt_low_factor = from.prompt_low_factor;
  to.prompt_high_factor = from.prompt_high_factor;
}

/// Limits a request has to meet to count as good. Unset limits always hold.
struct SloConfig {
  std::optional<Seconds> ttft;
  std::optional<Seconds> tpot;
  std::optional<Seconds> latency;
};

template <class Visitor>
void fields(Visitor& v, SloConfig& c) {
  v.optional("ttft", c.ttft, "Time to first token.", {.min = 0.0});
  v.optional("tpot", c.tpot, "Time per output token after the first.", {.min = 0.0});
  v.optional("latency", c.latency, "Arrival to last token.", {.min = 0.0});
}

/// 5 days: after the last arrival of the longest workload (100 days) still inside the clock's 106.
constexpr Seconds kTimeoutMax{432'000.0};

/// Drafts of coming tokens that decode steps verify beside the next one (multi-token prediction).
struct SpeculationConfig {
  int64_t draft_tokens = 1;
  double acceptance_fraction = 0.0;
};

template <class Visitor>
void fields(Visitor& v, SpeculationConfig& c) {
  v.required("draft_tokens", c.draft_tokens, "Drafts of each sequence in a decode step.",
             {.min = 1, .max = 16});
  v.required("acceptance", c.acceptance_fraction,
             "Chance that a draft stands when all before it do.", {.min = 0.0, .max = 1.0});
}

/// One pool of equal instances behind a router.
struct ServingConfig {
  std::string model;
  std::string accelerator;
  std::string engine = "vllm";
  int64_t replicas = 1;
  int64_t tensor_parallel = 1;
  int64_t pipeline_parallel = 1;
  int64_t attention_data_parallel = 1;
  int64_t expert_parallel = 1;
  compute::ExpertExchange expert_exchange = compute::ExpertExchange::kGather;
  std::string router = "round_robin";
  compute::PrecisionConfig precision;
  std::optional<SpeculationConfig> speculation;
  std::optional<Seconds> request_timeout;
  SloConfig slo;
  std::optional<DollarsPerSecond> accelerator_price;

  [[nodiscard]] compute::ParallelPlan plan() const {
    return {tensor_parallel, pipeline_parallel, attention_data_parallel, expert_parallel,
            expert_exchange};
  }
  /// Tokens of each decoding sequence in a step.
  [[nodiscard]] int64_t decode_queries() const {
    return 1 + (speculation ? speculation->draft_tokens : 0);
  }
  [[nodiscard]] int64_t accelerator_count() const {
    return replicas * tensor_parallel * pipeline_parallel;
  }
};

template <class Visitor>
void fields(Visitor& v, ServingConfig& c) {
  v.required("model", c.model, "Catalog id of a model, or a path to a config.json.");
  v.required("accelerator", c.accelerator, "Catalog id of the accelerator.");
  v.optional("engine", c.engine, "Engine preset the knobs start from.");
  v.optional("replicas", c.replicas, "Instances behind the router.",
             {.min = 1, .max = kReplicasMax});
  v.optional("tensor_parallel", c.tensor_parallel, "Ranks of a stage, which split every layer.",
             {.min = 1, .max = kRanksMax});
  v.optional("pipeline_parallel", c.pipeline_parallel, "Stages that split the layers.",
             {.min = 1, .max = 256});
  v.optional("attention_data_parallel", c.attention_data_parallel,
             "Groups of a stage's ranks that attend to different sequences; a divisor of "
             "tensor_parallel. Limits of the engine count per group.",
             {.min = 1, .max = kRanksMax});
  v.optional("expert_parallel", c.expert_parallel,
             "Groups of a stage's ranks that hold different experts; a divisor of "
             "tensor_parallel, whose remaining factor splits each expert.",
             {.min = 1, .max = kRanksMax});
  v.optional("expert_exchange", c.expert_exchange,
             "How attention groups reach the experts: gather all tokens, or send each to its "
             "experts' ranks.");
  v.optional("router", c.router, "How a request finds its instance.");
  v.optional("precision", c.precision, "Number formats.");
  v.optional("speculation", c.speculation,
             "Drafts that decode steps verify, made by the model's own prediction module; unset: "
             "none.");
  v.optional("request_timeout", c.request_timeout,
             "A request that has not ended by then is dropped; unset: never.",
             {.min = 0.0, .max = kTimeoutMax.value()});
  v.optional("slo", c.slo, "What a good request has to meet.");
  v.optional("accelerator_price", c.accelerator_price,
             "Per accelerator-hour; unset: the catalog's rental price.", {.min = 0.0});
}

}  // namespace penstock::serving

template <>
struct penstock::EnumText<penstock::serving::QueuePolicy> {
  using P = penstock::serving::QueuePolicy;
  static constexpr std::array<std::pair<P, std::string_view>, 2> kNames = {
      {{P::kFcfs, "fcfs"}, {P::kPriority, "priority"}}};
};

template <>
struct penstock::EnumText<penstock::serving::Admission> {
  using A = penstock::serving::Admission;
  static constexpr std::array<std::pair<A, std::string_view>, 2> kNames = {
      {{A::kOptimistic, "optimistic"}, {A::kReserve, "reserve"}}};
};
