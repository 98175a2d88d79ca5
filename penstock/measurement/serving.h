/// Measured serving runs: serving_static.csv, serving_requests.csv with its summary and timeseries,
/// serving_splitwise.csv and serving_infersim.csv as typed rows.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/fields.h"
#include "penstock/base/units.h"
#include "penstock/catalog/catalog.h"
#include "penstock/measurement/kernels.h"
#include "penstock/measurement/number_format.h"

namespace penstock::measurement {

enum class ServingMode : uint8_t { kAggregated, kDisaggregated };

/// How far a row's configuration can be believed; see the data's own notes.
enum class ConfigQuality : uint8_t { kOk, kCorrected, kIncomplete, kSuspect };

/// Formats as InferenceX names them; empty means bfloat16.
enum class Precision : uint8_t { kBf16, kFp8, kFp4, kInt4 };

/// One engine, or the workers of one role. What the origin did not record is unset; it wrote 0 for
/// some of that, which is unset here too.
struct WorkerShape {
  std::optional<int64_t> worker_count;
  std::optional<int64_t> batch_count;
  std::optional<int64_t> tensor;
  std::optional<int64_t> pipeline;
  std::optional<int64_t> attention_data;
  std::optional<int64_t> expert_tensor;
  std::optional<int64_t> expert_groups;
};

/// A steady closed-loop run of a whole deployment.
struct StaticRow {
  int line = 0;
  std::string id;
  std::string model;        ///< as the origin names it: "deepseek-ai/DeepSeek-R1"
  std::string accelerator;  ///< id in the catalog
  std::optional<int64_t> accelerator_count;
  std::string engine;  ///< trtllm, sglang, vllm
  std::string engine_version;
  Precision precision = Precision::kBf16;
  std::optional<NumberFormat> products;  ///< of dense layers
  std::optional<NumberFormat> experts;
  ServingMode mode = ServingMode::kAggregated;
  int64_t input_tokens = 0;  ///< nominal
  int64_t output_tokens = 0;
  std::optional<int64_t> concurrency;
  std::optional<int64_t> batch_count;
  WorkerShape engine_shape;  ///< of an aggregated run
  WorkerShape prefill;
  WorkerShape decode;
  Seconds ttft;
  Seconds tpot;
  std::string measured_at;
  ConfigQuality quality = ConfigQuality::kOk;
  int64_t copy_count = 1;  ///< ids under which the origin has the same run
  bool gap_run = false;    ///< protocol unknown; otherwise InferenceX's
};

/// One request of a recorded run. Times count from the run's first arrival.
struct RequestRow {
  int line = 0;
  std::string run;
  std::string accelerator;
  int64_t accelerator_count = 1;
  std::string model;
  std::string engine;
  std::string engine_version;
  int64_t tensor = 1;
  int64_t data = 1;
  bool expert_parallel = false;
  int64_t max_num_seqs = 0;
  int64_t max_num_batched_tokens = 0;
  std::string request;
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
  Seconds arrival;
  Seconds queued;
  Seconds scheduled;
  Seconds first_token;
  Seconds last_token;
};

/// What a recorded run came to.
struct RequestSummaryRow {
  int line = 0;
  std::string run;
  std::string accelerator;
  NumberFormat format;
  std::optional<int64_t> kv_cache_tokens;
  int64_t request_count = 0;
  Seconds duration;
  TokensPerSecond output_throughput;
  Seconds ttft_mean;
  Seconds tpot_mean;
  Seconds latency_mean;
};

/// The engine of a recorded run at one second.
struct RequestSampleRow {
  int line = 0;
  std::string run;
  Seconds time;
  int64_t running_count = 0;
  int64_t waiting_count = 0;
  double kv_cache_fraction = 0.0;
};

/// A uniform batch: its prefill, and one decode step.
struct SplitwiseRow {
  int line = 0;
  std::string model;
  std::string accelerator;
  bool power_capped = false;
  int64_t tensor = 1;
  int64_t prompt_tokens = 0;
  int64_t batch_count = 0;
  int64_t output_tokens = 0;
  Seconds prefill;
  Seconds decode_step;
  Seconds latency;
  std::optional<double> power_fraction;  ///< mean over the run, of the thermal design power
};

/// Tokens a second and accelerator of one role of a deployment described in words.
struct InfersimRow {
  int line = 0;
  std::string model;
  std::string accelerator;
  NumberFormat format;
  std::string setup;
  Phase phase = Phase::kPrefill;
  TokensPerSecond rate;
};

std::vector<StaticRow> read_static(const std::shared_ptr<const Source>& source,
                                   const catalog::Catalog& catalog, Findings& findings);
std::vector<RequestRow> read_requests(const std::shared_ptr<const Source>& source,
                                      const catalog::Catalog& catalog, Findings& findings);
std::vector<RequestSummaryRow> read_request_summary(const std::shared_ptr<const Source>& source,
                                                    const catalog::Catalog& catalog,
                                                    Findings& findings);
std::vector<RequestSampleRow> read_request_samples(const std::shared_ptr<const Source>& source,
                                                   const catalog::Catalog& catalog,
                                                   Findings& findings);
std::vector<SplitwiseRow> read_splitwise(const std::shared_ptr<const Source>& source,
                                         const catalog::Catalog& catalog, Findings& findings);
std::vector<InfersimRow> read_infersim(const std::shared_ptr<const Source>& source,
                                       const catalog::Catalog& catalog, Findings& findings);

}  // namespace penstock::measurement

template <>
struct penstock::EnumText<penstock::measurement::ServingMode> {
  using M = penstock::measurement::ServingMode;
  static constexpr std::array<std::pair<M, std::string_view>, 2> kNames = {
      {{M::kAggregated, "aggregated"}, {M::kDisaggregated, "disaggregated"}}};
};

template <>
struct penstock::EnumText<penstock::measurement::ConfigQuality> {
  using Q = penstock::measurement::ConfigQuality;
  static constexpr std::array<std::pair<Q, std::string_view>, 4> kNames = {
      {{Q::kOk, "ok"},
       {Q::kCorrected, "corrected"},
       {Q::kIncomplete, "incomplete"},
       {Q::kSuspect, "suspect"}}};
};

template <>
struct penstock::EnumText<penstock::measurement::Precision> {
  using P = penstock::measurement::Precision;
  static constexpr std::array<std::pair<P, std::string_view>, 5> kNames = {
      {{P::kBf16, "bf16"}, {P::kBf16, ""}, {P::kFp8, "fp8"}, {P::kFp4, "fp4"}, {P::kInt4, "int4"}}};
};
