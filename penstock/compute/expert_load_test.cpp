// Loads of the busiest rank: sums that must hold, and the closed forms against draws.
#include "penstock/compute/expert_load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "penstock/base/rng.h"

namespace penstock::compute {
namespace {

ExpertsCall call_of(Routing routing, int64_t tokens, int64_t topk, int64_t experts, int64_t ranks,
                    double skew = 1.2) {
  ExpertsCall call;
  call.tokens = tokens;
  call.topk = topk;
  call.experts = experts;
  call.expert_ranks = ranks;
  call.routing = routing;
  call.skew_factor = skew;
  return call;
}

/// Mean rows and reached experts of the busiest rank over draws of the power law: quantiles drawn,
/// scaled, rounded, capped; leftovers one by one to the ranks in turn.
ExpertLoad drawn(const ExpertsCall& call, int trials) {
  Rng rng(5, "experts");
  const auto m = static_cast<size_t>(call.experts / call.expert_ranks);
  const int64_t copies = call.tokens * call.topk;
  const bool many = copies > call.experts;
  const double power = 1.0 - call.skew_factor;
  const double low = std::pow(many ? 1.0 : 0.01, power);
  const double high = std::pow(many ? 0.8 * static_cast<double>(call.tokens) : 2.0, power);
  ExpertLoad mean;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<double> x(static_cast<size_t>(call.experts));
    for (double& e : x) e = std::pow(low + (high - low) * rng.uniform_factor(), 1.0 / power);
    const double sum = std::accumulate(x.begin(), x.end(), 0.0);
    std::vector<int64_t> rows;
    int64_t left = copies;
    for (const double e : x) {
      const double exact = e / sum * static_cast<double>(copies);
      rows.push_back(std::min<int64_t>(std::llround(exact), call.tokens));
      left -= rows.back();
    }
    for (size_t rank = 0; left != 0; rank = (rank + 1) % static_cast<size_t>(call.expert_ranks)) {
      const auto first = rows.begin() + static_cast<std::ptrdiff_t>(rank * m);
      const auto last = first + static_cast<std::ptrdiff_t>(m);
      const auto at = left > 0 ? std::min_element(first, last) : std::max_element(first, last);
      if (left > 0 ? *at >= call.tokens : *at <= 0) continue;
      *at += left > 0 ? 1 : -1;
      left -= left > 0 ? 1 : -1;
    }
    int64_t best = -1;
    int64_t reached = 0;
    for (size_t rank = 0; rank < static_cast<size_t>(call.expert_ranks); ++rank) {
      const auto first = rows.begin() + static_cast<std::ptrdiff_t>(rank * m);
      const auto last = first + static_cast<std::ptrdiff_t>(m);
      const int64_t load = std::accumulate(first, last, int64_t{0});
      if (load <= best) continue;
      best = load;
      reached = std::count_if(first, last, [](int64_t n) { return n > 0; });
    }
    mean.rows_factor += static_cast<double>(best) / trials;
    mean.reached_factor += static_cast<double>(reached) / trials;
  }
  return mean;
}

TEST(ExpertLoadTest, NothingRoutedIsNothing) {
  EXPECT_EQ(expert_load({}).rows_factor, 0.0);
  EXPECT_EQ(expert_load(call_of(Routing::kPowerLaw, 0, 8, 256, 4)).rows_factor, 0.0);
}

TEST(ExpertLoadTest, OneRankHasEveryCopy) {
  for (const Routing routing : {Routing::kEven, Routing::kRandom, Routing::kPowerLaw}) {
    for (const int64_t tokens : {1, 5, 64, 1000, 16384}) {
      const ExpertLoad load = expert_load(call_of(routing, tokens, 8, 256, 1));
      const auto copies = static_cast<double>(8 * tokens);
      EXPECT_NEAR(load.rows_factor, copies, 1e-6 * copies);
      EXPECT_NEAR(load.tokens_factor, static_cast<double>(tokens), 1e-6 * copies);
      EXPECT_LE(load.reached_factor, std::min(256.0, copies) + 1e-9);
    }
  }
}

TEST(ExpertLoadTest, RandomRoutingOnOneRankReachesTheExpectedExperts) {
  for (const int64_t tokens : {1, 3, 40, 700}) {
    EXPECT_NEAR(expert_load(call_of(Routing::kRandom, tokens, 6, 128, 1)).reached_factor,
                expected_experts_factor(128, 6, tokens), 1e-9);
  }
}

TEST(ExpertLoadTest, SkewLoadsTheBusiestRankMore) {
  for (const int64_t tokens : {256, 4096}) {
    for (const int64_t ranks : {2, 8, 32, 128}) {
      double last = 0.0;
      for (const double skew : {1.01, 1.1, 1.2, 1.5}) {
        const double rows =
            expert_load(call_of(Routing::kPowerLaw, tokens, 8, 256, ranks, skew)).rows_factor;
        EXPECT_GE(rows, last) << tokens << " tokens, " << ranks << " ranks, skew " << skew;
        EXPECT_LE(rows, static_cast<double>(tokens * 8));
        last = rows;
      }
      EXPECT_GT(expert_load(call_of(Routing::kPowerLaw, tokens, 8, 256, ranks, 1.01)).rows_factor,
                expert_load(call_of(Routing::kEven, tokens, 8, 256, ranks)).rows_factor);
    }
  }
}

TEST(ExpertLoadTest, MoreTokensAreMoreRows) {
  for (const Routing routing : {Routing::kEven, Routing::kRandom, Routing::kPowerLaw}) {
    for (const int64_t ranks : {1, 4, 64}) {
      double last = 0.0;
      for (int64_t tokens = 1; tokens < 20000; tokens += 1 + tokens / 4) {
        const double rows = expert_load(call_of(routing, tokens, 8, 256, ranks)).rows_factor;
        // where copies outnumber experts, the power law changes its range and its skew with it
        EXPECT_GE(rows, last * (routing == Routing::kPowerLaw ? 0.9 : 1.0))
            << tokens << " tokens on " << ranks;
        last = rows;
      }
    }
  }
}

TEST(ExpertLoadTest, PowerLawAgreesWithDraws) {
  for (const int64_t tokens : {8, 48, 512, 4096}) {
    for (const int64_t ranks : {1, 4, 16, 64}) {
      const ExpertsCall call = call_of(Routing::kPowerLaw, tokens, 8, 256, ranks, 1.01);
      const ExpertLoad closed = expert_load(call);
      const ExpertLoad mean = drawn(call, 60);
      EXPECT_NEAR(closed.rows_factor / mean.rows_factor, 1.0, 0.25) << tokens << " on " << ranks;
      EXPECT_NEAR(closed.reached_factor / mean.reached_factor, 1.0, 0.25)
          << tokens << " on " << ranks;
    }
  }
}

TEST(ExpertLoadTest, ExponentsAtWhichIntegralsAreLogarithmsAreNoPoles) {
  for (const double pole : {1.0, 2.0}) {
    const double at = expert_load(call_of(Routing::kPowerLaw, 512, 8, 256, 8, pole)).rows_factor;
    const double beside =
        expert_load(call_of(Routing::kPowerLaw, 512, 8, 256, 8, pole + 1e-4)).rows_factor;
    EXPECT_NEAR(at / beside, 1.0, 1e-3);
  }
}

TEST(ExpertLoadTest, OneExpertARankIsTheLargestOfTheDraws) {
  const ExpertsCall call = call_of(Routing::kPowerLaw, 2048, 1, 128, 128, 1.01);
  EXPECT_NEAR(expert_load(call).rows_factor / drawn(call, 200).rows_factor, 1.0, 0.1);
}

}  // namespace
}  // namespace penstock::compute
