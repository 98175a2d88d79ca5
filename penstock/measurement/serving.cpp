#include "penstock/measurement/serving.h"

#include "penstock/base/text.h"
#include "penstock/measurement/row_reader.h"

namespace penstock::measurement {
namespace {

/// A count where 0 or nothing means that it was not recorded.
std::optional<int64_t> recorded(RowReader& row, size_t column) {
  const auto count = row.maybe_count(column, 0);
  return count && *count > 0 ? count : std::nullopt;
}

enum StaticColumn : uint8_t {
  kId,
  kModel,
  kSystem,
  kCount,
  kEngine,
  kVersion,
  kPrecision,
  kProducts,
  kExperts,
  kMode,
  kInput,
  kOutput,
  kConcurrency,
  kBatch,
  kShape,
  kPrefill = kShape + 5,
  kDecode = kPrefill + 7,
  kTtft = kDecode + 7,
  kTpot,
  kMeasuredAt,
  kQuality,
  kCopies,
  kSource
};
constexpr CsvColumn kStaticColumns[] = {
    {"id"},
    {"model"},
    {"system"},
    {"accelerator_count"},
    {"engine"},
    {"engine_version", false},
    {"precision"},
    {"gemm_dtype"},
    {"moe_dtype"},
    {"mode"},
    {"input_tokens"},
    {"output_tokens"},
    {"concurrency"},
    {"batch_size"},
    {"tp"},
    {"pp"},
    {"attention_dp"},
    {"moe_tp"},
    {"moe_ep"},
    {"prefill_workers"},
    {"prefill_batch"},
    {"prefill_tp"},
    {"prefill_pp"},
    {"prefill_attention_dp"},
    {"prefill_moe_tp"},
    {"prefill_moe_ep"},
    {"decode_workers"},
    {"decode_batch"},
    {"decode_tp"},
    {"decode_pp"},
    {"decode_attention_dp"},
    {"decode_moe_tp"},
    {"decode_moe_ep"},
    {"ttft_ms"},
    {"tpot_ms"},
    {"measured_at", false},
    {"config_quality"},
    {"copies", false},
    {"source", false},
};
static_assert(std::size(kStaticColumns) == kSource + 1);

/// The five columns of an engine's split from `first` on.
void read_split(RowReader& row, size_t first, WorkerShape& shape) {
  shape.tensor = recorded(row, first);
  shape.pipeline = recorded(row, first + 1);
  shape.attention_data = recorded(row, first + 2);
  shape.expert_tensor = recorded(row, first + 3);
  shape.expert_groups = recorded(row, first + 4);
}

WorkerShape read_role(RowReader& row, size_t first) {
  WorkerShape shape;
  shape.worker_count = recorded(row, first);
  shape.batch_count = recorded(row, first + 1);
  read_split(row, first + 2, shape);
  return shape;
}

namespace request_columns {
enum Column : uint8_t {
  kRun,
  kAccelerator,
  kAccelerators,
  kRequestModel,
  kRequestEngine,
  kEngineVersion,
  kTensor,
  kData,
  kExpert,
  kSeqs,
  kStepTokens,
  kRequest,
  kInputTokens,
  kOutputTokens,
  kArrival,
  kQueued,
  kScheduled,
  kFirst,
  kLast
};
constexpr CsvColumn kColumns[] = {{"run"},
                                  {"accelerator"},
                                  {"accelerator_count"},
                                  {"model"},
                                  {"engine"},
                                  {"engine_version", false},
                                  {"tp"},
                                  {"dp"},
                                  {"ep"},
                                  {"max_num_seqs"},
                                  {"max_num_batched_tokens"},
                                  {"request_id"},
                                  {"input_tokens"},
                                  {"output_tokens"},
                                  {"arrival_s"},
                                  {"queued_s"},
                                  {"scheduled_s"},
                                  {"first_token_s"},
                                  {"last_token_s"},
                                  {"source", false}};
}  // namespace request_columns

namespace summary_columns {
enum Column : uint8_t {
  kRun,
  kAccelerator,
  kDtype,
  kKvTokens,
  kRequests,
  kDuration,
  kRate,
  kTtftMean,
  kTpotMean,
  kLatencyMean
};
constexpr CsvColumn kColumns[] = {{"run"},
                                  {"accelerator"},
                                  {"dtype"},
                                  {"kv_cache_tokens"},
                                  {"requests"},
                                  {"duration_s"},
                                  {"output_tokens_per_s"},
                                  {"ttft_ms_mean"},
                                  {"tpot_ms_mean"},
                                  {"latency_ms_mean"},
                                  // told by the requests themselves
                                  {"accelerator_count", false},
                                  {"model", false},
                                  {"engine", false},
                                  {"engine_version", false},
                                  {"tp", false},
                                  {"dp", false},
                                  {"ep", false},
                                  {"max_num_seqs", false},
                                  {"max_num_batched_tokens", false},
                                  {"input_tokens", false},
                                  {"output_tokens", false},
                                  {"arrival_span_s", false},
                                  {"ttft_ms_p50", false},
                                  {"ttft_ms_p90", false},
                                  {"ttft_ms_p99", false},
                                  {"tpot_ms_p50", false},
                                  {"tpot_ms_p90", false},
                                  {"tpot_ms_p99", false},
                                  {"latency_ms_p50", false},
                                  {"latency_ms_p90", false},
                                  {"latency_ms_p99", false},
                                  {"source", false}};
}  // namespace summary_columns

/// What the origin's note on a row says of its protocol.
bool is_gap_run(std::string_view source) { return source.find("gap run") != source.npos; }

}  // namespace

std::vector<StaticRow> read_static(const std::shared_ptr<const Source>& source,
                                   const catalog::Catalog& catalog, Findings& findings) {
  return rows_of<StaticRow>(source, kStaticColumns, catalog, findings, [](RowReader& row) {
    StaticRow run;
    run.line = row.line();
    run.id = row.text(kId);
    run.model = row.text(kModel);
    run.accelerator = row.accelerator(kSystem);
    run.accelerator_count = recorded(row, kCount);
    run.engine = row.text(kEngine);
    run.engine_version = row.text(kVersion);
    run.precision = row.word<Precision>(kPrecision);
    run.products = row.maybe_format(kProducts);
    run.experts = row.maybe_format(kExperts);
    run.mode = row.word<ServingMode>(kMode);
    run.input_tokens = row.count(kInput);
    run.output_tokens = row.count(kOutput);
    run.concurrency = recorded(row, kConcurrency);
    run.batch_count = recorded(row, kBatch);
    read_split(row, kShape, run.engine_shape);
    run.prefill = read_role(row, kPrefill);
    run.decode = read_role(row, kDecode);
    run.ttft = row.duration(kTtft, 1_ms);
    run.tpot = row.duration(kTpot, 1_ms);
    run.measured_at = row.text(kMeasuredAt);
    run.quality = row.word<ConfigQuality>(kQuality);
    run.copy_count = row.maybe_count(kCopies).value_or(1);
    run.gap_run = is_gap_run(row.field(kSource));
    return run;
  });
}

std::vector<RequestRow> read_requests(const std::shared_ptr<const Source>& source,
                                      const catalog::Catalog& catalog, Findings& findings) {
  using namespace request_columns;
  return rows_of<RequestRow>(source, kColumns, catalog, findings, [](RowReader& row) {
    RequestRow request;
    request.line = row.line();
    request.run = row.text(kRun);
    request.accelerator = row.accelerator(kAccelerator);
    request.accelerator_count = row.count(kAccelerators);
    request.model = row.text(kRequestModel);
    request.engine = row.text(kRequestEngine);
    request.engine_version = row.text(kEngineVersion);
    request.tensor = row.count(kTensor);
    request.data = row.count(kData);
    request.expert_parallel = row.truth(kExpert);
    request.max_num_seqs = row.count(kSeqs);
    request.max_num_batched_tokens = row.count(kStepTokens);
    request.request = row.text(kRequest);
    request.input_tokens = row.count(kInputTokens);
    request.output_tokens = row.count(kOutputTokens);
    request.arrival = row.instant(kArrival, 1_s);
    request.queued = row.instant(kQueued, 1_s);
    request.scheduled = row.instant(kScheduled, 1_s);
    request.first_token = row.instant(kFirst, 1_s);
    request.last_token = row.instant(kLast, 1_s);
    // the stamps of arrival and of the engine come from two clocks that differ by microseconds
    if (request.first_token <= request.arrival || request.first_token < request.scheduled) {
      row.mistake(kFirst, "must come after the arrival and the scheduling");
    }
    if (request.last_token < request.first_token) {
      row.mistake(kLast, "must not come before the first token");
    }
    return request;
  });
}

std::vector<RequestSummaryRow> read_request_summary(const std::shared_ptr<const Source>& source,
                                                    const catalog::Catalog& catalog,
                                                    Findings& findings) {
  using namespace summary_columns;
  return rows_of<RequestSummaryRow>(source, kColumns, catalog, findings, [](RowReader& row) {
    RequestSummaryRow summary;
    summary.line = row.line();
    summary.run = row.text(kRun);
    summary.accelerator = row.accelerator(kAccelerator);
    summary.format = row.format(kDtype);
    summary.kv_cache_tokens = row.maybe_count(kKvTokens);
    summary.request_count = row.count(kRequests);
    summary.duration = row.duration(kDuration, 1_s);
    summary.output_throughput = row.token_rate(kRate);
    summary.ttft_mean = row.duration(kTtftMean, 1_ms);
    summary.tpot_mean = row.duration(kTpotMean, 1_ms);
    summary.latency_mean = row.duration(kLatencyMean, 1_ms);
    return summary;
  });
}

std::vector<RequestSampleRow> read_request_samples(const std::shared_ptr<const Source>& source,
                                                   const catalog::Catalog& catalog,
                                                   Findings& findings) {
  enum Column : uint8_t { kRun, kTime, kRunning, kWaiting, kKv };
  static constexpr CsvColumn kColumns[] = {{"run"},
                                           {"t_s"},
                                           {"running"},
                                           {"waiting"},
                                           {"kv_cache_pct"},
                                           {"accelerator", false},
                                           {"model", false},
                                           {"prompt_tokens_per_s", false},
                                           {"output_tokens_per_s", false},
                                           {"source", false}};
  constexpr double kPercent = 100.0;
  return rows_of<RequestSampleRow>(source, kColumns, catalog, findings, [](RowReader& row) {
    RequestSampleRow sample;
    sample.line = row.line();
    sample.run = row.text(kRun);
    sample.time = row.instant(kTime, 1_s);
    sample.running_count = row.count(kRunning, 0);
    sample.waiting_count = row.count(kWaiting, 0);
    sample.kv_cache_fraction = row.ratio(kKv) / kPercent;
    if (sample.kv_cache_fraction > 1.0) row.mistake(kKv, "must be at most 100");
    return sample;
  });
}

std::vector<SplitwiseRow> read_splitwise(const std::shared_ptr<const Source>& source,
                                         const catalog::Catalog& catalog, Findings& findings) {
  enum Column : uint8_t {
    kBatchModel,
    kHardware,
    kTensor,
    kPrompt,
    kBatchSize,
    kOutputTokens,
    kPromptTime,
    kTokenTime,
    kLatency,
    kPower
  };
  static constexpr CsvColumn kColumns[] = {{"model"},
                                           {"hardware"},
                                           {"tp"},
                                           {"prompt_tokens"},
                                           {"batch"},
                                           {"output_tokens"},
                                           {"prompt_ms"},
                                           {"token_ms"},
                                           {"e2e_ms"},
                                           {"average_power_fraction_of_tdp", false},
                                           {"peak_power_fraction_of_tdp", false},
                                           {"source", false}};
  return rows_of<SplitwiseRow>(source, kColumns, catalog, findings, [](RowReader& row) {
    constexpr std::string_view kCapped = "-pcap";
    SplitwiseRow batch;
    batch.line = row.line();
    batch.model = row.text(kBatchModel);
    std::string_view hardware = row.field(kHardware);
    batch.power_capped = hardware.ends_with(kCapped);
    if (batch.power_capped) hardware.remove_suffix(kCapped.size());
    batch.accelerator = row.accelerator_named(hardware, kHardware);
    batch.tensor = row.count(kTensor);
    batch.prompt_tokens = row.count(kPrompt);
    batch.batch_count = row.count(kBatchSize);
    batch.output_tokens = row.count(kOutputTokens);
    batch.prefill = row.duration(kPromptTime, 1_ms);
    batch.decode_step = row.duration(kTokenTime, 1_ms);
    batch.latency = row.duration(kLatency, 1_ms);
    if (row.has(kPower)) batch.power_fraction = row.ratio(kPower);
    return batch;
  });
}

std::vector<InfersimRow> read_infersim(const std::shared_ptr<const Source>& source,
                                       const catalog::Catalog& catalog, Findings& findings) {
  enum Column : uint8_t { kRateModel, kAccelerator, kDtype, kSetup, kPhase, kRate };
  static constexpr CsvColumn kColumns[] = {{"model"},        {"accelerator"},
                                           {"dtype"},        {"setup"},
                                           {"phase"},        {"tokens_per_s_per_accelerator"},
                                           {"source", false}};
  return rows_of<InfersimRow>(source, kColumns, catalog, findings, [](RowReader& row) {
    InfersimRow rate;
    rate.line = row.line();
    rate.model = row.text(kRateModel);
    rate.accelerator = row.accelerator(kAccelerator);
    rate.format = row.format(kDtype);
    rate.setup = row.text(kSetup);
    rate.phase = row.word<Phase>(kPhase);
    rate.rate = row.token_rate(kRate);
    return rate;
  });
}

}  // namespace penstock::measurement
