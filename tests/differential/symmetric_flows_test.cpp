/// Goal: the symmetric solver's rate is the rate of explicit flows, at the size of a supernode.
/// Method: all-to-all over the 384 endpoints of cloudmatrix384 as 147,072 flows through the
/// max-min solver and through the simulator, against one division in the symmetric solver.
/// Tolerance: 1e-9 relative for rates, which differ by rounding alone; ends round up to a
/// picosecond of the clock besides.
#include <gtest/gtest.h>

#include "penstock/network/flow_simulation.h"
#include "penstock/network/machine.h"
#include "penstock/network/max_min.h"
#include "penstock/network/traffic.h"

namespace penstock::network {
namespace {

TEST(SymmetricSolver, AllToAllOfASupernodeIsExact) {
  Findings findings;
  const auto machine = build_machine(catalog::Catalog::built_in(), "cloudmatrix384", {}, findings);
  ASSERT_TRUE(machine) << to_text(findings.all());
  const Topology& topology = *machine->topology;
  const int64_t endpoints = topology.accelerator_count();
  const auto symmetric = rate_of(topology, {Pattern::kAllPairs, {{endpoints, 1}, 1}});
  ASSERT_TRUE(symmetric);
  ASSERT_EQ(symmetric->flow_count, 147'072);

  constexpr Bytes kPayload(1e6);
  FlowSet set;
  std::vector<Flow> flows;
  std::vector<Hop> way;
  for (int64_t from = 0; from < endpoints; ++from) {
    for (int64_t to = 0; to < endpoints; ++to) {
      if (from == to) continue;
      way.clear();
      topology.route(from, to, way);
      set.add(way);
      flows.push_back({from, to, kPayload, Time()});
    }
  }
  std::vector<BytesPerSecond> capacity;
  for (int64_t c = 0; c < topology.channel_count(); ++c) capacity.push_back(topology.capacity(c));
  const std::vector<BytesPerSecond> rates = max_min_rates(set, capacity);
  BytesPerSecond slowest = rates[0];
  for (const BytesPerSecond rate : rates) slowest = std::min(slowest, rate);
  EXPECT_NEAR(slowest / symmetric->rate_each, 1.0, 1e-9);
  // where the endpoints' own links bind, all flows are equal
  EXPECT_EQ(symmetric->bottleneck, 0U);
  for (const BytesPerSecond rate : rates) {
    ASSERT_NEAR(rate / symmetric->rate_each, 1.0, 1e-9);
  }
  // flows inside a node have a shorter way: they start up to 0.7 us earlier, and then run alone
  const FlowReport report = simulate_flows(topology, flows);
  const Seconds transfer = kPayload / symmetric->rate_each;
  EXPECT_EQ(report.stalled_count, 0);
  EXPECT_LE((report.end - Time()).value(), (symmetric->latency + transfer).value() * (1 + 1e-9));
  EXPECT_GE((report.end - Time()).value(), transfer.value());
}

}  // namespace
}  // namespace penstock::network
