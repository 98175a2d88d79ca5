#include "penstock/network/traffic.h"

#include <algorithm>

#include "penstock/base/check.h"

namespace penstock::network {
namespace {

/// The pattern among `size` members; `at` gives their accelerators.
template <class At>
void add_pattern(LoadCounter& counter, const Traffic& traffic, int64_t size, const At& at,
                 std::vector<int64_t>& members) {
  switch (traffic.pattern) {
    case Pattern::kPair:
      if (size > 1) counter.add_flow(at(0), at(size - 1));
      return;
    case Pattern::kRing:
      for (int64_t i = 0; size > 1 && i < size; ++i) counter.add_flow(at(i), at((i + 1) % size));
      return;
    case Pattern::kChain:
      for (int64_t i = 0; i + 1 < size; ++i) counter.add_flow(at(i), at(i + 1));
      return;
    case Pattern::kExchange:
      for (int64_t i = 0; i < size; ++i) {
        const int64_t block = 2 * traffic.distance;
        const int64_t peer =
            i % block < traffic.distance ? i + traffic.distance : i - traffic.distance;
        if (peer < size) counter.add_flow(at(i), at(peer));
      }
      return;
    case Pattern::kAllPairs:
      members.resize(static_cast<size_t>(size));
      for (int64_t i = 0; i < size; ++i) members[static_cast<size_t>(i)] = at(i);
      counter.add_all_pairs(members);
      return;
    case Pattern::kFromRoot:
      for (int64_t i = 1; i < size; ++i) counter.add_flow(at(0), at(i));
      return;
  }
}

void add_group(LoadCounter& counter, const Traffic& traffic, int64_t group,
               std::vector<int64_t>& members) {
  const Placement& placement = traffic.placement;
  const Group part = traffic.part.value_or(Group{placement.group.size, 1});
  PENSTOCK_CHECK(placement.group.size % part.size == 0, "parts of {} of a group of {}", part.size,
                 placement.group.size);
  for (int64_t p = 0; p < placement.group.size / part.size; ++p) {
    const int64_t first = (p / part.stride) * part.size * part.stride + p % part.stride;
    add_pattern(
        counter, traffic, part.size,
        [&](int64_t i) { return placement.endpoint(group, first + i * part.stride); }, members);
  }
}

}  // namespace

int64_t Placement::span() const {
  if (group_count < 1 || group.size < 1) return 0;
  int64_t last = 0;
  // the last of each run of `stride` groups starts highest
  for (int64_t q = std::max<int64_t>(0, group_count - group.stride); q < group_count; ++q) {
    last = std::max(last, endpoint(q, group.size - 1));
  }
  return last + 1;
}

void add_traffic(LoadCounter& counter, const Traffic& traffic) {
  std::vector<int64_t> members;
  for (int64_t group = 0; group < traffic.placement.group_count; ++group) {
    add_group(counter, traffic, group, members);
  }
}

Loads loads_of(const Topology& topology, const Traffic& traffic) {
  PENSTOCK_CHECK(traffic.placement.span() <= topology.accelerator_count(),
                 "{} groups of {} ranks {} apart on {} accelerators", traffic.placement.group_count,
                 traffic.placement.group.size, traffic.placement.group.stride,
                 topology.accelerator_count());
  const std::unique_ptr<LoadCounter> counter = topology.counter();
  add_traffic(*counter, traffic);
  return counter->loads();
}

std::optional<TrafficRate> rate_of(const Topology& topology, const Traffic& traffic) {
  const Loads loads = loads_of(topology, traffic);
  TrafficRate result;
  for (size_t c = 0; c < loads.flows_of_class.size(); ++c) {
    if (loads.flows_of_class[c] == 0.0) continue;
    const BytesPerSecond rate = topology.links()[c].bandwidth_each_way() / loads.flows_of_class[c];
    if (result.flows_on_bottleneck_factor == 0.0 || rate < result.rate_each) {
      result.rate_each = rate;
      result.bottleneck = c;
      result.flows_on_bottleneck_factor = loads.flows_of_class[c];
    }
  }
  if (result.flows_on_bottleneck_factor == 0.0) return std::nullopt;
  for (size_t c = 0; c < loads.flows_of_class.size(); ++c) {
    result.use_fraction_of_class.push_back(result.rate_each * loads.flows_of_class[c] /
                                           topology.links()[c].bandwidth_each_way());
  }
  result.latency = loads.latency;
  result.flow_count = loads.flow_count;
  return result;
}

}  // namespace penstock::network
