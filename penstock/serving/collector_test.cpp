// Goal: latencies, outcomes and SLOs add up as defined, and the slowest requests are kept whole.
// Method: requests with times by hand.
#include "penstock/serving/collector.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "penstock/base/rng.h"

namespace penstock::serving {
namespace {

Time at(int64_t milliseconds) { return Time::from_picoseconds(milliseconds * 1'000'000'000); }

RequestState request(int64_t id, int64_t arrival, int64_t first, int64_t output = 11) {
  RequestState state;
  state.id = id;
  state.arrival = at(arrival);
  state.scheduled = at(arrival + 1);
  state.first_token = at(first);
  state.input_tokens = 100;
  state.output_tokens = output;
  state.cached_tokens = 30;
  state.preempted_count = 2;
  return state;
}

TEST(Collector, LatenciesAreOfCompletedRequests) {
  Collector collector({}, 10);
  collector.complete(request(0, 10, 30), at(130));
  EXPECT_EQ(collector.ttft.max(), 20'000'000'000);
  EXPECT_EQ(collector.tpot.max(), 10'000'000'000) << "100 ms over the 10 tokens after the first";
  EXPECT_EQ(collector.latency.max(), 120'000'000'000);
  EXPECT_EQ(collector.queue.max(), 1'000'000'000);
  EXPECT_EQ(collector.completed_input_tokens, 100);
  EXPECT_EQ(collector.completed_output_tokens, 11);
  EXPECT_EQ(collector.cached_input_tokens, 30);
  EXPECT_EQ(collector.preempted_count, 2);
  EXPECT_EQ(collector.last_end, at(130));
  collector.end(Outcome::kTimedOut, 7);
  EXPECT_EQ(collector.dropped_output_tokens, 7);
  EXPECT_EQ(collector.latency.count(), 1);
  EXPECT_EQ(collector.ended[static_cast<size_t>(Outcome::kTimedOut)], 1);
}

TEST(Collector, AOneTokenAnswerHasNoTimePerOutputToken) {
  Collector collector({{}, Seconds(1e-6), {}}, 0);
  collector.complete(request(0, 0, 30, 1), at(30));
  EXPECT_EQ(collector.tpot.count(), 0);
  EXPECT_EQ(collector.good_count, 1) << "a limit on what does not exist holds";
}

TEST(Collector, AGoodRequestMeetsEveryLimitToTheTick) {
  Collector collector({.ttft = 20_ms, .tpot = 10_ms, .latency = 120_ms}, 0);
  collector.complete(request(0, 10, 30), at(130));
  EXPECT_EQ(collector.good_count, 1) << "the limit itself still meets it";
  collector.complete(request(1, 9, 30), at(129));
  collector.complete(request(2, 10, 30), at(131));
  collector.complete(request(3, 10, 29), at(140));
  EXPECT_EQ(collector.good_count, 1);
}

TEST(Collector, KeepsTheSlowestSlowestFirst) {
  Rng rng(1, "slow");
  Collector collector({}, 7);
  std::vector<std::pair<int64_t, int64_t>> all;  // minus latency, id: sorts as slowest() does
  for (int64_t id = 0; id < 500; ++id) {
    const int64_t latency = 5 + rng.below(60);
    collector.complete(request(id, id, id + 2), at(id + latency));
    all.emplace_back(-latency, id);
  }
  std::sort(all.begin(), all.end());
  const std::vector<SlowRequest> slowest = collector.slowest();
  ASSERT_EQ(slowest.size(), 7U);
  for (size_t i = 0; i < slowest.size(); ++i) {
    EXPECT_EQ(slowest[i].state.id, all[i].second);
    EXPECT_EQ(slowest[i].latency_picoseconds, -all[i].first * 1'000'000'000);
  }
}

}  // namespace
}  // namespace penstock::serving
