// Goal: rates are max-min fair. Method: textbook cases, and a checker apart from the solver on
// random problems: no channel over capacity, and every flow has a full channel where no flow is
// faster than it.
#include "penstock/network/max_min.h"

#include <gtest/gtest.h>

#include <limits>

#include "penstock/base/rng.h"

namespace penstock::network {
namespace {

TEST(MaxMin, TheTextbookLine) {
  // three flows: one over both channels of 10 and 4, one on each alone
  FlowSet flows;
  flows.add(std::vector<Hop>{{0, 1.0}, {1, 1.0}});
  flows.add(std::vector<Hop>{{0, 1.0}});
  flows.add(std::vector<Hop>{{1, 1.0}});
  const std::vector<BytesPerSecond> capacity = {BytesPerSecond(10.0), BytesPerSecond(4.0)};
  const auto rates = max_min_rates(flows, capacity);
  EXPECT_DOUBLE_EQ(rates[0].value(), 2.0);
  EXPECT_DOUBLE_EQ(rates[1].value(), 8.0);
  EXPECT_DOUBLE_EQ(rates[2].value(), 2.0);
}

TEST(MaxMin, SharesWeighAndLimitsHold) {
  FlowSet flows;
  flows.add(std::vector<Hop>{{0, 0.5}});
  flows.add(std::vector<Hop>{{0, 1.0}});
  flows.add(std::vector<Hop>{});
  flows.limit = {BytesPerSecond(std::numeric_limits<double>::infinity()), BytesPerSecond(1.0),
                 BytesPerSecond(7.0)};
  const auto rates = max_min_rates(flows, std::vector<BytesPerSecond>{BytesPerSecond(6.0)});
  EXPECT_DOUBLE_EQ(rates[0].value(), 10.0);
  EXPECT_DOUBLE_EQ(rates[1].value(), 1.0);
  EXPECT_DOUBLE_EQ(rates[2].value(), 7.0);
}

TEST(MaxMin, ADeadChannelStopsItsFlows) {
  FlowSet flows;
  flows.add(std::vector<Hop>{{0, 1.0}, {1, 1.0}});
  flows.add(std::vector<Hop>{{1, 1.0}});
  const auto rates =
      max_min_rates(flows, std::vector<BytesPerSecond>{BytesPerSecond(0.0), BytesPerSecond(3.0)});
  EXPECT_EQ(rates[0], BytesPerSecond());
  EXPECT_DOUBLE_EQ(rates[1].value(), 3.0);
}

TEST(MaxMin, RandomProblemsAreFair) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed, "max_min");
    const auto channels = static_cast<size_t>(1 + rng.below(12));
    std::vector<BytesPerSecond> capacity;
    for (size_t c = 0; c < channels; ++c) capacity.emplace_back(1.0 + 99.0 * rng.uniform_factor());
    FlowSet flows;
    const int64_t count = 1 + rng.below(40);
    for (int64_t f = 0; f < count; ++f) {
      std::vector<Hop> way;
      for (size_t c = 0; c < channels; ++c) {
        if (rng.uniform_factor() < 0.3) {
          way.push_back({static_cast<int64_t>(c), rng.uniform_factor() < 0.5 ? 1.0 : 0.25});
        }
      }
      if (way.empty()) way.push_back({0, 1.0});
      flows.add(way);
    }
    const auto rates = max_min_rates(flows, capacity);
    std::vector<double> carried(channels, 0.0);
    std::vector<double> fastest(channels, 0.0);
    for (size_t f = 0; f < flows.size(); ++f) {
      for (size_t i = flows.first[f]; i < flows.first[f + 1]; ++i) {
        const auto c = static_cast<size_t>(flows.hops[i].channel);
        carried[c] += rates[f].value() * flows.hops[i].share_fraction;
        fastest[c] = std::max(fastest[c], rates[f].value());
      }
    }
    for (size_t c = 0; c < channels; ++c) {
      ASSERT_LE(carried[c], capacity[c].value() * (1 + 1e-9)) << "seed " << seed;
    }
    for (size_t f = 0; f < flows.size(); ++f) {
      bool held = false;
      for (size_t i = flows.first[f]; i < flows.first[f + 1]; ++i) {
        const auto c = static_cast<size_t>(flows.hops[i].channel);
        held = held || (carried[c] >= capacity[c].value() * (1 - 1e-9) &&
                        fastest[c] <= rates[f].value() * (1 + 1e-9));
      }
      ASSERT_TRUE(held) << "flow " << f << " of seed " << seed << " could be faster";
    }
  }
}

}  // namespace
}  // namespace penstock::network
