// Goal: an engine's host times move with its band, each by its own factor.
#include "penstock/serving/config.h"

#include <gtest/gtest.h>

namespace penstock::serving {
namespace {

TEST(AtBandEnd, StepsAndPromptsHaveFactorsOfTheirOwn) {
  EngineConfig engine;
  engine.step_overhead = 4.0_ms;
  engine.sequence_overhead = 8.0_ms;
  engine.prefill_overhead = 16.0_ms;
  engine.request_overhead = 32.0_ms;
  engine.host_low_factor = 0.5;
  engine.host_high_factor = 2.0;
  engine.prompt_low_factor = 0.25;
  engine.prompt_high_factor = 4.0;
  const EngineConfig low = at_band_end(engine, false);
  EXPECT_EQ(low.step_overhead, 2.0_ms);
  EXPECT_EQ(low.sequence_overhead, 4.0_ms);
  EXPECT_EQ(low.prefill_overhead, 4.0_ms);
  EXPECT_EQ(low.request_overhead, 8.0_ms);
  const EngineConfig high = at_band_end(engine, true);
  EXPECT_EQ(high.step_overhead, 8.0_ms);
  EXPECT_EQ(high.sequence_overhead, 16.0_ms);
  EXPECT_EQ(high.prefill_overhead, 64.0_ms);
  EXPECT_EQ(high.request_overhead, 128.0_ms);
}

TEST(TakeCoefficients, BringsTheBandAlong) {
  EngineConfig from;
  from.host_low_factor = 0.5;
  from.prompt_high_factor = 3.0;
  from.page_tokens = 64;
  EngineConfig to;
  take_coefficients(from, to);
  EXPECT_EQ(to.host_low_factor, 0.5);
  EXPECT_EQ(to.prompt_high_factor, 3.0);
  EXPECT_EQ(to.page_tokens, EngineConfig{}.page_tokens) << "knobs stay";
}

}  // namespace
}  // namespace penstock::serving
