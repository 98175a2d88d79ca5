// Goal: a trace replays what it holds, faster when asked, and ends where asked. Method: small ones.
#include "penstock/workload/trace.h"

#include <gtest/gtest.h>

#include "penstock/workload/workload_test_support.h"

namespace penstock::workload {
namespace {

Request request(double seconds, int64_t input, int32_t priority = 0,
                std::span<const uint64_t> hashes = {}) {
  Request r;
  r.arrival = Time::from_seconds(Seconds(seconds));
  r.input_tokens = input;
  r.output_tokens = input + 1;
  r.priority = priority;
  r.prefix_hashes = hashes;
  r.prefix_run_tokens = hashes.empty() ? 0 : 512;
  return r;
}

TEST(Trace, ReplaysColumnsThatAppearLate) {
  const std::vector<uint64_t> hashes = {11, 12};
  auto trace = std::make_shared<Trace>();
  trace->add(request(0.0, 1));
  trace->add(request(1.5, 2, 3, hashes));
  trace->add(request(1.5, 3));
  const auto stream = stream_trace(trace, 1.0);
  const Trace again = collect(*stream);
  EXPECT_EQ(again.arrivals, trace->arrivals);
  EXPECT_EQ(again.input_tokens, (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(again.output_tokens, (std::vector<int64_t>{2, 3, 4}));
  EXPECT_EQ(again.priorities, (std::vector<int32_t>{0, 3, 0}));
  EXPECT_TRUE(again.hashes(0).empty());
  EXPECT_EQ(std::vector<uint64_t>(again.hashes(1).begin(), again.hashes(1).end()), hashes);
  EXPECT_TRUE(again.hashes(2).empty());
  EXPECT_EQ(again.prefix_run_tokens, 512);
}

TEST(Trace, TheLoadRatioCompressesTime) {
  auto trace = std::make_shared<Trace>();
  for (int i = 0; i < 5; ++i) trace->add(request(3.0 * i, 10));
  EXPECT_EQ(testing::arrival_seconds(*stream_trace(trace, 3.0)),
            (std::vector<double>{0.0, 1.0, 2.0, 3.0, 4.0}));
  EXPECT_EQ(testing::arrival_seconds(*stream_trace(trace, 0.0)), std::vector<double>(5, 0.0));
}

TEST(Trace, EndsAtTheFirstLimit) {
  auto trace = std::make_shared<Trace>();
  for (int i = 0; i < 5; ++i) trace->add(request(i, 10));
  EXPECT_EQ(collect(*stream_trace(trace, 1.0, {.requests = 2})).size(), 2U);
  EXPECT_EQ(collect(*stream_trace(trace, 1.0, {.end = Time::from_seconds(3_s)})).size(), 3U);
  EXPECT_EQ(collect(*stream_trace(trace, 1.0), 4).size(), 4U);
}

TEST(Trace, RefusesToGoBackInTime) {
  Trace trace;
  trace.add(request(2.0, 1));
  EXPECT_THROW(trace.add(request(1.0, 1)), CheckFailure);
}

}  // namespace
}  // namespace penstock::workload
