#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <mutex>

#include "penstock/base/node.h"
#include "penstock/base/parallel.h"
#include "penstock/validation/speculation.h"
#include "penstock/validation/static_plan.h"
#include "penstock/validation/suite.h"

namespace penstock::validation {
namespace {

using measurement::StaticRow;

constexpr std::array<std::string_view, 1> kFiles = {"serving_static.csv"};

/// Rows of equal configuration are one run to simulate.
std::string key_of(const StaticRow& row) {
  const auto name = [](const std::optional<measurement::NumberFormat>& format) {
    return format ? format->name : std::string_view();
  };
  const measurement::WorkerShape& shape = row.engine_shape;
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", row.model,
                     row.accelerator, row.accelerator_count.value_or(0), row.engine,
                     row.engine_version, enum_name(row.precision), name(row.products),
                     name(row.experts), shape.tensor.value_or(0), shape.pipeline.value_or(0),
                     shape.attention_data.value_or(0), shape.expert_groups.value_or(0),
                     row.batch_count.value_or(0), row.input_tokens, row.output_tokens,
                     row.concurrency.value_or(0), row.gap_run);
}

using Answer = std::variant<BandedRun, Unanswered>;

/// What a row's own figures say of a large error, in words that rows share.
std::string hint_of(const StaticRow& row, const RequestLatencies& predicted) {
  // far off: a factor of three either way, beyond what kernels and overheads explain
  constexpr double kFar = 3.0;
  const int64_t clients = row.concurrency.value_or(0);
  const bool waits = row.ttft > 2_s && row.ttft > kFar * predicted.ttft;
  if (waits && predicted.tpot > kFar * row.tpot) {
    return "the engine ran far fewer sequences than there were clients; its limit is not recorded";
  }
  if (waits && clients <= 128) {
    return "first tokens took seconds at few clients, as where kernels are compiled during the run";
  }
  if (waits) return "clients waited for places that the prediction had free";
  if (predicted.ttft > kFar * row.ttft && row.gap_run) {
    return "the protocol is unknown: clients did not start together, or prompts were repeated";
  }
  if (predicted.ttft > kFar * row.ttft) return "the predicted KV cache is smaller than the run's";
  if (row.tpot > kFar * predicted.tpot) return "the run is slower than its own neighbours";
  return {};
}

Answer simulate(RunSpec spec) {
  auto banded = simulate_banded(spec);
  if (std::holds_alternative<Infeasible>(banded)) {
    // it ran, so there was room
    spec.deployment.engine.memory_utilization_fraction = 0.97;
    spec.deployment.engine.reserved_memory = 1.0_GB;
    banded = simulate_banded(spec);
  }
  if (std::holds_alternative<Infeasible>(banded)) {
    return Unanswered{"the deployment does not fit the memory"};
  }
  auto& run = std::get<BandedRun>(banded);
  if (run.typical.not_completed_count > 0) {
    return Unanswered{"requests are too long for the deployment"};
  }
  return std::move(run);
}

class ServingStatic final : public Suite {
 public:
  [[nodiscard]] std::span<const std::string_view> files() const override { return kFiles; }
  [[nodiscard]] std::vector<std::string> keys() const override {
    return {"accelerator", "engine",  "protocol",   "model",       "precision",
            "input",       "output",  "tensor",     "concurrency", "mode",
            "quality",     "version", "speculation"};
  }
  [[nodiscard]] std::vector<std::string> groups() const override {
    return {"accelerator", "engine"};
  }

  void read(const SuiteInput& input, Findings& findings) override {
    const auto path = std::filesystem::path(input.directory) / kFiles[0];
    const size_t before = findings.size();
    const auto source = read_source(path.string(), findings);
    if (findings.size() != before) return;
    rows_ = measurement::read_static(source, *input.catalog, findings);
    entries_ = SweepEntries::read(input.directory, *input.catalog, findings);
  }

  [[nodiscard]] std::vector<Observation> predict(const SuiteInput& input) const override {
    StaticPlanner planner(*input.catalog);
    std::vector<bool> speculative(rows_.size(), false);
    std::vector<Answer> answers = answer_all(planner, speculative, input);
    // the rule for multi-token prediction needs to know how long runs take without
    std::vector<std::optional<Seconds>> plain_tpot;
    for (const Answer& answer : answers) {
      const auto* run = std::get_if<BandedRun>(&answer);
      plain_tpot.push_back(run != nullptr ? std::optional(run->typical.mean.tpot) : std::nullopt);
    }
    speculative = speculative_rows(rows_, plain_tpot, entries_, *input.catalog);
    const bool any = std::any_of(speculative.begin(), speculative.end(), [](bool s) { return s; });
    const std::vector<Answer> again =
        any ? answer_all(planner, speculative, input) : std::vector<Answer>(rows_.size());
    std::vector<Observation> observations;
    for (size_t i = 0; i < rows_.size(); ++i) {
      observe(rows_[i], speculative[i], speculative[i] ? again[i] : answers[i], observations);
    }
    return observations;
  }

