#include <fmt/format.h>

#include <array>
#include <charconv>
#include <filesystem>

#include "penstock/base/node.h"
#include "penstock/serving/step_table.h"
#include "penstock/validation/static_plan.h"
#include "penstock/validation/suite.h"

namespace penstock::validation {
namespace {

using measurement::InfersimRow;
using measurement::Phase;

constexpr std::array<std::string_view, 1> kFiles = {"serving_infersim.csv"};
// prompts of all its measurements. Source: README of alibaba/InferSim, --target-isl
constexpr int64_t kPromptTokens = 4096;

/// The whole number before a phrase of a setup ("16384" of "16384 max prefill tokens").
std::optional<int64_t> number_before(std::string_view setup, std::string_view phrase) {
  const size_t end = setup.find(phrase);
  if (end == std::string_view::npos) return std::nullopt;
  size_t begin = end;
  while (begin > 0 && setup[begin - 1] >= '0' && setup[begin - 1] <= '9') --begin;
  int64_t number = 0;
  const auto parsed = std::from_chars(setup.data() + begin, setup.data() + end, number);
  if (parsed.ec != std::errc{} || number <= 0) return std::nullopt;
  return number;
}

/// The whole number after a phrase of a setup ("4096" of "ISL 4096").
std::optional<int64_t> number_after(std::string_view setup, std::string_view phrase) {
  const size_t at = setup.find(phrase);
  if (at == std::string_view::npos) return std::nullopt;
  int64_t number = 0;
  const auto parsed =
      std::from_chars(setup.data() + at + phrase.size(), setup.data() + setup.size(), number);
  if (parsed.ec != std::errc{} || number <= 0) return std::nullopt;
  return number;
}

/// What a setup in words comes to.
struct Setup {
  int64_t accelerators = 1;
  std::optional<int64_t> prefill_tokens;  ///< of a step, over all accelerators
  int64_t decode_count = 0;               ///< sequences on each accelerator
  int64_t context = 0;                    ///< of each, in the middle of its output
};

/// nullopt for what one scale-up domain does not hold or the words do not tell.
std::optional<Setup> setup_of(const InfersimRow& row) {
  Setup setup;
  const auto accelerators = number_before(row.setup, " GPU");
  if (!accelerators) return std::nullopt;
  setup.accelerators = *accelerators;
  if (row.phase == Phase::kPrefill) {
    setup.prefill_tokens = number_before(row.setup, " max prefill tokens");
    return setup.prefill_tokens ? std::optional(setup) : std::nullopt;
  }
  const auto batch = number_before(row.setup, "/GPU");
  const auto input = number_after(row.setup, "ISL ");
  const auto output = number_after(row.setup, "OSL ");
  if (!batch || !input || !output) return std::nullopt;
  setup.decode_count = *batch;
  setup.context = *input + *output / 2;
  return setup;
}

using Rate = std::variant<TokensPerSecond, Unanswered>;

/// Tokens a second and accelerator of back-to-back steps: full of whole prompts, or of sequences in
/// the middle of their outputs.
Rate rate_of(const serving::DeploymentInput& input, const Setup& setup) {
  auto made = serving::Deployment::make(input);
  if (std::holds_alternative<Infeasible>(made)) {
    return Unanswered{"the deployment does not fit the memory"};
  }
  serving::StepModel& model = std::get<std::unique_ptr<serving::Deployment>>(made)->step_model();
  serving::StepBatch batch;
  int64_t tokens = setup.decode_count * setup.accelerators;
  if (setup.prefill_tokens) {
    const int64_t count = std::max<int64_t>(1, *setup.prefill_tokens / kPromptTokens);
    batch.chunks.assign(static_cast<size_t>(count), {kPromptTokens, 0});
    tokens = count * kPromptTokens;
  } else {
    batch.decode_count = tokens;
    batch.context = setup.context;
  }
  return Tokens(static_cast<double>(tokens)) / serving::step_duration(model, batch) /
         static_cast<double>(setup.accelerators);
}

class ServingInfersim final : public Suite {
 public:
  [[nodiscard]] std::span<const std::string_view> files() const override { return kFiles; }
  [[nodiscard]] std::vector<std::string> keys() const override {
    return {"accelerator", "model", "phase", "dtype"};
  }
  [[nodiscard]] std::vector<std::string> groups() const override { return {"phase"}; }

