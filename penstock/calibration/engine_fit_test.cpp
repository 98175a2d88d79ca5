// Goal: an engine's coefficients come back from runs that a known engine made.
#include "penstock/calibration/engine_fit.h"

#include <gtest/gtest.h>

#include <cmath>

namespace penstock::calibration {
namespace {

/// TPOT and TTFT of a made-up deployment of `sequences`, linear in the coefficients.
SeenLatencies made_up(const serving::EngineConfig& e, double sequences) {
  const Seconds kernels = 5.0_ms + *e.kernel_gap_max * 300.0 + 1.0_ms * e.elementwise_fraction;
  const Seconds tpot = kernels + e.step_overhead + e.sequence_overhead * sequences;
  return {tpot + e.request_overhead + e.prefill_overhead + 20.0_ms, tpot};
}

TEST(EngineFit, FollowsAKnownEngine) {
  serving::EngineConfig truth;
  truth.step_overhead = 3.0_ms;
  truth.sequence_overhead = Seconds(2e-5);
  truth.request_overhead = 60.0_ms;
  truth.prefill_overhead = 5.0_ms;
  truth.kernel_gap_max = Seconds(2e-6);
  truth.elementwise_fraction = 0.5;
  std::vector<EngineRun> runs;
  for (int i = 0; i < 30; ++i) {
    const double sequences = 1 << (i % 10);
    runs.push_back({i % 2 == 0 ? "one" : "other", made_up(truth, sequences),
                    [sequences](const serving::EngineConfig& e, BandEnd) {
                      return std::optional(made_up(e, sequences));
                    }});
  }
  const EngineFit fit = fit_engine({}, runs, {});
  EXPECT_EQ(fit.run_count, 30U);
  EXPECT_LT(fit.tpot_seen.p90_fraction, 0.01);
  EXPECT_LT(fit.tpot_unseen.p90_fraction, 0.02);
  EXPECT_LT(fit.ttft_unseen.p90_fraction, 0.05);
  EXPECT_NEAR(fit.engine.sequence_overhead / truth.sequence_overhead, 1.0, 0.1);
}

TEST(EngineFit, TheBandLeavesATenthOfTheRunsBeyondEitherEnd) {
  serving::EngineConfig truth;
  truth.step_overhead = 3.0_ms;
  truth.request_overhead = 60.0_ms;
  truth.kernel_gap_max = Seconds(1e-6);
  std::vector<EngineRun> runs;
  // host times of the runs spread over a factor of two either way, evenly in their logarithms
  for (int i = 0; i < 40; ++i) {
    serving::EngineConfig of_run = truth;
    of_run.step_overhead = truth.step_overhead * std::exp2((i % 20) / 9.5 - 1.0);
    of_run.request_overhead = truth.request_overhead * std::exp2((i * 7 % 20) / 9.5 - 1.0);
    runs.push_back({i < 20 ? "one" : "other", made_up(of_run, 8.0),
                    [](const serving::EngineConfig& e, BandEnd end) {
                      const bool high = end == BandEnd::kHigh;
                      const serving::EngineConfig engine =
                          end == BandEnd::kTypical ? e : serving::at_band_end(e, high);
                      return std::optional(made_up(engine, 8.0));
                    }});
  }
  const EngineFit fit = fit_engine({}, runs, {});
  for (const RunsBeyond& beyond : {fit.below, fit.above}) {
    EXPECT_LE(beyond.tpot_fraction, 0.1);
    EXPECT_LE(beyond.ttft_fraction, 0.1);
    EXPECT_GE(beyond.ttft_fraction, 0.025) << "wider than the runs ask for";
  }
  EXPECT_LT(fit.engine.host_low_factor, 0.9);
  EXPECT_GT(fit.engine.host_high_factor, 1.1);
  EXPECT_LT(fit.engine.prompt_low_factor, 0.9);
  EXPECT_GT(fit.engine.prompt_high_factor, 1.1);
}

TEST(EngineFit, WithoutRunsThePresetStays) {
  serving::EngineConfig preset;
  preset.step_overhead = 7.0_ms;
  const EngineFit fit = fit_engine(preset, {}, {});
  EXPECT_EQ(fit.run_count, 0U);
  EXPECT_EQ(fit.engine.step_overhead, 7.0_ms);
}

}  // namespace
}  // namespace penstock::calibration
