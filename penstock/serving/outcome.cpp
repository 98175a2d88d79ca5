#include "penstock/serving/outcome.h"

#include <fmt/format.h>

#include <algorithm>

#include "penstock/base/check.h"
#include "penstock/engine/ledger.h"
#include "penstock/serving/outcome_plots.h"

namespace penstock::serving {

using catalog::MaybeSourced;

namespace {

double as_double(int64_t number) { return static_cast<double>(number); }

int64_t ended(const SimulationOutput& out, Outcome outcome) {
  return out.collector.ended[static_cast<size_t>(outcome)];
}

int64_t rejected(const SimulationOutput& out) {
  return ended(out, Outcome::kTooLong) + ended(out, Outcome::kNeverFits) +
         ended(out, Outcome::kQueueFull);
}

/// Seconds of a statistic of a histogram in picoseconds.
double seconds(double picoseconds) {
  return picoseconds / static_cast<double>(kPicosecondsPerSecond);
}

void add_statistics(std::vector<Metric>& metrics, const std::string& name,
                    const LogHistogram& histogram) {
  if (histogram.count() == 0) return;
  metrics.push_back({name + ".mean", seconds(histogram.mean_factor()), "s", {}, {}});
  for (const int percent : {50, 90, 99}) {
    metrics.push_back({fmt::format("{}.p{}", name, percent),
                       seconds(histogram.quantile_factor(percent / 100.0)),
                       "s",
                       {},
                       {}});
  }
  metrics.push_back({name + ".max", seconds(as_double(histogram.max())), "s", {}, {}});
}

/// Board energy of the pool split by cause.
struct EnergySplit {
  Joules idle;
  Joules activity;
  [[nodiscard]] Joules total() const { return idle + activity; }
};

EnergySplit energy_of(Deployment& deployment, const SimulationOutput& out, const Work& work) {
  const compute::Roofline& roofline = deployment.step_model().roofline();
  const ServingConfig& serving = deployment.input().serving;
  const double accelerators = as_double(serving.accelerator_count());
  const double ranks = as_double(serving.plan().accelerator_count());
  return {roofline.idle_power() * out.end.seconds() * accelerators, work.energy * ranks};
}

void add_energy_and_cost(Deployment& deployment, const SimulationOutput& out, const Work& work,
                         std::vector<Metric>& metrics) {
  const DeploymentInput& input = deployment.input();
  const double accelerators = as_double(input.serving.accelerator_count());
  const Seconds duration = out.end.seconds();
  const double tokens = as_double(out.collector.completed_output_tokens);
  if (deployment.step_model().roofline().knows_power() && duration > Seconds()) {
    const Joules energy = energy_of(deployment, out, work).total();
    metrics.push_back(
        {"serving.power.mean", (energy / duration).value() / accelerators, "W", {}, {}});
    if (tokens > 0.0) {
      metrics.push_back(
          {"serving.energy_per_output_token", energy.value() / tokens, "J/token", {}, {}});
    }
  }
  const MaybeSourced<DollarsPerSecond> price = accelerator_price(input);
  if (!price) return;
  const Dollars cost = price->value * duration * accelerators;
  metrics.push_back({"economics.cost", cost.value(), "$", {}, {}});
  if (tokens > 0.0) {
    constexpr double kMillion = 1e6;  // the unit of published token prices
    metrics.push_back({"economics.cost_per_million_output_tokens",
                       cost.value() / tokens * kMillion,
                       "$",
                       {},
                       {}});
  }
}

void add_throughput(Deployment& deployment, const SimulationOutput& out, const Work& work,
                    std::vector<Metric>& metrics) {
  const ServingConfig& serving = deployment.input().serving;
  const Collector& c = out.collector;
  const double duration = out.end.seconds().value();
  if (duration <= 0.0) return;
  const double accelerators = as_double(serving.accelerator_count());
  const auto add = [&](std::string name, double value, std::string unit) {
    metrics.push_back({std::move(name), value, std::move(unit), {}, {}});
  };
  const double output = as_double(c.completed_output_tokens) / duration;
  add("serving.output_throughput", output, "token/s");
  add("serving.output_throughput_per_accelerator", output / accelerators, "token/s");
  add("serving.input_throughput", as_double(c.completed_input_tokens) / duration, "token/s");
  add("serving.request_throughput", as_double(ended(out, Outcome::kCompleted)) / duration,
      "request/s");
  add("serving.goodput", as_double(c.good_count) / duration, "request/s");
  add("serving.utilization", out.busy.seconds().value() / (duration * as_double(serving.replicas)),
      "");
  const double peak =
      deployment.step_model().roofline().peak(catalog::Dtype::kBf16).value() * duration;
  add("serving.mfu", work.flops.value() / (peak * as_double(serving.replicas)), "");
}

void add_counts(Deployment& deployment, const SimulationOutput& out, std::vector<Metric>& metrics) {
  const Collector& c = out.collector;
  const auto add = [&](std::string name, double value, std::string unit = {}) {
    metrics.push_back({std::move(name), value, std::move(unit), {}, {}});
  };
  add("serving.requests.arrived", as_double(out.arrived_count), "request");
  add("serving.requests.completed", as_double(ended(out, Outcome::kCompleted)), "request");
  add("serving.requests.rejected", as_double(rejected(out)), "request");
  add("serving.requests.timed_out", as_double(ended(out, Outcome::kTimedOut)), "request");
  add("serving.requests.preempted", as_double(c.preempted_count), "request");
  if (out.arrived_count > 0) {
    add("serving.good_fraction", as_double(c.good_count) / as_double(out.arrived_count));
  }
  if (out.log.decode_step_count() > 0) {
    add("serving.batch.mean",
        as_double(out.log.decoding_count()) / as_double(out.log.decode_step_count()), "sequence");
    if (deployment.input().serving.speculation) {
      add("serving.decode_yield",
          as_double(out.log.decode_token_count()) / as_double(out.log.decoding_count()), "token");
    }
  }
  if (c.completed_input_tokens > 0) {
    add("serving.prefix_hit_fraction",
        as_double(c.cached_input_tokens) / as_double(c.completed_input_tokens));
  }
  const double pages =
      as_double(deployment.instance_page_count()) * as_double(deployment.input().serving.replicas);
  double peak = 0.0;
  double sum = 0.0;
  for (const Sample& sample : out.samples) {
    const double share = as_double(sample.state.pages_used) / pages;
    peak = std::max(peak, share);
    sum += share;
  }
  if (!out.samples.empty())
    add("serving.kv_usage.mean", sum / as_double(int64_t(out.samples.size())));
  add("serving.kv_usage.peak", peak);
}

/// Nothing beats physics: rates over the busy time stay below the peaks, power below its limit.
void check_physics(Deployment& deployment, const SimulationOutput& out, const Work& work) {
  const compute::Roofline& roofline = deployment.step_model().roofline();
  const Seconds busy = out.busy.seconds();
  if (busy <= Seconds()) return;
  // the fastest native format bounds the rate, whatever mix of formats ran
  const FlopPerSecond peak =
      std::max({roofline.peak(catalog::Dtype::kBf16), roofline.peak(catalog::Dtype::kFp8),
                roofline.peak(catalog::Dtype::kNvfp4)});
  PENSTOCK_CHECK(work.flops / busy <= peak, "{} reached of a peak of {}",
                 to_text(work.flops / busy), to_text(peak));
  PENSTOCK_CHECK(work.bytes / busy <= roofline.bandwidth(), "{} reached of a bandwidth of {}",
                 to_text(work.bytes / busy), to_text(roofline.bandwidth()));
  if (!roofline.knows_power()) return;
  const Watts limit = roofline.accelerator().power_limit->value;
  const Watts power = roofline.idle_power() + work.energy / busy;
  PENSTOCK_CHECK(power <= limit * 1.0001, "{} drawn in steps of a limit of {}", to_text(power),
                 to_text(limit));
}

engine::Ledger books_of(const SimulationOutput& out, const Work& work) {
  engine::Ledger ledger;
  const Collector& c = out.collector;
  Int128 over = 0;
  for (const int64_t count : c.ended) over += count;
  ledger.count("requests", "arrived", out.arrived_count, "completed, rejected or timed out",
               over + out.requests_inside);
  ledger.count("requests at the end", "inside", out.requests_inside, "left over", 0);
  ledger.count("output tokens", "generated", out.generated_tokens,
               "in completed and dropped requests",
               Int128{c.completed_output_tokens} + c.dropped_output_tokens);
  ledger.count("decode steps", "of sequences", out.log.sequence_step_count(), "sequences in steps",
               out.log.decoding_count());
  ledger.count("decode tokens", "brought to sequences", out.log.decode_token_count(),
               "generated after first tokens",
               Int128{out.generated_tokens} - out.log.first_token_count());
  ledger.count("prompt tokens", "computed", out.prefill_tokens, "counted by steps",
               out.log.prefill_token_count());
  ledger.count("KV pages at the end", "in use", out.pages_left_in_use, "left over", 0);
  ledger.span("busy time", "in steps", out.busy, "by operators and engine overhead",
              Fine{work.ticks + out.log.overhead_ticks()});
  double sections = 0.0;
  for (const double part : work.section_seconds) sections += part;
  ledger.amount("operator time", "by sections", sections, "by operators",
                Fine{work.ticks}.seconds().value(), 1e-6, "s");
  return ledger;
}

void add_inputs(Deployment& deployment, Result& result) {
  const DeploymentInput& input = deployment.input();
  const auto add = [&](const std::string& name, const std::string& value,
                       const catalog::Provenance& p, const std::string& note) {
    result.inputs.push_back({name, value, note.empty() ? p.source : p.source + "; " + note, p.date,
                             std::string(enum_name(p.confidence))});
  };
  const catalog::Accelerator& a = input.accelerator;
  const catalog::Sourced<Bytes>& memory = a.memory_visible ? *a.memory_visible : a.memory_capacity;
  add(a.id + (a.memory_visible ? ".memory_visible" : ".memory_capacity"), to_text(memory.value),
      memory.provenance, memory.note);
  add(a.id + ".memory_bandwidth", to_text(a.memory_bandwidth.value), a.memory_bandwidth.provenance,
      a.memory_bandwidth.note);
  if (a.peak.bf16) {
    add(a.id + ".peak.bf16", to_text(a.peak.bf16->value), a.peak.bf16->provenance,
        a.peak.bf16->note);
  }
  if (a.power_limit) {
    add(a.id + ".power_limit", to_text(a.power_limit->value), a.power_limit->provenance,
        a.power_limit->note);
  }
  if (const auto price = accelerator_price(input)) {
    add(a.id + ".accelerator_hour", to_text(price->value), price->provenance, price->note);
  }
  const compute::Efficiency& e = input.efficiency;
  add("efficiency." + e.id, e.summary, {e.source, e.date, e.confidence}, {});
  const EngineConfig& engine = input.engine;
  add("engine." + engine.id, fmt::format("{} {}", engine.summary, engine.version),
      {engine.source, engine.date, engine.confidence}, {});
  add("model." + input.model.id, input.model.summary, input.model.provenance, {});
}

}  // namespace

MaybeSourced<DollarsPerSecond> accelerator_price(const DeploymentInput& input) {
  if (input.serving.accelerator_price) {
    return catalog::Sourced<DollarsPerSecond>{
        *input.serving.accelerator_price, {"the scenario", "", catalog::Confidence::kHigh}, {}};
  }
  const catalog::Accelerator& a = input.accelerator;
  if (a.rental_price) return a.rental_price;
  if (a.neocloud_tco_price) return a.neocloud_tco_price;
  return a.hyperscaler_tco_price;
}

std::vector<Metric> metrics_of(Deployment& deployment, const SimulationOutput& out) {
  std::vector<Metric> metrics;
  const Collector& c = out.collector;
  const Work work = out.log.total(deployment.step_model());
  add_statistics(metrics, "serving.ttft", c.ttft);
  add_statistics(metrics, "serving.tpot", c.tpot);
  add_statistics(metrics, "serving.itl", c.token_gap);
  add_statistics(metrics, "serving.latency", c.latency);
  add_statistics(metrics, "serving.queue_time", c.queue);
  metrics.push_back({"serving.duration", out.end.seconds().value(), "s", {}, {}});
  add_throughput(deployment, out, work, metrics);
  add_counts(deployment, out, metrics);
  add_energy_and_cost(deployment, out, work, metrics);
  return metrics;
}

void fill_result(Deployment& deployment, const SimulationOutput& out, Result& result) {
  const Work work = out.log.total(deployment.step_model());
  result.metrics = metrics_of(deployment, out);
  result.headline = {"serving.ttft.p50",
                     "serving.ttft.p99",
                     "serving.tpot.p50",
                     "serving.tpot.p99",
                     "serving.latency.p50",
                     "serving.output_throughput",
                     "serving.goodput",
                     "serving.good_fraction",
                     "serving.utilization",
                     "serving.kv_usage.peak",
                     "serving.energy_per_output_token",
                     "economics.cost_per_million_output_tokens"};
  const engine::Ledger ledger = books_of(out, work);
  ledger.require_balanced();
  check_physics(deployment, out, work);
  result.ledger = ledger.lines();
  add_inputs(deployment, result);
  add_tables(deployment, out, work, result);
  add_plots(deployment, out, work, result);
  add_waterfall(out, result);
  add_step_trace(out, result);
  for (const auto& [outcome, name] : EnumText<Outcome>::kNames) {
    if (outcome == Outcome::kCompleted || ended(out, outcome) == 0) continue;
    result.notes.push_back(
        fmt::format("{} of {} requests {}.", ended(out, outcome), out.arrived_count, name));
  }
  result.notes.emplace_back(
      "Energy and dollars are first estimates: board power of the accelerators by activity, and "
      "the accelerator-hour price; no host, network, cooling or facility.");
}

}  // namespace penstock::serving
