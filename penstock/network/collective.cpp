#include "penstock/network/collective.h"

#include <algorithm>

#include "penstock/base/check.h"

namespace penstock::network {

Seconds CollectiveCost::latency() const {
  Seconds sum;
  for (const PhaseCost& phase : phases) sum = sum + phase.latency;
  return sum;
}

Seconds CollectiveCost::transfer() const {
  Seconds sum;
  for (const PhaseCost& phase : phases) sum = sum + phase.transfer;
  return sum;
}

const PhaseCost* CollectiveCost::longest() const {
  const PhaseCost* longest = nullptr;
  for (const PhaseCost& phase : phases) {
    if (longest == nullptr || phase.transfer > longest->transfer) longest = &phase;
  }
  return longest;
}

const std::optional<TrafficRate>& RateMemo::rate(const Topology& topology, const Traffic& traffic) {
  for (const auto& [known, rate] : rates_) {
    if (known == traffic) return rate;
  }
  return rates_.emplace_back(traffic, rate_of(topology, traffic)).second;
}

CollectiveCost cost_of(const Topology& topology, const Collective& collective,
                       std::string_view algorithm, RateMemo& memo) {
  const auto* entry = Registry<Algorithm>::find(algorithm);
  PENSTOCK_CHECK(entry != nullptr, "no algorithm '{}'", algorithm);
  CollectiveCost cost;
  cost.algorithm = std::string(algorithm);
  if (collective.placement.group.size < 2 || collective.payload == Bytes()) return cost;
  const std::unique_ptr<Algorithm> made = entry->make();
  PENSTOCK_CHECK(!made->refusal(topology, collective), "algorithm '{}' refuses: {}", algorithm,
                 *made->refusal(topology, collective));
  for (Phase& phase : made->phases(topology, collective)) {
    const std::optional<TrafficRate>& rate = memo.rate(topology, phase.traffic);
    if (!rate) continue;
    PhaseCost part;
    part.rate = *rate;
    part.latency = rate->latency * static_cast<double>(phase.round_count);
    part.transfer = phase.flow_bytes / rate->rate_each;
    part.phase = std::move(phase);
    cost.phases.push_back(std::move(part));
  }
  return cost;
}

CollectiveCost cost_of(const Topology& topology, const Collective& collective,
                       std::string_view algorithm) {
  RateMemo memo;
  return cost_of(topology, collective, algorithm, memo);
}

std::vector<CollectiveCost> rank_algorithms(const Topology& topology, const Collective& collective,
                                            RateMemo& memo) {
  std::vector<CollectiveCost> costs;
  for (const auto& entry : Registry<Algorithm>::entries()) {
    if (entry.make()->refusal(topology, collective)) continue;
    costs.push_back(cost_of(topology, collective, entry.name, memo));
  }
  std::stable_sort(costs.begin(), costs.end(),
                   [](const auto& a, const auto& b) { return a.duration() < b.duration(); });
  return costs;
}

std::vector<CollectiveCost> rank_algorithms(const Topology& topology,
                                            const Collective& collective) {
  RateMemo memo;
  return rank_algorithms(topology, collective, memo);
}

BytesPerSecond accelerator_bandwidth(const Topology& topology, size_t class_count) {
  BytesPerSecond sum;
  for (const LinkClass& links : topology.links().first(class_count)) {
    const VertexClass& from = topology.vertices()[links.from];
    if (from.tier != 0 || from.kind == VertexKind::kHost) continue;
    // a link between two accelerators belongs to both
    const VertexClass& to = topology.vertices()[links.to];
    const double ends = to.kind == VertexKind::kAccelerator ? 2.0 : 1.0;
    sum = sum + links.bandwidth_each_way() * (ends * static_cast<double>(links.bundle_count) /
                                              static_cast<double>(topology.accelerator_count()));
  }
  return sum;
}

Seconds lower_bound(const Topology& topology, const Collective& collective) {
  const auto n = static_cast<double>(collective.placement.group.size);
  if (n < 2.0) return Seconds();
  const double others_fraction = (n - 1.0) / n;
  Bytes moved = collective.payload;
  switch (collective.operation) {
    case Operation::kAllReduce:
      // a switch that adds up takes each byte once in and once out
      moved = topology.reduces_in_switch() ? moved : moved * (2.0 * others_fraction);
      break;
    case Operation::kAllGather:
    case Operation::kReduceScatter:
    case Operation::kAllToAll: moved = moved * others_fraction; break;
    case Operation::kBroadcast:
    case Operation::kSendReceive: break;
  }
  const BytesPerSecond most = accelerator_bandwidth(topology, topology.links().size());
  return most == BytesPerSecond() ? Seconds() : moved / most;
}

}  // namespace penstock::network
