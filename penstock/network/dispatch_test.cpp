// Goal: bytes and copies of an exchange are what its kernels send, durations grow with the work,
// never beat the links, and stay finite. Method: hand counts and closed forms; a grid of questions
// and random ones.
#include "penstock/network/dispatch.h"

#include <gtest/gtest.h>

#include <cmath>

#include "penstock/base/check.h"
#include "penstock/base/rng.h"

namespace penstock::network {
namespace {

DispatchQuestion deepseek(ExchangeKernel kernel, int64_t ranks, int64_t domain_ranks) {
  DispatchQuestion q;
  q.kernel = kernel;
  q.payload = ExchangePayload::kFp8;
  q.rank_count = ranks;
  q.domain_ranks = q.node_ranks = domain_ranks;
  q.tokens = 128;
  q.hidden = 7168;
  q.topk = 8;
  q.expert_count = 256;
  return q;
}

/// Every part limits.
DispatchCoefficients all_parts() {
  DispatchCoefficients c;
  c.base = 10_us;
  c.per_doubling = c.per_domain_doubling = 2_us;
  c.per_expert = Seconds(1e-8);
  c.per_value = Seconds(1e-10);
  c.token = Seconds(3e-7);
  c.copy_of_one = c.peer_copy = Seconds(5e-8);
  c.kib = Seconds(4e-8);
  c.copy = Seconds(1e-9);
  c.copy_per_rank = Seconds(3e-10);
  c.peer_kib = Seconds(2e-9);
  c.overlap_factor = 1.2;
  return c;
}

const DispatchMachine kH100{450_GBps, 50_GBps, 132};

TEST(Dispatch, ACopyBringsItsScales) {
  EXPECT_EQ(exchange_bytes(ExchangePayload::kBf16, 7168), Bytes(14336));
  EXPECT_EQ(exchange_bytes(ExchangePayload::kFp8, 7168), Bytes(7392));
  EXPECT_EQ(exchange_bytes(ExchangePayload::kFp8Tensor, 7168), Bytes(7168));
  EXPECT_EQ(exchange_bytes(ExchangePayload::kNvfp4, 7168), Bytes(4032));
  // the 7.5 KiB message of CloudMatrix384
  EXPECT_EQ(exchange_bytes(ExchangePayload::kInt8, 7168), Bytes(7680));
  EXPECT_EQ(exchange_bytes(ExchangePayload::kInt8, 0), Bytes());
}

TEST(Dispatch, DistinctRanksAreCountedWithoutRepeats) {
  DispatchQuestion q = deepseek(ExchangeKernel::kNormal, 8, 8);
  q.expert_count = 0;
  EXPECT_NEAR(distinct_ranks_factor(q), 8.0 * (1.0 - std::pow(7.0 / 8.0, 8.0)), 1e-12);
  // one expert a rank: two choices are two ranks
  q.expert_count = 8;
  q.topk = 2;
  EXPECT_NEAR(distinct_ranks_factor(q), 2.0, 1e-12);
  // all experts: all ranks
  q.topk = 8;
  EXPECT_NEAR(distinct_ranks_factor(q), 8.0, 1e-12);
  q.routing = ExchangeRouting::kBalanced;
  q.rank_count = 4;
  EXPECT_EQ(distinct_ranks_factor(q), 4.0);
}

TEST(Dispatch, LowLatencySendsEverySelectedCopy) {
  const DispatchTraffic t = dispatch_traffic(deepseek(ExchangeKernel::kLowLatency, 64, 8));
  EXPECT_EQ(t.copies_factor, 8.0);
  EXPECT_DOUBLE_EQ(t.scale_up_factor, 8.0 * 7.0 / 64.0);
  EXPECT_DOUBLE_EQ(t.scale_out_factor, 8.0 * 56.0 / 64.0);
  const DispatchTraffic r = dispatch_traffic(deepseek(ExchangeKernel::kLowLatencyRdma, 64, 8));
  EXPECT_EQ(r.scale_up_factor, 0.0);
  EXPECT_DOUBLE_EQ(r.scale_out_factor, 8.0 * 63.0 / 64.0);
  EXPECT_DOUBLE_EQ(r.scale_out_bytes.value(), 128.0 * 8.0 * 63.0 / 64.0 * 7392.0);
}

TEST(Dispatch, NormalSendsOneCopyADistinctNodeAndForwardsInside) {
  const DispatchTraffic one = dispatch_traffic(deepseek(ExchangeKernel::kNormal, 8, 8));
  EXPECT_EQ(one.scale_out_factor, 0.0);
  EXPECT_DOUBLE_EQ(one.scale_up_factor, one.copies_factor * 7.0 / 8.0);
  const DispatchTraffic four = dispatch_traffic(deepseek(ExchangeKernel::kNormal, 32, 8));
  const double visits = 4.0 * (1.0 - std::pow(0.75, 8.0));
  EXPECT_NEAR(four.node_visits_factor, visits, 1e-12);
  EXPECT_NEAR(four.scale_out_factor, visits * 0.75, 1e-12);
}

TEST(Dispatch, AGroupLimitKeepsTokensToFewNodes) {
  DispatchQuestion q = deepseek(ExchangeKernel::kNormal, 64, 8);
  const DispatchTraffic free = dispatch_traffic(q);
  q.node_limit = 4;
  const DispatchTraffic limited = dispatch_traffic(q);
  EXPECT_NEAR(limited.node_visits_factor, 4.0 * (1.0 - std::pow(0.75, 8.0)), 1e-12);
  EXPECT_LT(limited.scale_out_factor, free.scale_out_factor);
  EXPECT_LT(limited.copies_factor, free.copies_factor);
  q.node_limit = 100;
  EXPECT_DOUBLE_EQ(dispatch_traffic(q).scale_out_factor, free.scale_out_factor);
}

TEST(Dispatch, LowLatencyHoldsOneGroupOfWarpsAnExpert) {
  DispatchQuestion q = deepseek(ExchangeKernel::kLowLatency, 8, 8);
  EXPECT_EQ(multiprocessors_factor(q, kH100), 128.0);  // two experts each
  q.expert_count = 8;
  EXPECT_EQ(multiprocessors_factor(q, kH100), 8.0);
  q.kernel = ExchangeKernel::kNormal;
  EXPECT_EQ(multiprocessors_factor(q, kH100), 0.0);
  q.multiprocessors = 24;
  EXPECT_EQ(multiprocessors_factor(q, kH100), 24.0);
}

TEST(Dispatch, ACallWithoutTokensTakesItsStart) {
  DispatchQuestion q = deepseek(ExchangeKernel::kLowLatency, 16, 8);
  q.tokens = 0;
  const DispatchTime time = dispatch_duration(q, kH100, all_parts());
  EXPECT_EQ(time.duration, time.floor);
  EXPECT_EQ(time.bound, DispatchBound::kFloor);
  const Seconds expected =
      10_us + 4.0 * 2_us + 1.0 * 2_us + 256.0 * Seconds(1e-8) + 7168.0 * Seconds(1e-10);
  EXPECT_NEAR(time.floor.value(), expected.value(), 1e-15);
}

TEST(Dispatch, ImbalanceIsWaitedFor) {
  DispatchQuestion q = deepseek(ExchangeKernel::kNormal, 8, 8);
  q.tokens = 100000;
  q.multiprocessors = 24;
  const Seconds even = dispatch_duration(q, kH100, all_parts()).duration;
  q.imbalance_factor = 2.0;
  EXPECT_NEAR(dispatch_duration(q, kH100, all_parts()).duration / even, 2.0, 0.05);
}

TEST(Dispatch, WhatCannotBeSentIsOurMistake) {
  const DispatchMachine alone{450_GBps, {}, 132};
  EXPECT_THROW(dispatch_duration(deepseek(ExchangeKernel::kLowLatency, 16, 8), alone, all_parts()),
               CheckFailure);
}

/// Any question a user can ask.
DispatchQuestion random_question(Rng& rng) {
  DispatchQuestion q;
  const auto upto = [&](int64_t most) { return 1 + rng.below(most); };
  q.op = rng.below(2) == 0 ? ExchangeOp::kDispatch : ExchangeOp::kCombine;
  q.kernel = static_cast<ExchangeKernel>(upto(5) - 1);
  q.payload = static_cast<ExchangePayload>(upto(5) - 1);
  q.rank_count = int64_t{1} << (upto(10) - 1);
  q.expert_count = q.rank_count * upto(8);
  q.topk = std::min(upto(16), q.expert_count);
  q.domain_ranks = int64_t{1} << upto(7);
  q.node_ranks = std::max<int64_t>(1, q.domain_ranks / upto(2));
  q.node_limit = upto(6) - 1;
  q.tokens = upto(100000) - 1;
  q.hidden = upto(20000);
  q.multiprocessors = upto(30) - 1;
  q.imbalance_factor = 1.0 + rng.uniform_factor();
  return q;
}

TEST(Dispatch, GrowsWithTokensAndValuesAndNeverBeatsTheLinks) {
  Rng rng(7, "dispatch");
  const DispatchCoefficients c = all_parts();
  for (int i = 0; i < 5000; ++i) {
    DispatchQuestion q = random_question(rng);
    const DispatchTraffic t = dispatch_traffic(q);
    const Seconds one = dispatch_duration(q, kH100, c).duration;
    ASSERT_TRUE(std::isfinite(one.value()));
    ASSERT_GE(one, t.scale_up_bytes / kH100.scale_up) << i;
    ASSERT_GE(one, t.scale_out_bytes / kH100.scale_out) << i;
    ASSERT_LE(t.scale_up_factor, t.copies_factor + 1e-9) << i;
    DispatchQuestion more = q;
    more.tokens += 1 + q.tokens / 10;
    ASSERT_GE(dispatch_duration(more, kH100, c).duration, one) << i;
    more = q;
    more.hidden += 512;
    ASSERT_GE(dispatch_duration(more, kH100, c).duration, one) << i;
    more = q;
    more.imbalance_factor *= 1.5;
    ASSERT_GE(dispatch_duration(more, kH100, c).duration, one) << i;
  }
}

TEST(Dispatch, HugeCountsStayFinite) {
  for (const double overlap : {0.5, 1.0, 4.0}) {
    DispatchQuestion q = deepseek(ExchangeKernel::kNormal, 1 << 26, 1 << 10);
    q.expert_count = 1 << 26;
    q.tokens = q.hidden = 100'000'000;
    q.topk = 1 << 20;
    DispatchCoefficients c = all_parts();
    c.overlap_factor = overlap;
    const DispatchTime time = dispatch_duration(q, kH100, c);
    EXPECT_TRUE(std::isfinite(time.duration.value()));
    EXPECT_GT(time.duration.value(), 0.0);
  }
}

}  // namespace
}  // namespace penstock::network
