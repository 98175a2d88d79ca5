/// Max-min fair rates of flows over channels of limited capacity.
///
/// Models: fluid flows; flow f takes the share s of its rate on each channel of its way. Rates rise
/// together until a channel is full; flows on it stop there, the others rise on (progressive
/// filling: Bertsekas and Gallager, Data Networks, 1992, section 6.5).
/// Cost: O((flows + uses) log channels).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "penstock/base/units.h"
#include "penstock/network/topology.h"

namespace penstock::network {

/// Flows in compressed rows: the hops of flow f are hops[first[f]] to hops[first[f + 1] - 1].
struct FlowSet {
  std::vector<size_t> first = {0};
  std::vector<Hop> hops;
  std::vector<BytesPerSecond> limit;  ///< of a flow on its own; empty: none

  void add(std::span<const Hop> way) {
    hops.insert(hops.end(), way.begin(), way.end());
    first.push_back(hops.size());
  }
  [[nodiscard]] size_t size() const { return first.size() - 1; }
};

/// Rates of all flows. A flow over a channel without capacity gets 0; a flow without hops and
/// limit is not bounded by the network and gets an infinite rate. Channels that no flow uses cost
/// nothing beyond their entry in `capacity`.
std::vector<BytesPerSecond> max_min_rates(const FlowSet& flows,
                                          std::span<const BytesPerSecond> capacity);

}  // namespace penstock::network
