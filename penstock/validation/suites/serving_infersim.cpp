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

using Rate = std::variant<TokensPerSecond, Unanswered>;

/// Tokens a second of back-to-back prefill steps, each full of whole prompts.
Rate prefill_rate(const serving::DeploymentInput& input, int64_t step_tokens) {
  auto made = serving::Deployment::make(input);
  if (std::holds_alternative<Infeasible>(made)) {
    return Unanswered{"the deployment does not fit the memory"};
  }
  serving::StepModel& model = std::get<std::unique_ptr<serving::Deployment>>(made)->step_model();
  serving::StepBatch prompts;
  const int64_t count = std::max<int64_t>(1, step_tokens / kPromptTokens);
  prompts.chunks.assign(static_cast<size_t>(count), {kPromptTokens, 0});
  const Tokens tokens(static_cast<double>(count * kPromptTokens));
  return tokens / serving::step_duration(model, prompts);
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
    const auto accelerators = number_before(row.setup, " GPU");
    const auto step_tokens = number_before(row.setup, " max prefill tokens");
    if (row.phase != Phase::kPrefill || accelerators != 1 || !step_tokens) {
      o.unanswered = "expert parallel is not in the plan";
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
    input.engine = *engine;
    input.engine.max_num_batched_tokens = *step_tokens;
    if (model->weights.feed_forward != row.format.weight) {
      input.serving.precision.weights = row.format.weight;
    }
    const auto rate = [&](const compute::Efficiency& efficiency) {
      input.efficiency = efficiency;
      return prefill_rate(input, *step_tokens);
    };
    const Rate typical = rate(machine->efficiency);
    if (const auto* stop = std::get_if<Unanswered>(&typical)) {
      o.unanswered = stop->reason;
      return;
    }
    o.predicted_factor = std::get<TokensPerSecond>(typical).value();
    // slow kernels make the low end of a rate
    const Rate slow = rate(compute::at_band_end(machine->efficiency, true));
    const Rate fast = rate(compute::at_band_end(machine->efficiency, false));
    o.low = std::get<TokensPerSecond>(slow).value();
    o.high = std::get<TokensPerSecond>(fast).value();
  }

  std::vector<InfersimRow> rows_;
};

PENSTOCK_REGISTER(Suite, ServingInfersim,
                  "Tokens a second of prefill and decode on H800 and H20, from their reports.");

}  // namespace
}  // namespace penstock::validation
