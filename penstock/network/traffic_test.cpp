// Goal: counted loads equal walked ones, and the symmetric rate equals what explicit flows get.
// Method: every pattern on one of each kind of wiring, with several placements.
#include "penstock/network/traffic.h"

#include <gtest/gtest.h>

#include "penstock/network/degraded.h"
#include "penstock/network/fabric_test_support.h"
#include "penstock/network/flow_simulation.h"
#include "penstock/network/max_min.h"

namespace penstock::network {
namespace {

constexpr Pattern kPatterns[] = {Pattern::kPair,     Pattern::kRing,     Pattern::kChain,
                                 Pattern::kExchange, Pattern::kAllPairs, Pattern::kFromRoot};

std::vector<Placement> placements_on(const Topology& topology) {
  const int64_t n = topology.accelerator_count();
  std::vector<Placement> all = {{{n, 1}, 1}, {{n / 2, 2}, 2}, {{3, 1}, 1}, {{2, 4}, 1}};
  if (n % 4 == 0) all.push_back({{4, 1}, n / 4});
  if (n % 8 == 0) all.push_back({{n / 4, 4}, 4});
  return all;
}

TEST(Traffic, TheSlowestFlowIsWhatExplicitFlowsGet) {
  int compared = 0;
  for (const auto& topology : one_of_each()) {
    for (const Placement& placement : placements_on(*topology)) {
      for (const Pattern pattern : kPatterns) {
        const Traffic traffic{pattern, placement, 2};
        const std::vector<Flow> flows = flows_of(traffic, Bytes(1e6));
        const auto rate = rate_of(*topology, traffic);
        ASSERT_EQ(rate.has_value(), !flows.empty());
        if (!rate) continue;
        const FlowReport report = simulate_flows(*topology, flows);
        ASSERT_EQ(report.stalled_count, 0);
        // without latency: all flows have their bytes ahead of them from the first one on
        Seconds longest;
        for (size_t i = 0; i < flows.size(); ++i) {
          const Flow& flow = flows[i];
          longest = std::max(
              longest, report.flows[i].end->seconds() - topology->latency(flow.from, flow.to));
        }
        const Seconds expected = Bytes(1e6) / rate->rate_each;
        EXPECT_LE(longest / expected, 1.0 + 1e-6)
            << topology->name() << " pattern " << static_cast<int>(pattern) << " size "
            << placement.group.size << " stride " << placement.group.stride;
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 200);
}

TEST(Traffic, RatesAreExactWhereAllFlowsStartTogether) {
  for (const auto& topology : one_of_each()) {
    const int64_t n = topology->accelerator_count();
    const Traffic traffic{Pattern::kAllPairs, {{n, 1}, 1}};
    const std::vector<Flow> flows = flows_of(traffic, Bytes(1e6));
    const auto rate = rate_of(*topology, traffic);
    ASSERT_TRUE(rate);
    EXPECT_EQ(rate->flow_count, n * (n - 1)) << topology->name();
    FlowSet set;
    std::vector<Hop> way;
    std::vector<BytesPerSecond> capacity;
    for (int64_t c = 0; c < topology->channel_count(); ++c) {
      capacity.push_back(topology->capacity(c));
    }
    for (const Flow& flow : flows) {
      way.clear();
      topology->route(flow.from, flow.to, way);
      set.add(way);
    }
    const auto rates = max_min_rates(set, capacity);
    const BytesPerSecond least = *std::min_element(rates.begin(), rates.end());
    EXPECT_NEAR(rate->rate_each / least, 1.0, 1e-9) << topology->name();
  }
}

TEST(Traffic, PlacementsNameEveryAcceleratorOnce) {
  const Placement placement{{4, 8}, 16};
  std::vector<int> seen(64, 0);
  for (int64_t g = 0; g < 16; ++g) {
    for (int64_t m = 0; m < 4; ++m) ++seen[static_cast<size_t>(placement.endpoint(g, m))];
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), 64);
  EXPECT_EQ(placement.span(), 64);
}

}  // namespace
}  // namespace penstock::network