  [[nodiscard]] std::vector<std::string> notes() const override {
    std::vector<std::string> notes = StaticPlanner::rules();
    notes.push_back(fmt::format(
        "Multi-token prediction is not recorded. It is decided for whole campaigns (model, "
        "accelerator, engine, precision, release, day): it was on where the median of measured "
        "over plainly predicted TPOT, over rows of at most {} clients, is below {}; it was off "
        "where that is 1 or more; between them, and without such rows, the published sweep "
        "configurations decide by majority, and silence means off.",
        kFewClients, kSpeculativeRatio));
    return notes;
  }

 private:
  /// Answers of all rows, or of the chosen ones; the others' are empty. Equal configurations are
  /// simulated once.
  std::vector<Answer> answer_all(StaticPlanner& planner, const std::vector<bool>& speculative,
                                 const SuiteInput& input) const {
    const bool all = std::none_of(speculative.begin(), speculative.end(), [](bool s) { return s; });
    std::map<std::string, size_t> run_of;
    std::vector<RunSpec> specs;
    std::vector<std::variant<size_t, Unanswered>> plans;  // a run's index, for every row
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (!all && !speculative[i]) {
        plans.emplace_back(Unanswered{});
        continue;
      }
      const auto known = run_of.find(key_of(rows_[i]));
      if (known != run_of.end()) {
        plans.emplace_back(known->second);
        continue;
      }
      auto plan = planner.plan(rows_[i], speculative[i]);
      if (const auto* stop = std::get_if<Unanswered>(&plan)) {
        plans.emplace_back(*stop);
        continue;
      }
      run_of.emplace(key_of(rows_[i]), specs.size());
      plans.emplace_back(specs.size());
      specs.push_back(std::move(std::get<RunSpec>(plan)));
    }
    const std::vector<Answer> runs = simulate_all(specs, input);
    std::vector<Answer> answers;
    for (const auto& plan : plans) {
      const auto* run = std::get_if<size_t>(&plan);
      answers.push_back(run != nullptr ? runs[*run] : Answer(std::get<Unanswered>(plan)));
    }
    return answers;
  }

  static std::vector<Answer> simulate_all(const std::vector<RunSpec>& specs,
                                          const SuiteInput& input) {
    std::vector<Answer> answers(specs.size());
    std::mutex mutex;
    size_t done = 0;
    parallel_for(specs.size(), input.thread_count, [&](size_t i) {
      answers[i] = simulate(specs[i]);
      if (!input.progress) return;
      const std::lock_guard lock(mutex);
      ++done;
      input.progress(static_cast<double>(done) / static_cast<double>(specs.size()));
    });
    return answers;
  }

  static void observe(const StaticRow& row, bool speculative, const Answer& answer,
                      std::vector<Observation>& out) {
    Observation ttft;
    ttft.metric = "ttft";
    const auto number = [](const std::optional<int64_t>& n) {
      return n ? fmt::format("{}", *n) : std::string();
    };
    ttft.keys = {row.accelerator,
                 row.engine,
                 row.gap_run ? "gap_run" : "inferencex",
                 row.model,
                 std::string(enum_name(row.precision)),
                 fmt::format("{}", row.input_tokens),
                 fmt::format("{}", row.output_tokens),
                 number(row.engine_shape.tensor),
                 number(row.concurrency),
                 std::string(enum_name(row.mode)),
                 std::string(enum_name(row.quality)),
                 row.engine_version,
                 speculative ? "mtp" : "plain"};
    ttft.place = fmt::format("{}:{}", kFiles[0], row.line);
    ttft.what = fmt::format("{} {} {} {} {} tp {} {}/{} x {}", row.accelerator, row.engine,
                            row.engine_version, row.model, enum_name(row.precision),
                            row.engine_shape.tensor.value_or(0), row.input_tokens,
                            row.output_tokens, row.concurrency.value_or(0));
    ttft.measured_factor = row.ttft.value();
    Observation tpot = ttft;
    tpot.metric = "tpot";
    tpot.measured_factor = row.tpot.value();
    if (const auto* stop = std::get_if<Unanswered>(&answer)) {
      ttft.unanswered = stop->reason;
      tpot.unanswered = stop->reason;
    } else {
      const auto& run = std::get<BandedRun>(answer);
      ttft.predicted_factor = run.typical.mean.ttft.value();
      ttft.low = run.low.mean.ttft.value();
      ttft.high = run.high.mean.ttft.value();
      tpot.predicted_factor = run.typical.mean.tpot.value();
      tpot.low = run.low.mean.tpot.value();
      tpot.high = run.high.mean.tpot.value();
      ttft.hint = hint_of(row, run.typical.mean);
      tpot.hint = ttft.hint;
    }
    out.push_back(std::move(ttft));
    out.push_back(std::move(tpot));
  }

  std::vector<StaticRow> rows_;
  SweepEntries entries_;
};

PENSTOCK_REGISTER(Suite, ServingStatic,
                  "TTFT and TPOT of whole deployments at fixed concurrency, each run simulated.");

}  // namespace
}  // namespace penstock::validation
