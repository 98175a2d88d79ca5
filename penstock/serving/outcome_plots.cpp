#include "penstock/serving/outcome_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "penstock/base/text.h"
#include "penstock/serving/step_table.h"

namespace penstock::serving {
namespace {

double as_double(int64_t number) { return static_cast<double>(number); }

double seconds(double picoseconds) {
  return picoseconds / static_cast<double>(kPicosecondsPerSecond);
}

/// The decode step in the middle of the run: mean batch at the mean context.
StepBatch typical_decode(const SimulationOutput& out, const DecodePace& pace) {
  StepBatch batch;
  const int64_t steps = out.log.decode_step_count();
  if (steps == 0) return batch;
  batch.decode_count = std::max<int64_t>(1, out.log.decoding_count() / steps);
  // the last class counts the most context: the whole of it where any layer sees it whole
  const Int128 total = out.log.context_total(out.log.class_count() - 1);
  batch.context =
      static_cast<int64_t>(total / pace.unit / std::max<int64_t>(1, out.log.decoding_count()));
  return batch;
}

Table outcomes_table(const SimulationOutput& out) {
  Table table{
      "outcomes", "How requests ended", {{"outcome", ""}, {"requests", ""}, {"share", ""}}, {}};
  for (const auto& [outcome, name] : EnumText<Outcome>::kNames) {
    const int64_t count = out.collector.ended[static_cast<size_t>(outcome)];
    const bool shown = count > 0 || outcome == Outcome::kCompleted;
    if (!shown) continue;
    const double share =
        out.arrived_count > 0 ? as_double(count) / as_double(out.arrived_count) : 0.0;
    table.rows.push_back({std::string(name), count, share});
  }
  return table;
}

Table memory_table(const Deployment& deployment) {
  const compute::MemorySplit& m = deployment.memory();
  Table table{
      "memory", "Memory of one accelerator", {{"use", ""}, {"bytes", "B"}, {"share", ""}}, {}};
  const auto add = [&](std::string name, Bytes bytes) {
    table.rows.push_back({std::move(name), bytes.value(), bytes / m.capacity});
  };
  add("weights", m.weights);
  add(fmt::format("KV cache ({} pages of {} tokens)", with_commas(m.page_count),
                  deployment.input().engine.page_tokens),
      m.kv_cache);
  add("activations", m.activations);
  add("runtime and buffers", m.reserved);
  add("left unused by the engine", m.unused);
  return table;
}

Table replicas_table(const SimulationOutput& out) {
  Table table{"replicas",
              "Instances",
              {{"instance", ""}, {"requests", ""}, {"busy", "s"}, {"utilization", ""}},
              {}};
  const double duration = std::max(1e-12, out.end.seconds().value());
  for (size_t i = 0; i < out.busy_of.size(); ++i) {
    const double busy = out.busy_of[i].seconds().value();
    table.rows.push_back({static_cast<int64_t>(i), out.requests_of[i], busy, busy / duration});
  }
  return table;
}

Plot cdf_plot(const SimulationOutput& out) {
  Plot plot{"latency_cdf",
            "Latency of completed requests",
            PlotKind::kCdf,
            "time",
            "s",
            "share of requests",
            "",
            {},
            {}};
  const auto add = [&](const char* name, const LogHistogram& histogram) {
    Line line{name, {}, {}, false, {}};
    for (const auto& [value, share] : histogram.cdf()) {
      line.x.push_back(seconds(value));
      line.y.push_back(share);
    }
    if (!line.x.empty()) plot.lines.push_back(std::move(line));
  };
  add("time to first token", out.collector.ttft);
  add("time per output token", out.collector.tpot);
  add("request latency", out.collector.latency);
  return plot;
}

/// A quantity of the samples over time.
template <class Get>
Line over_time(const SimulationOutput& out, const char* name, Get get) {
  Line line{name, {}, {}, false, {}};
  for (const Sample& sample : out.samples) {
    line.x.push_back(sample.time.seconds().value());
    line.y.push_back(get(sample.state));
  }
  return line;
}

/// Rate between consecutive samples, at the later of the two.
template <class Get>
Line rate_over_time(const SimulationOutput& out, const char* name, Get get) {
  Line line{name, {}, {}, false, {}};
  // rates over single samples are noise: one point a hundredth of the run
  constexpr size_t kPoints = 120;
  const size_t stride = std::max<size_t>(1, out.samples.size() / kPoints);
  for (size_t i = stride; i < out.samples.size(); i += stride) {
    const Sample& a = out.samples[i - stride];
    const Sample& b = out.samples[i];
    const double span = (b.time - a.time).value();
    if (span <= 0.0) continue;
    line.x.push_back(b.time.seconds().value());
    line.y.push_back(as_double(get(b.state) - get(a.state)) / span);
  }
  return line;
}

void add_time_plots(const Deployment& deployment, const SimulationOutput& out, Result& result) {
  using S = InstanceSnapshot;
  Plot throughput{"throughput",
                  "Tokens per second over the run",
                  PlotKind::kLine,
                  "time",
                  "s",
                  "tokens per second",
                  "token/s",
                  {},
                  {}};
  throughput.lines.push_back(
      rate_over_time(out, "output tokens", [](const S& s) { return s.generated_tokens; }));
  throughput.lines.push_back(
      rate_over_time(out, "prompt tokens computed", [](const S& s) { return s.prefill_tokens; }));
  result.plots.push_back(std::move(throughput));
  Plot batch{"batch",
             "Requests inside over the run",
             PlotKind::kLine,
             "time",
             "s",
             "requests",
             "request",
             {},
             {}};
  batch.lines.push_back(
      over_time(out, "running", [](const S& s) { return as_double(s.running_count); }));
  batch.lines.push_back(
      over_time(out, "decoding", [](const S& s) { return as_double(s.decoding_count); }));
  result.plots.push_back(std::move(batch));
  Plot queue{"queue",
             "Requests waiting over the run",
             PlotKind::kLine,
             "time",
             "s",
             "requests",
             "request",
             {},
             {}};
  queue.lines.push_back(
      over_time(out, "waiting", [](const S& s) { return as_double(s.waiting_count); }));
  result.plots.push_back(std::move(queue));
  const double pages =
      as_double(deployment.instance_page_count()) * as_double(deployment.input().serving.replicas);
  Plot kv{"kv_usage",
          "KV pages in use over the run",
          PlotKind::kLine,
          "time",
          "s",
          "share of pages",
          "",
          {},
          {}};
  kv.lines.push_back(
      over_time(out, "in use", [=](const S& s) { return as_double(s.pages_used) / pages; }));
  result.plots.push_back(std::move(kv));
}

Plot breakdown_plot(const SimulationOutput& out, const Work& work,
                    const std::vector<PricedOperator>& decode_step) {
  Plot plot{"breakdown",
            "Where step time goes",
            PlotKind::kBars,
            "",
            "",
            "share of time",
            "",
            {},
            {"whole run", "typical decode step"}};
  std::array<double, kSectionCount> step{};
  double step_sum = 0.0;
  for (const PricedOperator& p : decode_step) {
    step[static_cast<size_t>(p.op.section)] += p.duration.value();
    step_sum += p.duration.value();
  }
  double run_sum = out.log.overhead().value();
  for (const double part : work.section_seconds) run_sum += part;
  for (const auto& [section, name] : EnumText<compute::Section>::kNames) {
    const auto index = static_cast<size_t>(section);
    const double in_run = run_sum > 0.0 ? work.section_seconds[index] / run_sum : 0.0;
    const double in_step = step_sum > 0.0 ? step[index] / step_sum : 0.0;
    if (in_run <= 0.0 && in_step <= 0.0) continue;
    plot.lines.push_back({std::string(name), {0.0, 1.0}, {in_run, in_step}, false, {}});
  }
  const double overhead = run_sum > 0.0 ? out.log.overhead().value() / run_sum : 0.0;
  plot.lines.push_back({"engine overhead", {0.0, 1.0}, {overhead, 0.0}, false, {}});
  return plot;
}

std::string_view phase_name(Phase phase) {
  switch (phase) {
    case Phase::kQueued: return "queue";
    case Phase::kPrefill: return "prefill";
    case Phase::kDecode: return "decode";
    case Phase::kPreempted: return "preempted";
    case Phase::kEnded: return "ended";
  }
  return "?";
}

}  // namespace

void add_tables(Deployment& deployment, const SimulationOutput& out, const Work&, Result& result) {
  result.tables.push_back(outcomes_table(out));
  result.tables.push_back(memory_table(deployment));
  if (out.busy_of.size() > 1) result.tables.push_back(replicas_table(out));
  const StepBatch batch = typical_decode(out, deployment.step_model().pace());
  if (batch.decode_count == 0) return;
  StepModel& model = deployment.step_model();
  const Seconds overhead = Fine{model.overhead(batch.decode_count, false)}.seconds();
  Table table =
      operator_table(priced_operators(model, batch), step_duration(model, batch), overhead);
  table.title = fmt::format(
      "A typical decode step ({} sequences at {} tokens of context), operator by operator",
      batch.decode_count, with_commas(batch.context));
  result.tables.push_back(std::move(table));
}

void add_plots(Deployment& deployment, const SimulationOutput& out, const Work& work,
               Result& result) {
  result.plots.push_back(cdf_plot(out));
  add_time_plots(deployment, out, result);
  const StepBatch batch = typical_decode(out, deployment.step_model().pace());
  std::vector<PricedOperator> operators;
  if (batch.decode_count > 0) operators = priced_operators(deployment.step_model(), batch);
  result.plots.push_back(breakdown_plot(out, work, operators));
  if (!operators.empty()) {
    result.plots.push_back(roofline_plot(deployment.step_model(), operators));
  }
}

void add_waterfall(const SimulationOutput& out, Result& result) {
  Timeline timeline{"slowest", "The slowest requests, phase by phase", {}, true};
  for (const SlowRequest& slow : out.collector.slowest()) {
    Lane lane;
    lane.name = fmt::format("request {} ({} in, {} out)", slow.state.id, slow.state.input_tokens,
                            slow.state.output_tokens);
    const std::vector<PhaseChange>& phases = slow.state.phases;
    for (size_t i = 0; i + 1 < phases.size(); ++i) {
      Span span{std::string(phase_name(phases[i].phase)),
                phases[i].time.seconds(),
                phases[i + 1].time - phases[i].time,
                {}};
      if (i == 0) {
        span.arguments = {{"input tokens", fmt::format("{}", slow.state.input_tokens)},
                          {"output tokens", fmt::format("{}", slow.state.output_tokens)},
                          {"reused tokens", fmt::format("{}", slow.state.cached_tokens)},
                          {"preemptions", fmt::format("{}", slow.state.preempted_count)}};
      }
      lane.spans.push_back(std::move(span));
    }
    timeline.lanes.push_back(std::move(lane));
  }
  if (!timeline.lanes.empty()) result.timelines.push_back(std::move(timeline));
}

void add_step_trace(const SimulationOutput& out, Result& result) {
  if (out.spans.empty()) return;
  std::map<int32_t, Lane> lanes;
  for (const StepSpan& s : out.spans) {
    Lane& lane = lanes[s.instance];
    lane.name = fmt::format("instance {}", s.instance);
    const std::string name = s.prefill_tokens > 0
                                 ? (s.decoding > 0 ? "prefill + decode" : "prefill")
                                 : (s.steps > 1 ? fmt::format("decode x {}", s.steps) : "decode");
    lane.spans.push_back({name,
                          s.start.seconds(),
                          s.end - s.start,
                          {{"steps", fmt::format("{}", s.steps)},
                           {"decoding sequences", fmt::format("{}", s.decoding)},
                           {"prompt tokens", fmt::format("{}", s.prefill_tokens)}}});
  }
  Timeline timeline{"steps", "Steps of each instance", {}};
  for (auto& [index, lane] : lanes) timeline.lanes.push_back(std::move(lane));
  result.timelines.push_back(std::move(timeline));
}

}  // namespace penstock::serving
