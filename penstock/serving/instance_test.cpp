// Goal: continuous batching behaves as engines say it does: budget, chunks, limits, refusals,
// time-outs. Method: tiny scenes of a few requests, with the expected schedule in words.
#include "penstock/serving/instance.h"

#include <gtest/gtest.h>

#include "penstock/serving/scene_test_support.h"

namespace penstock::serving {
namespace {

TEST(Instance, AChunkFillsTheBudgetAndTheFirstTokenEndsTheLast) {
  Scene scene;
  scene.asks = {{0_s, 5000, 1}};
  const SceneOutcome outcome = scene.run();
  const std::vector<StepSpan>& spans = outcome.out.spans;
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_EQ(spans[0].prefill_tokens, 2048);
  EXPECT_EQ(spans[1].prefill_tokens, 2048);
  EXPECT_EQ(spans[2].prefill_tokens, 904);
  EXPECT_EQ(outcome.at(0).first_token, spans[2].end);
  EXPECT_EQ(outcome.at(0).last_token, spans[2].end);
}

TEST(Instance, RequestsReachTheSchedulerAfterTheirOverhead) {
  Scene plain;
  plain.asks = {{0_s, 100, 5}, {1_s, 100, 5}};
  Scene slow = plain;
  slow.engine.request_overhead = 20_ms;
  const SceneOutcome before = plain.run();
  const SceneOutcome after = slow.run();
  for (const int64_t id : {0, 1}) {
    EXPECT_EQ(after.at(id).arrival, before.at(id).arrival);
    EXPECT_EQ(after.at(id).first_token, before.at(id).first_token.after(20_ms));
    EXPECT_EQ(after.at(id).last_token, before.at(id).last_token.after(20_ms));
  }
}

TEST(Instance, RequestsAreReceivedOnlyEverySoManyDecodeSteps) {
  Scene scene;
  scene.engine.receive_interval_steps = 10;
  // the second and third come while the first decodes, the last long after all have ended
  scene.asks = {{0_s, 100, 60}, {Seconds(1e-6), 100, 5}, {Seconds(1.1e-6), 100, 5}, {9_s, 100, 5}};
  const SceneOutcome outcome = scene.run();
  // an idle engine looks all the time, and so does one after a step with prompts
  EXPECT_EQ(outcome.at(0).scheduled, outcome.at(0).arrival);
  EXPECT_EQ(outcome.at(1).scheduled, outcome.at(0).first_token);
  EXPECT_EQ(outcome.at(3).scheduled, outcome.at(3).arrival);
  // one that comes just after a look waits for ten decode steps, one just before it for none
  const Time first = outcome.at(0).first_token;
  for (const double late : {0.5, 9.5, 10.5}) {
    Scene single = scene;
    single.asks = {{0_s, 100, 60}};
    const SceneOutcome alone = single.run();
    const Seconds step =
        (alone.at(0).last_token.seconds() - alone.at(0).first_token.seconds()) / 59.0;
    single.asks.push_back({first.seconds() + step * late, 100, 5});
    const Time scheduled = single.run().at(1).scheduled;
    const double steps = (scheduled.seconds() - first.seconds()) / step;
    EXPECT_NEAR(steps, late < 10.0 ? 10.0 : 20.0, 0.3) << late << " steps after the look";
  }
}

TEST(Instance, AnotherSequencesEndDoesNotDelayTheLook) {
  Scene scene;
  scene.engine.receive_interval_steps = 10;
  // the second ends, and so the batch changes, between the arrival of the third and the look
  scene.asks = {{0_s, 100, 60}, {0_s, 100, 6}, {Seconds(1e-4), 100, 5}};
  const SceneOutcome before = scene.run();
  const Seconds first = before.at(0).first_token.seconds();
  const Seconds step = (before.at(1).last_token.seconds() - first) / 5.0;
  scene.asks[2].arrival = first + step * 3.5;
  const SceneOutcome outcome = scene.run();
  ASSERT_LT(outcome.at(2).arrival, outcome.at(1).last_token);
  // ten steps, of which five hold one sequence only and are shorter
  const double steps = (outcome.at(2).scheduled.seconds() - first) / step;
  EXPECT_GT(steps, 7.5);
  EXPECT_LT(steps, 10.0);
}

TEST(Instance, DecodingSequencesComeOutOfTheSameBudget) {
  Scene scene;
  scene.engine.max_num_batched_tokens = 100;
  scene.asks = {{0_s, 10, 50}, {0_s, 10, 50}, {Seconds(1e-5), 500, 1}};
  const SceneOutcome outcome = scene.run();
  bool mixed = false;
  for (const StepSpan& span : outcome.out.spans) {
    EXPECT_LE(span.decoding + span.prefill_tokens, 100);
    mixed = mixed || (span.decoding == 2 && span.prefill_tokens == 98);
  }
  EXPECT_TRUE(mixed) << "a step with two decoding sequences has 98 tokens left for the prompt";
}

TEST(Instance, ALongPromptIsHeldToItsThreshold) {
  Scene scene;
  scene.engine.long_prefill_token_threshold = 300;
  scene.asks = {{0_s, 1000, 1}};
  const SceneOutcome outcome = scene.run();
  ASSERT_EQ(outcome.out.spans.size(), 4U);
  EXPECT_EQ(outcome.out.spans[0].prefill_tokens, 300);
  EXPECT_EQ(outcome.out.spans[3].prefill_tokens, 100);
}

TEST(Instance, WithoutChunksAPromptGoesWholeOrWaits) {
  Scene scene;
  scene.engine.chunked_prefill = false;
  scene.asks = {{0_s, 1500, 100}, {0_s, 1500, 1}, {0_s, 3000, 1}};
  const SceneOutcome outcome = scene.run();
  ASSERT_GE(outcome.out.spans.size(), 2U);
  EXPECT_EQ(outcome.out.spans[0].prefill_tokens, 1500);
  EXPECT_EQ(outcome.out.spans[1].prefill_tokens, 1500) << "the second does not wait for the end";
  EXPECT_EQ(outcome.ended(Outcome::kTooLong), 1) << "3,000 tokens never fit a step of 2,048";
}

TEST(Instance, PrefillOnlyStepsComeFirstAndAlone) {
  Scene scene;
  scene.engine.mixed_steps = false;
  scene.asks = {{0_s, 100, 40}, {Seconds(1e-4), 100, 40}};
  const SceneOutcome outcome = scene.run();
  int64_t prefill_steps = 0;
  for (const StepSpan& span : outcome.out.spans) {
    EXPECT_TRUE(span.decoding == 0 || span.prefill_tokens == 0);
    prefill_steps += span.prefill_tokens > 0 ? 1 : 0;
  }
  EXPECT_EQ(prefill_steps, 2);
}

TEST(Instance, NoMoreSequencesThanTheLimitRunAtOnce) {
  Scene scene;
  scene.engine.max_num_seqs = 3;
  for (int i = 0; i < 10; ++i) scene.asks.push_back({0_s, 20, 30});
  const SceneOutcome outcome = scene.run();
  for (const StepSpan& span : outcome.out.spans) EXPECT_LE(span.decoding, 3);
  EXPECT_EQ(outcome.at(3).scheduled, outcome.at(0).last_token) << "the fourth takes a freed place";
}

TEST(Instance, FirstComeFirstServed) {
  Scene scene;
  scene.engine.max_num_seqs = 1;
  scene.asks = {{0_s, 50, 20}, {Seconds(1e-6), 900, 20}, {Seconds(2e-6), 5, 1}};
  const SceneOutcome outcome = scene.run();
  EXPECT_EQ(outcome.at(1).scheduled, outcome.at(0).last_token);
  EXPECT_EQ(outcome.at(2).scheduled, outcome.at(1).last_token) << "a short one does not overtake";
}

TEST(Instance, UrgentRequestsOvertakeWaitingOnes) {
  Scene scene;
  scene.engine.max_num_seqs = 1;
  scene.engine.policy = QueuePolicy::kPriority;
  scene.asks = {{0_s, 50, 20, 5},
                {Seconds(1e-6), 50, 20, 9},
                {Seconds(2e-6), 50, 20, 1},
                {Seconds(3e-6), 50, 20, 1}};
  const SceneOutcome outcome = scene.run();
  EXPECT_EQ(outcome.at(2).scheduled, outcome.at(0).last_token);
  EXPECT_EQ(outcome.at(3).scheduled, outcome.at(2).last_token) << "ties go by arrival";
  EXPECT_EQ(outcome.at(1).scheduled, outcome.at(3).last_token);
}

TEST(Instance, AFullQueueTurnsRequestsAway) {
  Scene scene;
  scene.engine.max_num_seqs = 1;
  scene.engine.max_waiting = 1;
  for (int i = 0; i < 5; ++i) scene.asks.push_back({Seconds(1e-6 * i), 50, 20});
  const SceneOutcome outcome = scene.run();
  EXPECT_EQ(outcome.ended(Outcome::kQueueFull), 3);
  EXPECT_EQ(outcome.ended(Outcome::kCompleted), 2);
}

TEST(Instance, RefusesWhatCanNeverRun) {
  Scene scene;
  scene.page_count = 10;
  scene.model_len_max = 200;
  scene.asks = {{0_s, 100, 60},           // 160 tokens: exactly the cache
                {0_s, 101, 60},           // one more than the cache
                {0_s, 100, 100},          // as long as the model takes, but not the cache
                {0_s, 100, 101},          // longer than the model takes
                {0_s, 1'000'000'000, 1},  // absurd
                {0_s, 1, 1'000'000'000'000}};
  const SceneOutcome outcome = scene.run();
  EXPECT_EQ(outcome.ended(Outcome::kCompleted), 1);
  EXPECT_EQ(outcome.ended(Outcome::kNeverFits), 2);
  EXPECT_EQ(outcome.ended(Outcome::kTooLong), 3);
}

TEST(Instance, TimedOutRequestsLeaveAtTheNextBoundary) {
  Scene scene;
  scene.engine.max_num_seqs = 1;
  scene.timeout = Seconds(1e-3);
  scene.asks = {{0_s, 100, 90000}, {Seconds(1e-6), 100, 10}, {Seconds(9e-4), 100, 5}};
  const SceneOutcome outcome = scene.run();
  EXPECT_EQ(outcome.ended(Outcome::kTimedOut), 2) << "the runner and the one behind it";
  EXPECT_EQ(outcome.ended(Outcome::kCompleted), 1);
  const RequestState& runner = outcome.at(0);
  EXPECT_GT(runner.generated, 1);
  EXPECT_GE(runner.phases.back().time, Time::from_seconds(1_ms));
  EXPECT_LT(runner.phases.back().time, Time::from_seconds(Seconds(1.1e-3)));
  EXPECT_EQ(outcome.at(2).scheduled, runner.phases.back().time);
  EXPECT_EQ(outcome.out.collector.dropped_output_tokens, runner.generated);
}

TEST(Instance, ACachedPrefixShortensThePrefill) {
  Scene scene;
  const std::vector<uint64_t> hashes = {11, 12, 13, 14};
  scene.asks = {{0_s, 64, 5, 0, hashes}, {1_s, 100, 5, 0, hashes}, {2_s, 64, 5, 0, hashes}};
  const SceneOutcome outcome = scene.run();
  EXPECT_EQ(outcome.at(0).cached_tokens, 0);
  EXPECT_EQ(outcome.at(1).cached_tokens, 64);
  EXPECT_EQ(outcome.at(2).cached_tokens, 48) << "one token at least is computed for the next";
  EXPECT_EQ(outcome.out.prefill_tokens, 64 + 36 + 16);
  scene.engine.prefix_caching = false;
  EXPECT_EQ(scene.run().out.prefill_tokens, 64 + 100 + 64);
}

TEST(Instance, AClosedLoopKeepsItsConcurrency) {
  Scene scene;
  scene.closed_loop = ClosedLoop{3, Seconds()};
  for (int i = 0; i < 30; ++i) scene.asks.push_back({0_s, 50, 20 + i % 7});
  const SceneOutcome outcome = scene.run();
  EXPECT_EQ(outcome.ended(Outcome::kCompleted), 30);
  EXPECT_EQ(outcome.out.slot_count, 3);
}

TEST(Instance, PipelineStagesShareTheRoundButALoneSequencePaysItAll) {
  Scene one;
  one.asks = {{0_s, 64, 100}};
  Scene two = one;
  two.plan.pipeline = 2;
  const SceneOutcome alone = one.run();
  const SceneOutcome staged = two.run();
  EXPECT_GE(staged.at(0).last_token, alone.at(0).last_token) << "stages do not speed up a lone one";
  for (int i = 1; i < 200; ++i) one.asks.push_back(one.asks[0]);
  two.asks = one.asks;
  EXPECT_LT(two.run().out.end, one.run().out.end) << "a full batch gains from the second stage";
}

}  // namespace
}  // namespace penstock::serving
