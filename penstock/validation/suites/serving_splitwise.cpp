#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "penstock/base/node.h"
#include "penstock/base/parallel.h"
#include "penstock/serving/step_table.h"
#include "penstock/validation/static_plan.h"
#include "penstock/validation/suite.h"

namespace penstock::validation {
namespace {

using measurement::SplitwiseRow;

constexpr std::array<std::string_view, 1> kFiles = {"serving_splitwise.csv"};
// these runs are of late 2023, before CUDA graphs and chunked prefill
constexpr std::string_view kEngine = "vllm_2023";

struct Answer {
  Seconds prefill;
  Seconds decode_step;
  std::optional<Watts> power;
};

/// The steps of one uniform batch under one set of efficiencies.
std::variant<Answer, Unanswered> steps_of(const serving::DeploymentInput& input,
                                          const SplitwiseRow& row) {
  auto made = serving::Deployment::make(input);
  if (std::holds_alternative<Infeasible>(made)) {
    return Unanswered{"the deployment does not fit the memory"};
  }
  serving::StepModel& model = std::get<std::unique_ptr<serving::Deployment>>(made)->step_model();
  serving::StepBatch prompts;
  prompts.chunks.assign(static_cast<size_t>(row.batch_count), {row.prompt_tokens, 0});
  serving::StepBatch decode;
  decode.decode_count = row.batch_count;
  // half of the outputs are there in the middle of the run
  decode.context = row.prompt_tokens + row.output_tokens / 2;
  Answer answer{serving::step_duration(model, prompts), serving::step_duration(model, decode), {}};
  if (!model.roofline().knows_power()) return answer;
  const auto energy_of = [&](const serving::StepBatch& batch) {
    Joules energy;
    for (const serving::PricedOperator& p : serving::priced_operators(model, batch)) {
      energy += p.cost.energy * static_cast<double>(p.op.count);
    }
    return energy;
  };
  const auto steps = static_cast<double>(row.output_tokens - 1);
  const Seconds whole = answer.prefill + answer.decode_step * steps;
  const Joules above_idle = energy_of(prompts) + energy_of(decode) * steps;
  answer.power = model.roofline().idle_power() + above_idle / whole;
  return answer;
}

class ServingSplitwise final : public Suite {
 public:
  [[nodiscard]] std::span<const std::string_view> files() const override { return kFiles; }
  [[nodiscard]] std::vector<std::string> keys() const override {
    return {"accelerator", "model", "tensor", "capped", "input", "batch"};
  }
  [[nodiscard]] std::vector<std::string> groups() const override { return {"accelerator"}; }

  void read(const SuiteInput& input, Findings& findings) override {
    const auto path = std::filesystem::path(input.directory) / kFiles[0];
    const size_t before = findings.size();
    const auto source = read_source(path.string(), findings);
    if (findings.size() == before) {
      rows_ = measurement::read_splitwise(source, *input.catalog, findings);
    }
  }

  [[nodiscard]] std::vector<Observation> predict(const SuiteInput& input) const override {
    StaticPlanner planner(*input.catalog);
    std::vector<std::variant<serving::DeploymentInput, Unanswered>> plans;
    for (const SplitwiseRow& row : rows_) plans.push_back(plan(row, planner));
    std::vector<std::vector<Observation>> parts(rows_.size());
    parallel_for(rows_.size(), input.thread_count,
                 [&](size_t i) { observe(rows_[i], plans[i], parts[i]); });
    std::vector<Observation> observations;
    for (std::vector<Observation>& part : parts) {
      std::move(part.begin(), part.end(), std::back_inserter(observations));
    }
    if (input.progress) input.progress(1.0);
    return observations;
  }

  [[nodiscard]] std::vector<std::string> notes() const override {
    return {
        "TTFT is one prefill of the whole batch, TPOT one decode step at the context of the "
        "middle of the run, each with the engine's overhead; bf16 everywhere.",
        "Power is the mean over the run of one accelerator (A100 alone was measured). Rows with a "
        "power cap have no answer: its watts are not given."};
  }

