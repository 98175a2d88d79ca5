// Goal: whatever fails and whoever lags, flows keep the laws of a network: no channel carries more
// than its capacity, every byte is delivered or left over, more capacity on every link never makes
// the last flow later, and the order in which flows are named changes nothing.
// Method: 200 seeds over one small fabric of each kind of wiring, with random flows, stragglers
// (own limits), and bundles that fail, degrade and come back. Ends are compared; capacity is
// checked again here, from the rates that the ends imply.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "penstock/base/rng.h"
#include "penstock/network/cluster.h"
#include "penstock/network/fabric_test_support.h"
#include "penstock/network/flow_simulation.h"

namespace penstock::network {
namespace {

constexpr uint64_t kSeeds = 200;
constexpr double kRounding = 1e-9;

struct Case {
  std::vector<Flow> flows;
  std::vector<LinkChange> changes;
};

Time instant(Rng& rng) { return Time::from_picoseconds(rng.below(4'000'000'000)); }

/// Changes mend every bundle in the end unless `cuts`, so that every flow ends.
Case random_case(const Topology& topology, uint64_t seed, bool cuts) {
  Rng rng(seed, "flows");
  Case result;
  const int64_t endpoints = topology.accelerator_count();
  const int64_t count = 1 + rng.below(40);
  for (int64_t i = 0; i < count; ++i) {
    Flow flow{rng.below(endpoints), rng.below(endpoints),
              Bytes(static_cast<double>(rng.below(50'000'000))), instant(rng)};
    if (rng.below(4) == 0) flow.limit = BytesPerSecond(1e9 + 60e9 * rng.uniform_factor());
    result.flows.push_back(flow);
  }
  const int64_t changed = rng.below(8);
  for (int64_t i = 0; i < changed; ++i) {
    const auto links = static_cast<size_t>(rng.below(std::ssize(topology.links())));
    const int64_t bundle = rng.below(topology.links()[links].bundle_count);
    const double left_fraction = rng.below(2) == 0 ? 0.0 : rng.uniform_factor();
    result.changes.push_back({instant(rng), links, bundle, left_fraction});
    if (cuts) continue;
    result.changes.push_back({Time::from_picoseconds(5'000'000'000), links, bundle, 1.0});
  }
  return result;
}

/// Every seed on one of the fabrics, in turn; `check` gets the fabric and the seed.
template <class Check>
void for_each_seed(const Check& check) {
  const auto fabrics = one_of_each();
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    const Topology& fabric = *fabrics[static_cast<size_t>(seed) % fabrics.size()];
    SCOPED_TRACE(fabric.name());
    check(fabric, seed);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Flows, NoChannelCarriesMoreThanItsCapacity) {
  int64_t full = 0;
  for_each_seed([&](const Topology& fabric, uint64_t seed) {
    const Case given = random_case(fabric, seed, true);
    const FlowReport report = simulate_flows(fabric, given.flows, given.changes);
    for (const double peak_fraction : report.peak_fraction_of_class) {
      EXPECT_LE(peak_fraction, 1.0 + kRounding);
      full += peak_fraction > 1.0 - kRounding ? 1 : 0;
    }
    // what a channel took from the first start to the last end fits its capacity
    std::vector<double> carried(static_cast<size_t>(fabric.channel_count()), 0.0);
    Time first = Time::max();
    Time last;
    std::vector<Hop> way;
    for (size_t f = 0; f < given.flows.size(); ++f) {
      const Flow& flow = given.flows[f];
      way.clear();
      fabric.route(flow.from, flow.to, way);
      first = std::min(first, flow.start);
      last = std::max(last, report.flows[f].end.value_or(Time()));
      if (!report.flows[f].end) continue;
      for (const Hop& hop : way) {
        carried[static_cast<size_t>(hop.channel)] +=
            report.flows[f].delivered.value() * hop.share_fraction;
      }
    }
    for (size_t c = 0; c < carried.size() && first < last; ++c) {
      const Bytes most = fabric.capacity(static_cast<int64_t>(c)) * (last - first);
      EXPECT_LE(carried[c], most.value() * (1.0 + kRounding)) << "channel " << c;
    }
  });
  EXPECT_GT(full, static_cast<int64_t>(kSeeds) / 2) << "the flows no longer fill links";
}

TEST(Flows, BytesAreDeliveredOrLeftOver) {
  int64_t stalled = 0;
  for_each_seed([&](const Topology& fabric, uint64_t seed) {
    const Case given = random_case(fabric, seed, true);
    const FlowReport report = simulate_flows(fabric, given.flows, given.changes);
    std::vector<Bytes> bytes_of_class(fabric.links().size());
    std::vector<Hop> way;
    int64_t without_end = 0;
    for (size_t f = 0; f < given.flows.size(); ++f) {
      const FlowOutcome& outcome = report.flows[f];
      const Bytes payload = given.flows[f].payload;
      EXPECT_GE(outcome.delivered, Bytes());
      EXPECT_LE(outcome.delivered, payload);
      if (!outcome.end) {
        ++without_end;
        continue;
      }
      EXPECT_EQ(outcome.delivered, payload) << "flow " << f;
      EXPECT_GE(*outcome.end, given.flows[f].start);
      way.clear();
      fabric.route(given.flows[f].from, given.flows[f].to, way);
      for (const Hop& hop : way) {
        Bytes& sum = bytes_of_class[fabric.class_of_channel(hop.channel)];
        sum = sum + payload * hop.share_fraction;
      }
    }
    EXPECT_EQ(report.stalled_count, without_end);
    for (size_t c = 0; c < bytes_of_class.size(); ++c) {
      EXPECT_NEAR(report.bytes_of_class[c].value(), bytes_of_class[c].value(),
                  kRounding * bytes_of_class[c].value());
    }
    stalled += without_end;
  });
  EXPECT_GT(stalled, 20) << "failures no longer cut flows off";
}

TEST(Flows, TheOrderOfNamesChangesNothing) {
  for_each_seed([&](const Topology& fabric, uint64_t seed) {
    const Case given = random_case(fabric, seed, true);
    Rng rng(seed, "order");
    std::vector<size_t> order(given.flows.size());
    std::iota(order.begin(), order.end(), size_t{0});
    for (size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[static_cast<size_t>(rng.below(static_cast<int64_t>(i)))]);
    }
    std::vector<Flow> shuffled;
    for (const size_t f : order) shuffled.push_back(given.flows[f]);
    const FlowReport one = simulate_flows(fabric, given.flows, given.changes);
    const FlowReport other = simulate_flows(fabric, shuffled, given.changes);
    for (size_t i = 0; i < order.size(); ++i) {
      const FlowOutcome& a = one.flows[order[i]];
      const FlowOutcome& b = other.flows[i];
      ASSERT_EQ(a.end.has_value(), b.end.has_value()) << "flow " << order[i];
      EXPECT_NEAR(a.delivered.value(), b.delivered.value(), 1.0);
      if (!a.end) continue;
      // sums of rates round differently: a few ticks of the clock in milliseconds
      EXPECT_NEAR(static_cast<double>(a.end->picoseconds()),
                  static_cast<double>(b.end->picoseconds()), 10.0)
          << "flow " << order[i];
    }
  });
}

TEST(Flows, MoreCapacityOnEveryLinkNeverMakesTheLastFlowLater) {
  const auto slow = one_of_each();
  const auto fast = one_of_each(1.3);
  int64_t earlier = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    const size_t kind = static_cast<size_t>(seed) % slow.size();
    SCOPED_TRACE(slow[kind]->name());
    const Case given = random_case(*slow[kind], seed, false);
    const FlowReport before = simulate_flows(*slow[kind], given.flows, given.changes);
    const FlowReport after = simulate_flows(*fast[kind], given.flows, given.changes);
    ASSERT_EQ(before.stalled_count, 0) << before.stalled_reason;
    ASSERT_EQ(after.stalled_count, 0);
    ASSERT_LE(after.end.picoseconds(), before.end.picoseconds() + 10);
    earlier += after.end < before.end ? 1 : 0;
  }
  EXPECT_GT(earlier, static_cast<int64_t>(kSeeds) / 4);
}

}  // namespace
}  // namespace penstock::network