  void read(const SuiteInput& input, Findings& findings) override {
    const auto path = std::filesystem::path(input.directory) / kFiles[0];
    const size_t before = findings.size();
    const auto source = read_source(path.string(), findings);
    if (findings.size() == before) {
      rows_ = measurement::read_infersim(source, *input.catalog, findings);
    }
  }

  [[nodiscard]] std::vector<Observation> predict(const SuiteInput& input) const override {
    StaticPlanner planner(*input.catalog);
    std::vector<Observation> observations;
    for (const InfersimRow& row : rows_) {
      Observation o;
      o.metric = "tokens_per_second";
      o.keys = {row.accelerator, row.model, std::string(enum_name(row.phase)),
                std::string(row.format.name)};
      o.place = fmt::format("{}:{}", kFiles[0], row.line);
      o.what = fmt::format("{} {} {} {}", row.model, row.accelerator, row.format.name, row.setup);
      o.measured_factor = row.rate.value();
      predict_row(row, planner, o);
      observations.push_back(std::move(o));
    }
    if (input.progress) input.progress(1.0);
    return observations;
  }

  [[nodiscard]] std::vector<std::string> notes() const override {
    return {
        "Prefill on one accelerator: back-to-back steps full of prompts of 4,096 tokens. Rows "
        "with expert parallel over many accelerators have no answer."};
  }

 private:
  static void predict_row(const InfersimRow& row, StaticPlanner& planner, Observation& o) {
    const std::optional<Setup> setup = setup_of(row);
    if (!setup) {
      o.unanswered = "more ranks than one scale-up domain holds, or a setup not told in full";
      return;
    }
    const catalog::Model* model = planner.model(row.model);
    const StaticPlanner::Machine* machine = planner.machine(row.accelerator);
    const serving::EngineConfig* engine =
        machine == nullptr ? nullptr : planner.engine("sglang", machine->accelerator);
    if (model == nullptr || engine == nullptr) {
      o.unanswered = "the model, the accelerator's peak or the engine is not in the catalog";
      return;
    }
    serving::DeploymentInput input;
    input.model = *model;
    input.accelerator = machine->accelerator;
    input.efficiency = machine->efficiency;
    input.engine = *engine;
    input.library = planner.library(engine->collectives, machine->accelerator);
    input.engine.max_num_batched_tokens =
        std::max(setup->prefill_tokens.value_or(0), engine->max_num_batched_tokens);
    input.engine.max_num_seqs = std::max(engine->max_num_seqs, setup->decode_count);
    input.serving.tensor_parallel = setup->accelerators;
    if (setup->accelerators > 1) {
      // every rank attends to its own sequences and holds experts of its own
      input.serving.attention_data_parallel = setup->accelerators;
      input.serving.expert_parallel = setup->accelerators;
      input.serving.expert_exchange = compute::ExpertExchange::kAllToAll;
    }
    if (model->weights.feed_forward != row.format.weight) {
      input.serving.precision.weights = row.format.weight;
    }
    const Rate typical = rate_of(input, *setup);
    if (const auto* stop = std::get_if<Unanswered>(&typical)) {
      o.unanswered = stop->reason;
      return;
    }
    o.predicted_factor = std::get<TokensPerSecond>(typical).value();
    // slow kernels make the low end of a rate
    const Rate slow = rate_of(serving::at_band_end(input, true), *setup);
    const Rate fast = rate_of(serving::at_band_end(input, false), *setup);
    o.low = std::get<TokensPerSecond>(slow).value();
    o.high = std::get<TokensPerSecond>(fast).value();
  }

  std::vector<InfersimRow> rows_;
};

PENSTOCK_REGISTER(Suite, ServingInfersim,
                  "Tokens a second of prefill and decode on H800 and H20, from their reports.");

}  // namespace
}  // namespace penstock::validation
