#include "penstock/network/degraded.h"

#include <fmt/format.h>

#include <algorithm>

#include "penstock/base/check.h"

namespace penstock::network {
namespace {

/// Writes flows down instead of counting what they load.
class FlowList final : public LoadCounter {
 public:
  FlowList(std::vector<Flow>& flows, Bytes payload) : flows_(flows), payload_(payload) {}

  void add_flow(int64_t from, int64_t to) override {
    if (from != to) flows_.push_back({from, to, payload_, Time()});
  }
  void add_all_pairs(std::span<const int64_t> members) override {
    for (const int64_t from : members) {
      for (const int64_t to : members) add_flow(from, to);
    }
  }
  [[nodiscard]] Loads loads() const override { return {}; }

 private:
  std::vector<Flow>& flows_;
  Bytes payload_;
};

/// The longest time from the first byte on, over all flows.
Seconds longest_transfer(const Topology& topology, const std::vector<Flow>& flows,
                         const FlowReport& report) {
  Seconds longest;
  for (size_t i = 0; i < flows.size(); ++i) {
    if (!report.flows[i].end) continue;
    longest = std::max(
        longest, report.flows[i].end->seconds() - topology.latency(flows[i].from, flows[i].to));
  }
  return longest;
}

}  // namespace

std::vector<Flow> flows_of(const Traffic& traffic, Bytes payload) {
  std::vector<Flow> flows;
  FlowList list(flows, payload);
  add_traffic(list, traffic);
  return flows;
}

int64_t flow_count_of(const Traffic& traffic) {
  const Placement& placement = traffic.placement;
  const int64_t size = traffic.part ? traffic.part->size : placement.group.size;
  const int64_t parts = placement.group.size / size * placement.group_count;
  switch (traffic.pattern) {
    case Pattern::kPair: return parts;
    case Pattern::kAllPairs: return parts * size * (size - 1);
    case Pattern::kRing:
    case Pattern::kExchange:
    case Pattern::kChain:
    case Pattern::kFromRoot: return parts * size;
  }
  return 0;
}

DegradedReport simulate_degraded(const Topology& topology, const std::vector<PhaseCost>& phases,
                                 const std::vector<LinkChange>& changes) {
  DegradedReport report;
  for (const PhaseCost& cost : phases) {
    const int64_t count = flow_count_of(cost.phase.traffic);
    PENSTOCK_CHECK(count <= kMostExplicitFlows, "{} flows to simulate", count);
    const std::vector<Flow> flows = flows_of(cost.phase.traffic, cost.phase.flow_bytes);
    const FlowReport healthy = simulate_flows(topology, flows);
    const FlowReport degraded = simulate_flows(topology, flows, changes);
    report.phases.push_back(
        {longest_transfer(topology, flows, healthy), longest_transfer(topology, flows, degraded)});
    if (degraded.stalled_count > 0 && report.cut_off.empty()) {
      report.cut_off = fmt::format("{} of {} flows of '{}' never end: {}", degraded.stalled_count,
                                   flows.size(), cost.phase.name, degraded.stalled_reason);
    }
  }
  return report;
}

}  // namespace penstock::network
