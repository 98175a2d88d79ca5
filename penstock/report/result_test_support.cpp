// Goal: results as full as a real run, as empty as a failed one and as hostile as a user can make
// them. Method: smooth made-up functions of time, no random numbers, so texts can be compared.
#include "penstock/report/result_test_support.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>

namespace penstock::report {
namespace {

constexpr double kHour = 3600.0;
constexpr int kBuckets = 300;

// a wobble that looks like traffic and needs no random numbers
double wobble(double t, double period, double phase) {
  return std::sin(2.0 * M_PI * t / period + phase);
}

double load_at(double t) {
  const double slow = 0.62 + 0.22 * wobble(t, kHour, -1.2);
  const double fast = 0.09 * wobble(t, 417.0, 0.4) + 0.06 * wobble(t, 97.0, 2.0);
  const double burst = std::exp(-std::pow((t - 2100.0) / 110.0, 2.0)) * 0.45;
  return std::max(0.05, slow + fast + burst + 0.04 * wobble(t, 23.0, 1.0));
}

template <class Function>
Line series(std::string name, Function y_at) {
  Line line;
  line.name = std::move(name);
  for (int i = 0; i < kBuckets; ++i) {
    const double t = (i + 0.5) * kHour / kBuckets;
    line.x.push_back(t);
    line.y.push_back(y_at(t));
  }
  return line;
}

// the distribution function of a log-normal with a heavy tail
Line cdf_line(std::string name, double median, double sigma, double tail) {
  Line line;
  line.name = std::move(name);
  for (int i = 1; i <= kBuckets; ++i) {
    const double share = (i - 0.5) / kBuckets;
    // Tukey's lambda approximation of the normal quantile
    const double z = 4.91 * (std::pow(share, 0.14) - std::pow(1.0 - share, 0.14));
    const double stretch = share > 0.9 ? 1.0 + tail * (share - 0.9) * 10.0 : 1.0;
    line.x.push_back(median * std::exp(sigma * z) * stretch);
    line.y.push_back(share);
  }
  return line;
}

Line bound(std::string name, double height) {
  Line line;
  line.name = std::move(name);
  line.x = {0.0, kHour};
  line.y = {height, height};
  line.guide = true;
  return line;
}

void add_distributions(Result& result) {
  Plot latency{"latency_cdf",
               "How long requests waited for their first token, and in all",
               PlotKind::kCdf,
               "latency",
               "s",
               "share of requests",
               "",
               {},
               {}};
  latency.lines.push_back(cdf_line("TTFT", 0.21, 0.62, 2.2));
  latency.lines.push_back(cdf_line("end to end", 6.4, 0.85, 0.4));
  Plot tpot{"tpot_cdf",
            "Time per output token",
            PlotKind::kCdf,
            "time per token",
            "s",
            "share of requests",
            "",
            {},
            {}};
  tpot.lines.push_back(cdf_line("TPOT", 0.031, 0.18, 0.2));
  tpot.lines.push_back(cdf_line("ITL", 0.027, 0.34, 1.5));
  result.plots.push_back(std::move(latency));
  result.plots.push_back(std::move(tpot));
}

void add_series(Result& result) {
  Plot throughput{"throughput",
                  "Tokens per second",
                  PlotKind::kStacked,
                  "time",
                  "s",
                  "throughput",
                  "token/s",
                  {},
                  {}};
  throughput.lines.push_back(series("prompt tokens", [](double t) { return 5200.0 * load_at(t); }));
  throughput.lines.push_back(
      series("output tokens", [](double t) { return 1480.0 * load_at(t - 20.0); }));
  Plot batch{
      "batch", "Sequences in the batch", PlotKind::kLine, "time", "s", "sequences", "sequence", {},
      {}};
  batch.lines.push_back(
      series("decoding", [](double t) { return std::floor(64.0 * load_at(t - 15.0)); }));
  batch.lines.push_back(
      series("prefilling", [](double t) { return std::floor(3.5 * load_at(t)); }));
  Plot kv{"kv_use", "KV cache in use", PlotKind::kLine, "time", "s", "share of pages", "", {}, {}};
  kv.lines.push_back(
      series("in use", [](double t) { return std::min(1.0, 0.86 * load_at(t - 40.0)); }));
  kv.lines.push_back(bound("watermark", 0.99));
  Plot queue{"queue",
             "Requests waiting to be admitted",
             PlotKind::kLine,
             "time",
             "s",
             "requests",
             "request",
             {},
             {}};
  queue.lines.push_back(series(
      "waiting", [](double t) { return std::floor(std::max(0.0, load_at(t) - 0.92) * 210.0); }));
  Plot power{"power", "Power of the accelerators", PlotKind::kLine, "time", "s", "power", "W", {},
             {}};
  power.lines.push_back(
      series("accelerators", [](double t) { return 1120.0 + 1500.0 * std::min(1.0, load_at(t)); }));
  power.lines.push_back(bound("thermal design power", 3200.0));
  for (Plot* plot : {&throughput, &batch, &kv, &queue, &power}) {
    result.plots.push_back(std::move(*plot));
  }
}

void add_step(Result& result) {
  Plot bars{"step_breakdown",
            "Where a step's time goes",
            PlotKind::kBars,
            "step",
            "",
            "duration",
            "s",
            {},
            {"decode, batch 64, context 4,096", "prefill chunk of 2,048",
             "mixed: 1,024 prefill + 48 decode"}};
  struct Part {
    const char* name;
    std::array<double, 3> seconds;
  };
  const std::array<Part, 7> parts = {{{"MLP GEMMs", {11.2e-3, 41.0e-3, 27.4e-3}},
                                      {"QKV and output GEMMs", {4.1e-3, 14.2e-3, 9.1e-3}},
                                      {"attention", {6.9e-3, 7.7e-3, 8.2e-3}},
                                      {"norms, rotary, activation", {0.6e-3, 2.9e-3, 1.8e-3}},
                                      {"all-reduce", {0.9e-3, 3.6e-3, 2.2e-3}},
                                      {"LM head and sampling", {0.8e-3, 0.2e-3, 0.8e-3}},
                                      {"launch and engine overhead", {2.4e-3, 2.4e-3, 2.4e-3}}}};
  for (const Part& part : parts) {
    bars.lines.push_back(
        {part.name, {0, 1, 2}, {part.seconds.begin(), part.seconds.end()}, false, {}});
  }
  Plot roofline{"roofline",
                "Roofline: what binds each operator",
                PlotKind::kScatter,
                "arithmetic intensity",
                "FLOP/B",
                "achieved rate",
                "FLOP/s",
                {},
                {}};
  roofline.lines.push_back(
      {"GEMM",
       {62, 61, 118, 480, 510},
       {96e12, 91e12, 148e12, 236e12, 248e12},
       false,
       {"QKV", "output", "gate and up", "down, prefill", "gate and up, prefill"}});
  roofline.lines.push_back({"attention",
                            {1.9, 3.8, 96},
                            {3.1e12, 6.0e12, 121e12},
                            false,
                            {"decode", "decode, GQA", "prefill"}});
  roofline.lines.push_back({"element-wise",
                            {0.12, 0.25, 0.5},
                            {0.19e12, 0.36e12, 0.61e12},
                            false,
                            {"RMSNorm", "rotary", "SiLU"}});
  roofline.lines.push_back({"memory, 2.04 TB/s and BF16, 312 TFLOP/s",
                            {0.01, 152.9, 1e5},
                            {0.01 * 2.04e12, 312e12, 312e12},
                            true,
                            {}});
  result.plots.push_back(std::move(bars));
  result.plots.push_back(std::move(roofline));
}

void add_tables(Result& result) {
  Table operators{"operators",
                  "Operators of the typical decode step",
                  {{"operator", ""},
                   {"bound by", ""},
                   {"count", ""},
                   {"duration", "s"},
                   {"share", ""},
                   {"FLOP", "FLOP"},
                   {"bytes", "B"},
                   {"energy", "J"}},
                  {}};
  operators.rows = {
      {"gate and up projection", "memory", int64_t{32}, 7.61e-3, 0.283, 240.5e9, 15.03e9, 1.91},
      {"down projection", "memory", int64_t{32}, 3.59e-3, 0.133, 120.3e9, 7.52e9, 0.94},
      {"attention, decode (GQA 32:8)", "memory", int64_t{32}, 6.9e-3, 0.256, 137.4e9, 34.36e9, 2.2},
      {"QKV projection", "memory", int64_t{32}, 2.44e-3, 0.091, 51.5e9, 3.2e9, 0.4},
      {"RMSNorm", "launch", int64_t{65}, 0.31e-3, 0.0115, 0.27e9, 0.07e9, 0.01},
      {"LM head", "memory", int64_t{1}, 0.71e-3, 0.026, 67.2e9, 1.06e9, 0.17}};
  Table replicas{"replicas",
                 "Replicas",
                 {{"replica", ""},
                  {"requests", ""},
                  {"output throughput", "token/s"},
                  {"busy", ""},
                  {"preemptions", ""},
                  {"cost", "$"}},
                 {}};
  for (int i = 0; i < 4; ++i) {
    replicas.rows.push_back({fmt::format("serving/{}", i), int64_t{4838 + 7 * i}, 1128.4 + 3.1 * i,
                             0.861 + 0.004 * i, int64_t{i % 2 == 0 ? 0 : 3}, 1.79});
  }
  result.tables.push_back(std::move(operators));
  result.tables.push_back(std::move(replicas));
}

void add_waterfall(Result& result) {
  Timeline slow{"slowest_requests", "The ten slowest requests, from their arrival on", {}, true};
  for (int i = 0; i < 10; ++i) {
    double t = 2040.0 + 11.7 * i;
    Lane lane{fmt::format("request {:>5}  ({:>5} in, {:>3} out)", 11204 + 37 * i, 3900 - 210 * i,
                          610 - 23 * i),
              {}};
    const auto add = [&](const char* name, double seconds) {
      lane.spans.push_back({name, Seconds(t), Seconds(seconds), {{"batch", "64"}}});
      t += seconds;
    };
    add("queue", 3.2 + 0.41 * ((i * 7) % 5));
    add("prefill", 0.42 + 0.05 * ((i * 3) % 4));
    add("decode", 9.0 - 0.3 * i);
    if (i % 3 == 0) {
      add("preempted", 2.1 + 0.4 * i);
      add("prefill", 0.55);
      add("decode", 8.2);
    } else {
      add("decode", 8.8 - 0.2 * i);
    }
    slow.lanes.push_back(std::move(lane));
  }
  result.timelines.push_back(std::move(slow));
}

}  // namespace

Result realistic_result() {
  Result result;
  result.name = "azure_conversation_hour";
  result.description =
      "The Azure 2023 conversation hour (19,366 requests) on four replicas of Llama 3.1 8B, one "
      "A100 each, vLLM preset.";
  result.scenario_yaml =
      "name: azure_conversation_hour\nserving:\n  model: llama_3_1_8b\n  accelerator: "
      "a100_sxm_80gb\n"
      "  replicas: 4\n  engine: vllm_0_8\n  router: least_outstanding_tokens\nworkload:\n"
      "  generator: azure_conversation\n  duration: 1 h\n";
  result.scenario_hash = "9f2c41d7a0b83e55";
  result.catalog_hash = "41b7e0229c6d8f13";
  result.version = "0.1.0";
  result.seed = 7;
  result.metrics = {{"serving.ttft.p50", 0.2112, "s", 0.189, 0.238},
                    {"serving.ttft.p99", 1.874, "s", 1.61, 2.2},
                    {"serving.tpot.mean", 0.0314, "s", 0.0299, 0.0331},
                    {"serving.output_throughput", 4512.3, "token/s", 4390.0, 4601.0},
                    {"serving.goodput", 0.9713, "", 0.958, 0.981},
                    {"serving.requests.completed", 19360, "request", {}, {}},
                    {"serving.energy_per_output_token", 3.21, "J/token", 2.8, 3.7},
                    {"economics.cost_per_million_output_tokens", 0.2134, "$/Mtoken", 0.19, 0.24},
                    {"serving.kv_use.peak", 0.912, "", {}, {}}};
  for (const Metric& metric : result.metrics) result.headline.push_back(metric.name);
  result.headline.pop_back();
  add_distributions(result);
  add_series(result);
  add_step(result);
  add_tables(result);
  add_waterfall(result);
  result.ledger = {{"requests", "19,366 arrived", "19,360 completed + 6 timed out", true},
                   {"output tokens", "4,086,213 asked", "4,085,001 made + 1,212 given up", true},
                   {"KV pages", "1,204,551 allocated", "1,204,551 freed", true},
                   {"joules", "9.31 MJ from operators", "9.31 MJ from power over time", true}};
  result.inputs = {
      {"a100_sxm_80gb.memory_bandwidth", "2.04 TB/s", "NVIDIA A100 data sheet", "2022-06", "high"},
      {"a100_sxm_80gb.price", "$1.79/h", "public cloud list price, median of 5", "2025-10",
       "medium"},
      {"efficiency.gemm.bf16", "0.76 of peak", "first set, before calibration", "2025-11", "low"},
      {"engine.vllm.step_overhead", "2.4 ms", "reading of published traces", "2025-11", "low"},
      {"a100_sxm_80gb.idle_power", "62 W", "measured on one card", "2025-10", "medium"}};
  result.notes = {"Energy and cost are first estimates: no calibration against a power meter yet.",
                  "Step times come from a roofline with plain efficiencies; bands are wide for a "
                  "reason."};
  return result;
}

Result infeasible_result() {
  Result result;
  result.name = "too_large";
  result.description = "Llama 3.1 405B in BF16 on one H100.";
  result.version = "0.1.0";
  result.infeasible =
      "weights 811 GB exceed HBM 1 x 80 GB = 80 GB at TP 1; the least that fits is TP 16";
  result.headline = {"serving.ttft.p50"};
  return result;
}

Result hostile_result() {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::string evil = "</script><img src=x onerror=alert(1)>\"'&\x1b[31m\xff";
  Result result;
  result.name = evil;
  result.description = evil;
  result.scenario_yaml = "model: " + evil + "\r\n\tkey: \xc3\x28\n";
  result.version = evil;
  result.headline = {evil, "a.b"};
  result.metrics = {{evil, kNan, evil, kNan, kInfinity}, {"a.b", 1e300, "s", -kInfinity, 5e-324}};
  result.tables.push_back({evil, evil, {{evil, evil}, {"n", "s"}}, {{evil, kNan}, {kInfinity}}});
  for (const PlotKind kind :
       {PlotKind::kLine, PlotKind::kStacked, PlotKind::kCdf, PlotKind::kBars, PlotKind::kScatter}) {
    Plot plot{evil, evil, kind, evil, evil, evil, evil, {}, {evil, evil}};
    plot.lines.push_back(
        {evil, {0.0, kNan, 1.0, -1.0, 1e300}, {kInfinity, 0.0, 1e300, 1.0}, false, {evil}});
    plot.lines.push_back({"one point", {5.0}, {0.5}, false, {}});
    plot.lines.push_back({"empty", {}, {}, true, {}});
    result.plots.push_back(plot);
    plot.lines.clear();
    plot.categories.clear();
    result.plots.push_back(std::move(plot));
  }
  result.timelines.push_back({evil,
                              evil,
                              {{evil,
                                {{evil, Seconds(kNan), Seconds(1.0), {{evil, evil}}},
                                 {"decode", Seconds(1.0), Seconds(0.0), {}}}},
                               {"empty lane", {}}},
                              false});
  result.timelines.push_back({"none", "", {}, true});
  result.ledger = {{evil, evil, evil, false}};
  result.inputs = {{evil, evil, evil, evil, "low"}, {evil, evil, evil, evil, evil}};
  result.notes = {evil, ""};
  return result;
}

}  // namespace penstock::report
