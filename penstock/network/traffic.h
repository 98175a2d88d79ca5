/// Who talks to whom at once: patterns of equal flows over placed groups, and the rate they get.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "penstock/network/topology.h"

namespace penstock::network {

/// Ranks of one parallel group, `stride` accelerators apart. Groups fill the accelerators from the
/// first on: group q starts at (q / stride) * size * stride + q % stride.
struct Group {
  int64_t size = 1;
  int64_t stride = 1;
  friend bool operator==(const Group&, const Group&) = default;
};

/// A group of ranks and how many like it act at the same time.
struct Placement {
  Group group;
  int64_t group_count = 1;

  [[nodiscard]] int64_t rank_count() const { return group.size * group_count; }
  /// The accelerator of a member.
  [[nodiscard]] int64_t endpoint(int64_t group_index, int64_t member) const {
    return (group_index / group.stride) * group.size * group.stride + group_index % group.stride +
           member * group.stride;
  }
  /// Accelerators from the first to the last member of any group.
  [[nodiscard]] int64_t span() const;
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// Which members of a group send to which, all at once.
enum class Pattern : uint8_t {
  kPair,      ///< the first to the last
  kRing,      ///< each to the next, the last to the first
  kChain,     ///< each to the next
  kExchange,  ///< each to the one `distance` away, in pairs
  kAllPairs,  ///< each to all others
  kFromRoot,  ///< the first to all others
};

struct Traffic {
  Pattern pattern = Pattern::kRing;
  Placement placement;
  int64_t distance = 1;
  /// Where the pattern runs in parts of each group: `size` members, `stride` members apart. Unset:
  /// in the whole group.
  std::optional<Group> part = std::nullopt;
  friend bool operator==(const Traffic&, const Traffic&) = default;
};

/// How fast equal flows go when all start together, under max-min fairness.
struct TrafficRate {
  BytesPerSecond rate_each;                 ///< of the slowest flow, which ends last
  size_t bottleneck = 0;                    ///< class of links where it shares most
  double flows_on_bottleneck_factor = 0.0;  ///< on one direction of one bundle there
  Seconds latency;                          ///< of the longest way
  int64_t flow_count = 0;
  std::vector<double> use_fraction_of_class;  ///< of links, while all flows go at that rate
};

/// Names every flow of a pattern to a counter.
void add_traffic(LoadCounter& counter, const Traffic& traffic);

/// The loads of a pattern; exact, without walking ways where the topology knows better.
Loads loads_of(const Topology& topology, const Traffic& traffic);

/// The most loaded class of links sets the slowest rate: max-min fairness fills every flow evenly
/// until the first link is full, which is the one with the least capacity a flow. Nullopt when the
/// pattern has no flow between different accelerators.
std::optional<TrafficRate> rate_of(const Topology& topology, const Traffic& traffic);

}  // namespace penstock::network
