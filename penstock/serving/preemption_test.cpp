// Goal: when pages run out, the right request gives way, and nothing is lost or stuck.
// Method: scenes with caches of a few pages; then random scenes over every knob of the scheduler.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "penstock/base/rng.h"
#include "penstock/serving/scene_test_support.h"

namespace penstock::serving {
namespace {

/// Two requests of 264 tokens over a cache of 320: both start, one must give way.
Scene tight() {
  Scene scene;
  scene.page_count = 20;
  scene.asks = {{0_s, 64, 200}, {0_s, 64, 200}};
  return scene;
}

TEST(Preemption, TheNewestGivesWayAndComputesEverythingAgain) {
  const SceneOutcome outcome = tight().run();
  const RequestState& older = outcome.at(0);
  const RequestState& newer = outcome.at(1);
  EXPECT_EQ(older.preempted_count, 0);
  EXPECT_EQ(newer.preempted_count, 1);
  EXPECT_EQ(newer.generated, 200);
  EXPECT_GT(newer.last_token, older.last_token);
  std::vector<Phase> phases;
  for (const PhaseChange& change : newer.phases) phases.push_back(change.phase);
  EXPECT_EQ(phases, (std::vector{Phase::kQueued, Phase::kPrefill, Phase::kDecode, Phase::kPreempted,
                                 Phase::kPrefill, Phase::kDecode, Phase::kEnded}));
  // both prompts, and the second once more with the tokens it had produced
  const int64_t again = outcome.out.prefill_tokens - 128;
  EXPECT_GT(again, 64);
  EXPECT_LT(again, 264);
}

TEST(Preemption, ReservingAdmissionNeverPreempts) {
  Scene scene = tight();
  scene.engine.admission = Admission::kReserve;
  const SceneOutcome outcome = scene.run();
  EXPECT_EQ(outcome.out.collector.preempted_count, 0);
  EXPECT_EQ(outcome.at(1).scheduled, outcome.at(0).last_token) << "it waits for all its pages";
}

TEST(Preemption, ThePriorityPolicyTakesTheLeastUrgent) {
  Scene scene = tight();
  scene.engine.policy = QueuePolicy::kPriority;
  scene.asks[0].priority = 7;
  scene.asks[0].arrival = Seconds();
  scene.asks[1].arrival = Seconds(1e-5);
  const SceneOutcome outcome = scene.run();
  EXPECT_EQ(outcome.at(0).preempted_count, 1) << "older, but less urgent";
  EXPECT_EQ(outcome.at(1).preempted_count, 0);
}

TEST(Preemption, TheWatermarkKeepsPagesFreeAtAdmission) {
  Scene scene;
  scene.page_count = 20;
  scene.engine.watermark_fraction = 0.5;
  scene.asks = {{0_s, 200, 20}, {0_s, 64, 20}};
  const SceneOutcome outcome = scene.run();
  EXPECT_EQ(outcome.at(0).scheduled, Time()) << "nobody else runs, so nothing is kept free";
  EXPECT_EQ(outcome.at(1).scheduled, outcome.at(0).last_token);
}

TEST(Preemption, AnUrgentPromptTakesThePagesOfOneBeingPrefilled) {
  // the less urgent prompt has a chunk in the very step in which it gives way
  Scene scene;
  scene.page_count = 20;
  scene.engine.policy = QueuePolicy::kPriority;
  scene.engine.max_num_batched_tokens = 64;
  scene.engine.max_num_seqs = 8;
  scene.engine.long_prefill_token_threshold = 32;
  scene.asks = {{0_s, 300, 5, 9}, {Seconds(1e-6), 300, 5, 1}};
  const SceneOutcome outcome = scene.run();
  EXPECT_EQ(outcome.ended(Outcome::kCompleted), 2);
  EXPECT_GE(outcome.at(0).preempted_count, 1);
  EXPECT_EQ(outcome.at(1).preempted_count, 0);
}

TEST(Preemption, ALateUrgentPromptLeavesNoStepEmpty) {
  // the first prompt is the least urgent itself: it gives way and the other goes on in that step
  Scene scene;
  scene.page_count = 20;
  scene.engine.policy = QueuePolicy::kPriority;
  scene.engine.max_num_batched_tokens = 128;
  scene.engine.long_prefill_token_threshold = 48;
  scene.asks = {{0_s, 310, 3, 9}, {Seconds(1e-6), 200, 3, 1}, {Seconds(2e-6), 200, 3, 2}};
  EXPECT_EQ(scene.run().ended(Outcome::kCompleted), 3);
}

TEST(Preemption, WithoutChunksWhatIsLongerThanAStepAfterAPreemptionComesInParts) {
  Scene scene = tight();
  scene.engine.chunked_prefill = false;
  scene.engine.max_num_batched_tokens = 100;
  scene.engine.max_num_seqs = 8;
  const SceneOutcome outcome = scene.run();
  EXPECT_EQ(outcome.ended(Outcome::kCompleted), 2);
  EXPECT_GE(outcome.at(1).preempted_count, 1) << "with more than 100 tokens to compute again";
}

Scene random_scene(Rng& rng) {
  Scene scene;
  EngineConfig& engine = scene.engine;
  const auto flip = [&] { return rng.below(2) == 0; };
  engine.page_tokens = int64_t{1} << rng.below(6);
  engine.max_num_batched_tokens = 64 << rng.below(4);
  engine.max_num_seqs = 1 + rng.below(12);
  engine.chunked_prefill = rng.below(4) != 0;
  engine.mixed_steps = flip();
  engine.long_prefill_token_threshold = flip() ? 0 : 16 + rng.below(100);
  engine.prefix_caching = flip();
  engine.policy = flip() ? QueuePolicy::kFcfs : QueuePolicy::kPriority;
  engine.admission = rng.below(3) == 0 ? Admission::kReserve : Admission::kOptimistic;
  engine.watermark_fraction = flip() ? 0.0 : 0.2 * rng.uniform_factor();
  if (rng.below(4) == 0) engine.max_waiting = rng.below(10);
  scene.page_count = (200 + rng.below(800)) / engine.page_tokens + 1;
  scene.replica_count = 1 + rng.below(2);
  scene.plan.pipeline = 1 + rng.below(2);
  if (rng.below(3) == 0) {
    scene.plan.tensor = 2;
    scene.plan.attention_data = 2;
    scene.page_count *= 2;
  }
  if (rng.below(3) == 0) scene.speculation = {1 + rng.below(4), rng.uniform_factor()};
  if (rng.below(3) == 0) scene.timeout = Seconds(1e-3 * static_cast<double>(1 + rng.below(5)));
  if (rng.below(5) == 0) scene.closed_loop = ClosedLoop{1 + rng.below(9), Seconds()};
  double clock = 0.0;
  for (int i = 0; i < 60; ++i) {
    clock += 2e-4 * rng.exponential_factor() * static_cast<double>(rng.below(3));
    Ask ask{Seconds(clock), 1 + rng.below(400), 1 + rng.below(150)};
    ask.priority = static_cast<int32_t>(rng.below(4));
    ask.prefix_run_tokens = 32;
    const uint64_t family = 100 * static_cast<uint64_t>(rng.below(3));
    for (uint64_t run = 0; run < static_cast<uint64_t>(ask.input_tokens / 32) && run < 6; ++run) {
      ask.prefix_hashes.push_back(family + run + 1);
    }
    scene.asks.push_back(std::move(ask));
  }
  return scene;
}

TEST(Preemption, RandomScenesLoseNothing) {
  int64_t preempted = 0;
  int64_t cached = 0;
  for (uint64_t seed = 1; seed <= 600; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed, "scene");
    const Scene scene = random_scene(rng);
    const SceneOutcome outcome = scene.run();
    preempted += outcome.out.collector.preempted_count;
    cached += outcome.out.collector.cached_input_tokens;
    for (const auto& [id, state] : outcome.requests) {
      if (state.generated == 0) continue;
      ASSERT_LE(state.arrival, state.scheduled) << id;
      ASSERT_LT(state.scheduled, state.first_token) << id;
      ASSERT_LE(state.first_token, state.last_token) << id;
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(preempted, 500) << "the scenes no longer run out of pages";
  EXPECT_GT(cached, 1000) << "the scenes no longer reuse prefixes";
}

}  // namespace
}  // namespace penstock::serving
