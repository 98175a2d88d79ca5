// Goal: a step lasts as long as its operators and the engine's overhead together, grows with what
// is put into it, and pipeline stages shorten it only for a batch that fills them.
// Method: random batches of a tiny model, the closed form against operators priced one by one.
#include "penstock/serving/step_model.h"

#include <gtest/gtest.h>

#include "penstock/base/rng.h"
#include "penstock/serving/scene_test_support.h"
#include "penstock/serving/step_table.h"

namespace penstock::serving {
namespace {

Seconds overhead(StepModel& model, const StepBatch& batch) {
  const auto sequences = batch.decode_count + static_cast<int64_t>(batch.chunks.size());
  return Fine{model.overhead(sequences, !batch.chunks.empty())}.seconds();
}

TEST(StepModel, AStepIsTheSumOfItsOperators) {
  TinyModel tiny;
  StepModel& model = tiny.steps();
  Rng rng(1, "batches");
  for (int i = 0; i < 300; ++i) {
    StepBatch batch;
    batch.decode_count = rng.below(200);
    batch.context = 1 + rng.below(50000);
    if (rng.below(2) == 0) batch.chunks.push_back({1 + rng.below(4096), rng.below(20000)});
    if (batch.decode_count == 0 && batch.chunks.empty()) continue;
    Seconds sum = overhead(model, batch);
    for (const PricedOperator& op : priced_operators(model, batch)) sum += op.duration;
    const Seconds step = step_duration(model, batch);
    ASSERT_NEAR(step / sum, 1.0, 1e-9) << batch.decode_count << " sequences at " << batch.context;
  }
}

TEST(StepModel, ExpertsCountWithOneAttentionGroupToo) {
  for (const int64_t expert : {1, 4}) {
    TinyModel tiny({.tensor = 4, .expert = expert}, TinyModel::kOptions, {8, 2, 1024});
    StepModel& model = tiny.steps();
    const StepBatch batch{64, 1000, {{100, 0}}};
    Seconds sum = overhead(model, batch);
    Seconds experts;
    for (const PricedOperator& op : priced_operators(model, batch)) {
      sum += op.duration;
      if (op.op.section == compute::Section::kExperts) experts += op.duration;
    }
    EXPECT_GT(experts, Seconds());
    EXPECT_NEAR(step_duration(model, batch) / sum, 1.0, 1e-9);
  }
}

TEST(StepModel, MoreWorkNeverTakesLess) {
  TinyModel tiny;
  StepModel& model = tiny.steps();
  Seconds before;
  for (int64_t sequences = 1; sequences <= 256; ++sequences) {
    const Seconds step = step_duration(model, {sequences, 1000, {}});
    EXPECT_GT(step, before) << sequences << " sequences";
    before = step;
  }
  before = {};
  for (int64_t context = 1; context < 100000; context += 777) {
    const Seconds step = step_duration(model, {16, context, {}});
    EXPECT_GT(step, before) << context << " tokens of context";
    before = step;
  }
  before = {};
  for (int64_t tokens = 1; tokens <= 8192; tokens += 61) {
    const Seconds step = step_duration(model, {0, 1, {{tokens, 0}}});
    EXPECT_GE(step, before) << tokens << " prompt tokens";
    before = step;
  }
}

TEST(StepModel, TheLinesOfACurveMeet) {
  TinyModel tiny;
  for (const int64_t sequences : {1, 2, 16, 255}) {
    const DecodeCurve& curve = tiny.steps().curve(sequences);
    for (const std::vector<Segment>& segments : curve.classes) {
      ASSERT_EQ(segments.front().start, 0);
      for (size_t i = 1; i < segments.size(); ++i) {
        const Segment& low = segments[i - 1];
        const Segment& high = segments[i];
        ASSERT_LT(low.start, high.start);
        ASSERT_LE(low.slope, high.slope) << "a maximum of lines only gets steeper";
        const Int128 end = low.value + Int128{low.slope} * (high.start - low.start);
        // one unit of S beyond the crossing at most
        ASSERT_LE(high.value - end, Int128{high.slope - low.slope} + 2);
        ASSERT_GE(high.value - end, -Int128{high.start} - 2) << "slopes are rounded to whole ticks";
      }
    }
  }
}

TEST(StepModel, OverheadCountsStepAndSequences) {
  TinyModel tiny;
  const Seconds one = Fine{tiny.steps().overhead(1, false)}.seconds();
  const Seconds hundred = Fine{tiny.steps().overhead(100, false)}.seconds();
  EXPECT_NEAR(one.value(), 1.1e-5, 1e-12);
  EXPECT_NEAR(hundred.value(), 1.1e-4, 1e-12);
}

TEST(StepModel, StagesGiveThroughputNotLatency) {
  TinyModel whole;
  TinyModel staged({.tensor = 1, .pipeline = 2});
  for (const int64_t context : {100, 10000, 90000}) {
    EXPECT_GE(step_duration(staged.steps(), {1, context, {}}),
              step_duration(whole.steps(), {1, context, {}}))
        << "a lone sequence passes both stages and the hand-over";
    const Seconds full = step_duration(staged.steps(), {200, context, {}});
    const Seconds alone = step_duration(whole.steps(), {200, context, {}});
    EXPECT_LT(full, alone);
    EXPECT_GT(full, alone * 0.5) << "two stages are at most twice as fast";
  }
}

TEST(StepModel, AttentionGroupsOfADenseModelAreReplicasInLockstep) {
  TinyModel one;
  TinyModel groups({.tensor = 4, .attention_data = 4});
  const Seconds alone = step_duration(one.steps(), {1, 5000, {}});
  EXPECT_EQ(step_duration(groups.steps(), {1, 5000, {}}), alone);
  EXPECT_EQ(step_duration(groups.steps(), {4, 5000, {}}), alone);
  EXPECT_GT(step_duration(groups.steps(), {5, 5000, {}}), alone) << "one group has two of them";
  EXPECT_NEAR(
      step_duration(groups.steps(), {40, 5000, {}}) / step_duration(one.steps(), {10, 5000, {}}),
      1.0, 1e-9);
  const StepBatch prompt{0, 0, {{3000, 0}}};
  EXPECT_EQ(step_duration(groups.steps(), prompt), step_duration(one.steps(), prompt))
      << "one prompt stays on one group";
}

TEST(StepModel, ExpertsOfALoneGroupCountToo) {
  const compute::ParallelPlan plan{.tensor = 4, .expert = 2};
  TinyModel experts(plan, TinyModel::kOptions, {8, 2, 1024});
  StepModel& model = experts.steps();
  const StepBatch batch{48, 700, {{512, 0}}};
  Seconds sum = overhead(model, batch);
  for (const PricedOperator& op : priced_operators(model, batch)) sum += op.duration;
  EXPECT_NEAR(step_duration(model, batch) / sum, 1.0, 1e-8);
}

TEST(StepModel, GroupsMeetAtTheExperts) {
  const compute::ParallelPlan plan{.tensor = 4, .attention_data = 4, .expert = 4};
  TinyModel groups(plan, TinyModel::kOptions, {8, 2, 1024});
  StepModel& model = groups.steps();
  const compute::TokenSpread spread = model.spread(64, 1);
  EXPECT_EQ(spread.group, 16);
  EXPECT_EQ(spread.stage, 64);
  EXPECT_GT(model.stage_tokens(64).ticks, 0);
  EXPECT_EQ(model.stage_tokens(64)
                .section_seconds[static_cast<size_t>(compute::Section::kAttentionProjection)],
            0.0);
  EXPECT_EQ(
      model.group_tokens(16).section_seconds[static_cast<size_t>(compute::Section::kCommunication)],
      0.0)
      << "a group of one rank exchanges tokens with the experts only";
  Rng rng(2, "batches");
  for (int i = 0; i < 100; ++i) {
    StepBatch batch{1 + rng.below(200), 1 + rng.below(5000), {}};
    if (rng.below(2) == 0) batch.chunks.push_back({1 + rng.below(4096), rng.below(2000)});
    Seconds sum = overhead(model, batch);
    for (const PricedOperator& op : priced_operators(model, batch)) sum += op.duration;
    // slopes are whole ticks for a unit of S, of which a rank reads a quarter
    ASSERT_NEAR(step_duration(model, batch) / sum, 1.0, 1e-8) << batch.decode_count;
  }
}

}  // namespace
}  // namespace penstock::serving