 private:
  static std::variant<serving::DeploymentInput, Unanswered> plan(const SplitwiseRow& row,
                                                                 StaticPlanner& planner) {
    if (row.power_capped) return Unanswered{"the power cap is not given"};
    const catalog::Model* model = planner.model(row.model);
    if (model == nullptr) return Unanswered{fmt::format("no model {} in the catalog", row.model)};
    const StaticPlanner::Machine* machine = planner.machine(row.accelerator);
    if (machine == nullptr) return Unanswered{"the accelerator has no published matrix peak"};
    const serving::EngineConfig* engine =
        planner.engine(std::string(kEngine), machine->accelerator);
    if (engine == nullptr) return Unanswered{fmt::format("no preset of engine {}", kEngine)};
    serving::DeploymentInput input;
    input.model = *model;
    input.accelerator = machine->accelerator;
    input.efficiency = machine->efficiency;
    input.engine = *engine;
    input.library = planner.library(engine->collectives, machine->accelerator);
    // one step takes the batch whole, whatever the preset's limits
    input.engine.max_num_seqs = std::max(engine->max_num_seqs, row.batch_count);
    input.engine.max_num_batched_tokens =
        std::max(engine->max_num_batched_tokens, row.batch_count * row.prompt_tokens);
    input.serving.tensor_parallel = row.tensor;
    if (!compute::Forward::plan_mistakes(*model, input.serving.plan()).empty()) {
      return Unanswered{"the plan does not divide the model"};
    }
    return input;
  }

  static void observe(const SplitwiseRow& row,
                      const std::variant<serving::DeploymentInput, Unanswered>& plan,
                      std::vector<Observation>& out) {
    Observation ttft;
    ttft.metric = "ttft";
    ttft.keys = {row.accelerator,
                 row.model,
                 fmt::format("{}", row.tensor),
                 row.power_capped ? "capped" : "uncapped",
                 fmt::format("{}", row.prompt_tokens),
                 fmt::format("{}", row.batch_count)};
    ttft.place = fmt::format("{}:{}", kFiles[0], row.line);
    ttft.what = fmt::format("{} {} tp {} {} x {}+{}", row.accelerator, row.model, row.tensor,
                            row.batch_count, row.prompt_tokens, row.output_tokens);
    ttft.measured_factor = row.prefill.value();
    Observation tpot = ttft;
    tpot.metric = "tpot";
    tpot.measured_factor = row.decode_step.value();
    Observation power = ttft;
    power.metric = "power";
    power.measured_factor = row.power_fraction.value_or(0.0);
    predict_row(row, plan, ttft, tpot, power);
    out.push_back(std::move(ttft));
    out.push_back(std::move(tpot));
    if (row.power_fraction) out.push_back(std::move(power));
  }

  static void predict_row(const SplitwiseRow& row,
                          const std::variant<serving::DeploymentInput, Unanswered>& plan,
                          Observation& ttft, Observation& tpot, Observation& power) {
    const auto stop = [&](const std::string& reason) {
      for (Observation* o : {&ttft, &tpot, &power}) o->unanswered = reason;
    };
    if (const auto* reason = std::get_if<Unanswered>(&plan)) return stop(reason->reason);
    const auto& input = std::get<serving::DeploymentInput>(plan);
    const auto typical = steps_of(input, row);
    if (const auto* reason = std::get_if<Unanswered>(&typical)) return stop(reason->reason);
    const Answer low = std::get<Answer>(steps_of(serving::at_band_end(input, false), row));
    const Answer high = std::get<Answer>(steps_of(serving::at_band_end(input, true), row));
    const auto& answer = std::get<Answer>(typical);
    if (row.prefill * 2.0 < answer.prefill) {
      ttft.hint = "quicker than the matrix peak allows: not the whole batch was prefilled at once";
    }
    ttft.predicted_factor = answer.prefill.value();
    ttft.low = low.prefill.value();
    ttft.high = high.prefill.value();
    tpot.predicted_factor = answer.decode_step.value();
    tpot.low = low.decode_step.value();
    tpot.high = high.decode_step.value();
    if (answer.power) {
      // measured as a share of the thermal design power
      power.measured_factor *= input.accelerator.power_limit->value.value();
      power.predicted_factor = answer.power->value();
    } else {
      power.unanswered = "the accelerator has no published power limit";
    }
  }

  std::vector<SplitwiseRow> rows_;
};

PENSTOCK_REGISTER(Suite, ServingSplitwise,
                  "Prefill and decode steps of uniform batches on A100 and H100 servers.");

}  // namespace
}  // namespace penstock::validation
