#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "penstock/base/text.h"
#include "penstock/scenario/estimate.h"
#include "penstock/serving/deployment.h"
#include "penstock/serving/step_table.h"

namespace penstock::scenario {
namespace {

Mark flag_mark(std::string_view flag) {
  auto source = std::make_shared<Source>();
  source->name = flag;
  return {std::move(source), 0, 0};
}

/// The flag behind a mistake of the plan.
std::string_view flag_of(std::string_view mistake) {
  const auto names = [&](std::string_view key) {
    return mistake.find(key) != std::string_view::npos;
  };
  if (names("expert_parallel")) return "--ep";
  if (names("attention_data_parallel")) return "--attention-dp";
  return names("tensor_parallel") ? "--tp" : "--pp";
}

/// Looks everything up, or throws with all findings.
serving::DeploymentInput look_up(const StepQuery& query, const catalog::Catalog& catalog,
                                 std::vector<std::string>& notes) {
  Findings findings;
  serving::DeploymentInput input;
  const auto model = catalog.model(query.model, flag_mark("--model"), findings);
  const auto accelerator =
      catalog.accelerator(query.accelerator, flag_mark("--accelerator"), findings);
  input.engine = read_engine(catalog, query.engine, flag_mark("--engine"), nullptr, findings);
  input.serving.tensor_parallel = query.tensor_parallel;
  input.serving.pipeline_parallel = query.pipeline_parallel;
  input.serving.attention_data_parallel = query.attention_data_parallel;
  input.serving.expert_parallel = query.expert_parallel;
  input.serving.precision = query.precision;
  if (model) {
    input.model = *model;
    for (const std::string& m : compute::Forward::plan_mistakes(*model, input.serving.plan())) {
      findings.add(flag_of(m), m);
    }
  }
  if (accelerator) {
    input.accelerator = *accelerator;
    if (!accelerator->peak_for(catalog::Dtype::kBf16)) {
      findings.add("--accelerator", accelerator->id + " has no published 16-bit matrix peak");
    } else {
      const auto choice = compute::choose_efficiency(catalog, *accelerator, findings);
      input.efficiency = choice.efficiency;
      notes.push_back(fmt::format("Kernels by efficiencies {}: {}.", choice.efficiency.id,
                                  choice.efficiency.source));
      const auto library =
          network::choose_library(catalog, input.engine.collectives, *accelerator, findings);
      input.library = library.library;
      for (const std::string& note : {choice.note(*accelerator), library.note(*accelerator)}) {
        if (!note.empty()) notes.push_back(note);
      }
    }
  }
  if (query.batch == 0 && query.prefill_tokens == 0) {
    findings.add("--batch", "a step needs decoding sequences or prompt tokens");
  }
  findings.throw_if_any();
  // the step may be larger than the preset's limits: it is asked for as it is
  input.engine.max_num_seqs = std::max(input.engine.max_num_seqs, query.batch + 1);
  input.engine.max_num_batched_tokens =
      std::max(input.engine.max_num_batched_tokens, query.batch + query.prefill_tokens);
  return input;
}

std::string fit_note(const serving::Deployment& deployment, const StepQuery& query) {
  const int64_t page = deployment.input().engine.page_tokens;
  const auto pages = [&](int64_t tokens) { return (tokens + page - 1) / page; };
  const int64_t need =
      query.batch * pages(query.context + 1) + pages(query.prefill_context + query.prefill_tokens);
  const int64_t have = deployment.instance_page_count();
  if (need <= have) return {};
  return fmt::format(
      "This batch does not fit: it needs {} KV pages of {} tokens, the cache has {} ({} left for "
      "it beside weights of {}).",
      with_commas(need), page, with_commas(have), to_text(deployment.memory().kv_cache),
      to_text(deployment.memory().weights));
}

/// The step with every kernel and host time at one end of its band.
Seconds duration_at_end(serving::DeploymentInput input, const serving::StepBatch& batch,
                        bool high) {
  input = serving::at_band_end(std::move(input), high);
  input.engine = serving::at_band_end(input.engine, high);
  auto made = serving::Deployment::make(input);
  return serving::step_duration(std::get<std::unique_ptr<serving::Deployment>>(made)->step_model(),
                                batch);
}

/// Duration of the step and what it yields, with their bands.
void add_durations(const serving::DeploymentInput& input, const serving::StepBatch& batch,
                   Seconds step, Result& result) {
  const double value = step.value();
  const double low = std::min(value, duration_at_end(input, batch, false).value());
  const double high = std::max(value, duration_at_end(input, batch, true).value());
  result.metrics.push_back({"step.duration", value, "s", low, high});
  if (batch.decode_count == 0) return;
  const auto tokens = static_cast<double>(batch.decode_count);
  result.metrics.push_back(
      {"step.output_throughput", tokens / value, "token/s", tokens / high, tokens / low});
}

}  // namespace

Result estimate_step(const StepQuery& query, const catalog::Catalog& catalog) {
  Result result;
  result.version = version();
  const serving::DeploymentInput input = look_up(query, catalog, result.notes);
  result.name = fmt::format("step of {} on {} x {}", input.model.id,
                            input.serving.plan().accelerator_count(), input.accelerator.id);
  auto made = serving::Deployment::make(input);
  if (const auto* reason = std::get_if<Infeasible>(&made)) {
    result.infeasible = reason->reason;
    return result;
  }
  serving::Deployment& deployment = *std::get<std::unique_ptr<serving::Deployment>>(made);
  serving::StepModel& model = deployment.step_model();
  serving::StepBatch batch{query.batch, query.context, {}};
  if (query.prefill_tokens > 0) {
    batch.chunks.push_back({query.prefill_tokens, query.prefill_context});
  }
  const auto operators = serving::priced_operators(model, batch);
  const Seconds step = serving::step_duration(model, batch);
  const auto heads = batch.decode_count + static_cast<int64_t>(batch.chunks.size());
  const Seconds overhead = Fine{model.overhead(heads, !batch.chunks.empty())}.seconds();
  Flop flops;
  Bytes bytes;
  Joules energy;
  for (const serving::PricedOperator& p : operators) {
    const auto calls = static_cast<double>(p.op.count);
    flops += p.op.flops * calls;
    bytes += p.op.bytes * calls;
    energy += p.cost.energy * calls;
  }
  const compute::Roofline& roofline = model.roofline();
  const auto add = [&](std::string name, double value, std::string unit) {
    result.metrics.push_back({std::move(name), value, std::move(unit), {}, {}});
  };
  add_durations(input, batch, step, result);
  add("step.flops", flops.value(), "FLOP");
  add("step.bytes", bytes.value(), "B");
  add("step.mfu", flops / roofline.peak(catalog::Dtype::kBf16) / step, "");
  add("step.bandwidth_share", bytes / roofline.bandwidth() / step, "");
  if (roofline.knows_power()) {
    const auto ranks = static_cast<double>(input.serving.plan().accelerator_count());
    add("step.energy", (energy + roofline.idle_power() * step).value() * ranks, "J");
  }
  for (const Metric& metric : result.metrics) result.headline.push_back(metric.name);
  result.tables.push_back(serving::operator_table(operators, step, overhead));
  result.plots.push_back(serving::roofline_plot(model, operators));
  const std::string fit = fit_note(deployment, query);
  if (!fit.empty()) result.notes.push_back(fit);
  return result;
}

}  // namespace penstock::scenario
