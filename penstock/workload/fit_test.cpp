// Goal: a fitted generator stands for its trace: gaps, lengths, their correlation, the number of
// requests. Method: fit generated traces whose law is known, the real Azure hours where they are
// present, and compare what the generator draws with the trace, seed by seed.
#include "penstock/workload/fit.h"

#include <gtest/gtest.h>

#include <array>

#include "penstock/workload/preset_text.h"
#include "penstock/workload/trace_distance.h"
#include "penstock/workload/trace_test_support.h"
#include "penstock/workload/workload_test_support.h"

namespace penstock::workload {
namespace {

using testing::shared_trace;

/// One pass of a generator's profile.
Trace drawn(const GeneratorConfig& generator, uint64_t seed) {
  WorkloadConfig config;
  apply_preset(config, generator);
  if (!generator.arrivals->span()) config.requests = 1;
  return collect(*make_stream(config, seed));
}

WorkloadPreset preset_of(const std::string& text) {
  Findings findings;
  auto preset = read_config<WorkloadPreset>(testing::yaml(text, findings), findings);
  findings.throw_if_any();
  return preset;
}

Trace trace_of(const std::string& workload, uint64_t seed) {
  return collect(*make_stream(testing::workload(workload), seed));
}

double mean(const std::vector<int64_t>& values) {
  return testing::mean_of({values.begin(), values.end()});
}

TEST(Fit, FindsTheLawOfGeneratedTraffic) {
  const Trace trace = trace_of(
      "arrivals: {process: gamma_renewal, rate: 8 req/s, burstiness: 1.6}\n"
      "lengths: {input: {distribution: lognormal, median_tokens: 700, sigma: 0.9, max_tokens: "
      "20000},"
      " output: {distribution: lognormal, median_tokens: 150, sigma: 0.7, max_tokens: 4000},"
      " correlation: 0.5}\n"
      "duration: 1 h\n",
      7);
  const GeneratorConfig fitted = fit_generator(trace);
  EXPECT_EQ(fitted.arrivals.name, "piecewise_rate");
  EXPECT_NEAR(fitted.arrivals->mean_rate().value(), 8.0, 0.3);
  EXPECT_NEAR(fitted.lengths.correlation_ratio, 0.5, 0.03);
  const TraceDistance d = distance(trace, drawn(fitted, 3));
  EXPECT_LT(d.gaps_fraction, 0.02);
  EXPECT_LT(d.inputs_fraction, 0.02);
  EXPECT_LT(d.outputs_fraction, 0.02);
  EXPECT_NEAR(d.requests_ratio, 1.0, 0.04);
  EXPECT_NEAR(d.correlation_factor, 0.0, 0.03);
}

TEST(Fit, FollowsARateThatChanges) {
  const Trace trace = trace_of(
      "arrivals: {process: piecewise_rate, until: [30 min, 1 h], rates: [2 req/s, 10 req/s]}\n"
      "lengths: {input: {distribution: fixed, tokens: 9}, output: {distribution: fixed, tokens: "
      "3}}\n",
      1);
  const Trace again = drawn(fit_generator(trace), 2);
  const auto in_first_half = [](const Trace& t) {
    return static_cast<double>(std::count_if(t.arrivals.begin(), t.arrivals.end(), [](Time at) {
      return at.seconds() < Seconds(1800.0);
    }));
  };
  EXPECT_NEAR(in_first_half(again) / in_first_half(trace), 1.0, 0.06);
  EXPECT_NEAR(static_cast<double>(again.size()) / static_cast<double>(trace.size()), 1.0, 0.04);
  EXPECT_EQ(again.input_tokens.front(), 9);
  EXPECT_EQ(again.output_tokens.back(), 3);
}

TEST(Fit, KeepsSilencesAndBursts) {
  // fifty bursts of forty arrivals about a tenth of a second apart, a minute of silence between
  Rng rng(5, "test");
  Trace trace;
  Request request;
  for (int64_t i = 0; i < 2000; ++i) {
    const Seconds gap = i % 40 == 0 ? 60.0_s : Seconds(0.05 + 0.1 * rng.uniform_factor());
    if (i > 0) request.arrival = request.arrival.after(gap);
    request.input_tokens = 10 + i % 7;
    request.output_tokens = 5;
    trace.add(request);
  }
  const TraceDistance d = distance(trace, drawn(fit_generator(trace), 1));
  EXPECT_LT(d.gaps_fraction, 0.08);
  EXPECT_NEAR(d.requests_ratio, 1.0, 0.03);
  EXPECT_LT(d.inputs_fraction, 0.04);
}

TEST(Fit, TakesTracesTooSmallForAProfile) {
  Trace one;
  Request request;
  request.input_tokens = 12;
  request.output_tokens = 34;
  one.add(request);
  const GeneratorConfig fitted = fit_generator(one);
  EXPECT_EQ(fitted.arrivals.name, "at_once");
  const Trace again = drawn(fitted, 1);
  EXPECT_EQ(again.input_tokens, std::vector<int64_t>{12});
  EXPECT_EQ(again.output_tokens, std::vector<int64_t>{34});
  request.arrival = Time::from_seconds(20.0_s);
  request.input_tokens = 1;
  one.add(request);
  EXPECT_EQ(fit_generator(one).arrivals->span(), 20.0_s);
}

TEST(Fit, TakesManyArrivalsAtOneInstant) {
  // ten a second at whole seconds, as logs with stamps in seconds have them
  Trace trace;
  for (int64_t i = 0; i < 20'000; ++i) {
    Request request;
    request.arrival = Time::from_seconds(Seconds(static_cast<double>(i / 10)));
    request.input_tokens = 1;
    request.output_tokens = 1;
    trace.add(request);
  }
  const TraceDistance d = distance(trace, drawn(fit_generator(trace), 1));
  EXPECT_NEAR(d.requests_ratio, 1.0, 0.05);
  EXPECT_EQ(d.inputs_fraction, 0.0);
}

TEST(Fit, AnyTraceCanBeFittedAndDrawn) {
  // lumps, silences, single picoseconds and months, at random: a fit is never a bug of ours
  constexpr std::array<int64_t, 9> kGaps = {0,
                                            0,
                                            1,
                                            1'000'000,
                                            1'000'000'000,
                                            1'000'000'000'000,
                                            60'000'000'000'000,
                                            3'600'000'000'000'000,
                                            80'000'000'000'000'000};
  constexpr std::array<int64_t, 6> kTokens = {1, 2, 3, 1'000, 1'000'000'000, kTokensMax};
  Rng rng(1, "test");
  for (int round = 0; round < 400; ++round) {
    const int64_t size = 1 + rng.below(round % 2 == 0 ? 6 : 90);
    const int64_t kinds = 1 + rng.below(kGaps.size());
    Trace trace;
    Request request;
    for (int64_t i = 0; i < size; ++i) {
      request.arrival =
          Time::from_picoseconds(request.arrival.picoseconds() +
                                 (i == 0 ? 0 : kGaps[static_cast<size_t>(rng.below(kinds))]));
      request.input_tokens = kTokens[static_cast<size_t>(rng.below(kTokens.size()))];
      request.output_tokens = kTokens[static_cast<size_t>(rng.below(kTokens.size()))];
      trace.add(request);
    }
    const GeneratorConfig fitted = fit_generator(trace);
    WorkloadConfig config;
    apply_preset(config, fitted);
    config.requests = 50;
    const Trace again = collect(*make_stream(config, 1));
    for (const int64_t tokens : again.input_tokens) {
      EXPECT_GE(tokens, 1);
      EXPECT_LE(tokens, kTokensMax);
    }
    WorkloadPreset preset;
    preset.generator = fitted;
    EXPECT_EQ(preset_text(preset_of(preset_text(preset) + "summary: s\nsource: s\ndate: d\n")),
              "summary: s\nsource: s\ndate: d\n" + preset_text(preset))
        << "round " << round;
  }
}

TEST(Fit, PresetReadsBackToItself) {
  const Trace trace = trace_of(
      "arrivals: {process: poisson, rate: 3 req/s}\n"
      "lengths: {input: {distribution: uniform, min_tokens: 1, max_tokens: 50}, output: "
      "{distribution: fixed, "
      "tokens: 3}}\nduration: 20 min\n",
      1);
  WorkloadPreset preset;
  preset.id = "mine";
  preset.summary = "Poisson: three a second";
  preset.source = "a test";
  preset.date = "2026-01";
  preset.generator = fit_generator(trace);
  preset.generator.lengths.correlation_ratio = -0.25;
  const std::string text = preset_text(preset);
  const WorkloadPreset again = preset_of(text);
  EXPECT_EQ(preset_text(again), text);
  EXPECT_EQ(again.summary, preset.summary);
  EXPECT_EQ(distance(drawn(preset.generator, 5), drawn(again.generator, 5)).gaps_fraction, 0.0);
}

/// A preset of data/workloads beside the recorded hour that it was fitted to.
struct RecordedCase {
  std::string preset;
  std::string file;
  int64_t requests;
};

class RecordedHour : public ::testing::TestWithParam<RecordedCase> {};

TEST_P(RecordedHour, PresetIsCloseToTheTrace) {
  const auto path = shared_trace(GetParam().file);
  if (!path) GTEST_SKIP() << "no shared traces here; set PENSTOCK_SHARED to their folder";
  const char* root = std::getenv("PENSTOCK_SOURCE_DIR");
  ASSERT_NE(root, nullptr) << "PENSTOCK_SOURCE_DIR is the tree under test";
  Findings findings;
  const Trace trace = read_trace(*path, findings);
  const auto source =
      read_source(std::string(root) + "/data/workloads/" + GetParam().preset + ".yaml", findings);
  findings.throw_if_any();
  const WorkloadPreset preset = preset_of(source->text);
  EXPECT_EQ(static_cast<int64_t>(trace.size()), GetParam().requests);
  for (const uint64_t seed : {1U, 2U, 3U}) {
    const Trace hour = drawn(preset.generator, seed);
    const TraceDistance d = distance(trace, hour);
    const std::string numbers = fmt::format(
        "{} seed {}: KS gaps {:.4f}, inputs {:.4f}, outputs {:.4f}; requests x{:.4f}, rank "
        "correlation {:+.4f}, mean input x{:.4f}, mean output x{:.4f}",
        GetParam().preset, seed, d.gaps_fraction, d.inputs_fraction, d.outputs_fraction,
        d.requests_ratio, d.correlation_factor, mean(hour.input_tokens) / mean(trace.input_tokens),
        mean(hour.output_tokens) / mean(trace.output_tokens));
    RecordProperty("seed" + std::to_string(seed), numbers);
    EXPECT_LE(d.gaps_fraction, 0.03) << numbers;
    EXPECT_LE(d.inputs_fraction, 0.03) << numbers;
    EXPECT_LE(d.outputs_fraction, 0.03) << numbers;
    EXPECT_NEAR(d.requests_ratio, 1.0, 0.05) << numbers;
    EXPECT_NEAR(d.correlation_factor, 0.0, 0.05) << numbers;
    // throughput is sums of tokens: a close distribution with a wrong tail would miss them
    EXPECT_NEAR(mean(hour.input_tokens) / mean(trace.input_tokens), 1.0, 0.03) << numbers;
    EXPECT_NEAR(mean(hour.output_tokens) / mean(trace.output_tokens), 1.0, 0.03) << numbers;
  }
}

INSTANTIATE_TEST_SUITE_P(Azure, RecordedHour,
                         ::testing::Values(RecordedCase{"azure_conversation_2023",
                                                        "AzureLLMInferenceTrace_conv.csv", 19'366},
                                           RecordedCase{"azure_code_2023",
                                                        "AzureLLMInferenceTrace_code.csv", 8'819}),
                         [](const auto& row) { return row.param.preset; });

}  // namespace
}  // namespace penstock::workload
