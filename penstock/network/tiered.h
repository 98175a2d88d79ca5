/// Fabrics of switches in tiers: one switch domain, leaf and spine, fat tree, rails, a supernode's
/// two-tier Clos. A message rises to the lowest tier that joins both ends and turns round there.
///
/// Models: each unit (a switch, a pod) as one stage whose inside does not block, reached over the
/// bundle of all links of the unit below. Oversubscription is a thinner bundle.
/// Does not model: collisions inside a stage, which adaptive routing and spraying avoid.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/network/topology.h"

namespace penstock::network {

/// A tier as built: every number settled.
struct Tier {
  std::string name;
  int64_t unit_size = 0;       ///< places for endpoints in one unit
  int64_t links_per_unit = 0;  ///< of one unit of the tier below (an endpoint for the first)
  Seconds latency;             ///< of a message that turns round here
  Seconds host_latency;        ///< the same, where one end is a host
  int64_t switch_count = 0;    ///< of all units together
  catalog::FabricTier parts;   ///< media and part ids
};

/// How endpoints are laid out over the units of the first tier.
struct EndpointOrder {
  int64_t rail_count = 1;       ///< 1: in order; else endpoint = node * rails + rail
  int64_t nodes_per_group = 1;  ///< nodes whose cards of one rail share a first-tier unit

  /// Place of an endpoint; units are runs of places.
  [[nodiscard]] int64_t place(int64_t endpoint) const {
    if (rail_count == 1) return endpoint;
    const int64_t node = endpoint / rail_count;
    const int64_t rail = endpoint % rail_count;
    return ((node / nodes_per_group) * rail_count + rail) * nodes_per_group +
           node % nodes_per_group;
  }
};

class TieredTopology : public Topology {
 public:
  struct Options {
    std::string name;
    int64_t endpoint_count = 0;
    std::vector<Tier> tiers;  ///< the last holds everything
    EndpointOrder order;
    std::string interface_part;  ///< a card at every endpoint; empty: none to count
    std::optional<catalog::FabricHosts> hosts;
    bool reduces_in_switch = false;
  };
  explicit TieredTopology(Options options);

  void route(int64_t from, int64_t to, std::vector<Hop>& way) const override;
  [[nodiscard]] Seconds latency(int64_t from, int64_t to) const override;
  [[nodiscard]] BytesPerSecond bisection() const override;
  [[nodiscard]] int64_t diameter() const override;
  /// Exact for any placement at a cost of O(members x tiers), all pairs of them included.
  [[nodiscard]] std::unique_ptr<LoadCounter> counter_between(int64_t domain_size) const override;

  [[nodiscard]] std::span<const Tier> tiers() const { return options_.tiers; }
  /// The lowest tier, from 1, that joins two endpoints; 0 for one and the same.
  [[nodiscard]] size_t meeting_tier(int64_t a, int64_t b) const;
  /// The unit of tier `tier` (0: the endpoint itself) that holds an endpoint.
  [[nodiscard]] int64_t unit(int64_t endpoint, size_t tier) const;
  [[nodiscard]] int64_t unit_count(size_t tier) const;
  /// The class of a host's own links.
  [[nodiscard]] size_t host_links() const { return host_links_; }

 private:
  [[nodiscard]] bool is_host(int64_t endpoint) const { return endpoint >= accelerator_count_; }
  [[nodiscard]] int64_t place(int64_t endpoint) const;

  Options options_;
  size_t host_links_ = 0;  // class of links of hosts
};

}  // namespace penstock::network
