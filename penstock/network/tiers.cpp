#include "penstock/network/tiers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace penstock::network {
namespace {

Tier tier_of(const catalog::FabricTier& entry) {
  Tier tier;
  tier.name = entry.name;
  if (entry.latency) tier.latency = entry.latency->value;
  tier.host_latency = entry.host_latency ? entry.host_latency->value : tier.latency;
  tier.parts = entry;
  return tier;
}

TieredTopology::Options options_of(const catalog::Fabric& fabric, const FabricContext& context) {
  TieredTopology::Options options;
  options.name = fabric.id;
  options.endpoint_count = context.endpoint_count;
  options.interface_part = fabric.nic_part;
  options.hosts = fabric.hosts;
  options.reduces_in_switch = fabric.in_switch_reduction;
  return options;
}

/// What the ports of one plane make of the entry.
struct Ports {
  int64_t radix = 0;
  int64_t planes = 1;
  int64_t links = 1;  // of an endpoint, in one plane
  int64_t down = 0;   // ports of a leaf that face endpoints
  int64_t up = 0;
  int64_t endpoints_of_leaf = 0;
};

std::optional<Ports> ports_of(const catalog::Fabric& fabric, const FabricContext& context,
                              Findings& findings) {
  const auto fail = [&](const std::string& text) {
    findings.add(context.mark, fmt::format("fabric '{}': {}", fabric.id, text));
    return std::nullopt;
  };
  if (!fabric.radix) return fail("'radix' is needed, the ports of one switch");
  Ports ports;
  ports.radix = fabric.radix->value;
  if (fabric.plane_count) ports.planes = fabric.plane_count->value;
  const catalog::MaybeSourced<int64_t>& links = fabric.tiers[0].link_count;
  const int64_t all_links = links ? links->value : ports.planes;
  if (ports.radix % 2 != 0) {
    return fail(
        fmt::format("a switch of {} ports cannot face both ways evenly; an even number "
                    "of ports is needed",
                    ports.radix));
  }
  if (all_links % ports.planes != 0) {
    return fail(fmt::format("{} links of an endpoint do not divide over {} planes", all_links,
                            ports.planes));
  }
  ports.links = all_links / ports.planes;
  const double ratio = fabric.oversubscription_ratio;
  ports.down = static_cast<int64_t>(
      std::floor(static_cast<double>(ports.radix) * ratio / (1.0 + ratio) + 1e-9));
  ports.down -= ports.down % ports.links;
  ports.up = ports.radix - ports.down;
  ports.endpoints_of_leaf = ports.down / ports.links;
  if (ports.endpoints_of_leaf < 1 || ports.up < 1) {
    return fail(fmt::format("{} ports leave {} towards endpoints of {} links and {} upwards",
                            ports.radix, ports.down, ports.links, ports.up));
  }
  return ports;
}

}  // namespace

std::optional<TieredTopology::Options> tiers_as_given(const catalog::Fabric& fabric,
                                                      const FabricContext& context,
                                                      Findings& findings) {
  TieredTopology::Options options = options_of(fabric, context);
  const size_t mistakes = findings.size();
  int64_t unit_size = 1;
  for (size_t i = 0; i < fabric.tiers.size(); ++i) {
    const catalog::FabricTier& entry = fabric.tiers[i];
    Tier tier = tier_of(entry);
    if (!entry.link_count) {
      findings.add(context.mark,
                   fmt::format("fabric '{}': tier '{}' needs 'link_count'", fabric.id, entry.name));
      continue;
    }
    tier.links_per_unit = entry.link_count->value;
    const bool last = i + 1 == fabric.tiers.size();
    if (!last && !entry.unit_count) {
      findings.add(context.mark,
                   fmt::format("fabric '{}': tier '{}' needs 'unit_count', since another follows",
                               fabric.id, entry.name));
      continue;
    }
    const int64_t below = ceil_divide(context.endpoint_count, unit_size);
    unit_size *= last ? std::max<int64_t>(below, 1) : entry.unit_count->value;
    tier.unit_size = unit_size;
    if (last && entry.unit_count && entry.unit_count->value < below) {
      findings.add(
          context.mark,
          fmt::format("fabric '{}': tier '{}' joins {} units; {} endpoints make {}", fabric.id,
                      entry.name, entry.unit_count->value, context.endpoint_count, below));
    }
    if (entry.switch_count) {
      tier.switch_count =
          entry.switch_count->value * ceil_divide(context.endpoint_count, unit_size);
    }
    options.tiers.push_back(std::move(tier));
  }
  if (findings.size() != mistakes) return std::nullopt;
  return options;
}

std::optional<TieredTopology::Options> tiers_by_ports(const catalog::Fabric& fabric,
                                                      const FabricContext& context,
                                                      int64_t rail_count, Findings& findings) {
  const std::optional<Ports> ports = ports_of(fabric, context, findings);
  if (!ports) return std::nullopt;
  TieredTopology::Options options = options_of(fabric, context);
  const int64_t endpoints = context.endpoint_count;
  const int64_t leaf = ports->endpoints_of_leaf;
  const bool one = rail_count == 1 && endpoints * ports->links <= ports->radix;
  int64_t leaves = ceil_divide(endpoints, leaf);
  if (rail_count > 1) {
    options.order = {rail_count, leaf};
    leaves = ceil_divide(ceil_divide(endpoints, rail_count), leaf) * rail_count;
  }
  const int64_t half = ports->radix / 2;
  const int64_t pods = ceil_divide(leaves, half);
  const size_t needed = one ? 1 : leaves <= ports->radix ? 2 : 3;
  if (needed > fabric.tiers.size() || (needed == 3 && pods > ports->radix)) {
    const size_t tiers = std::min<size_t>(fabric.tiers.size(), 3);
    const int64_t most = tiers == 1   ? ports->radix / ports->links
                         : tiers == 2 ? ports->radix * leaf
                                      : ports->radix * half * leaf;
    findings.add(context.mark,
                 fmt::format("fabric '{}' holds at most {} endpoints in {} tiers of {}-port "
                             "switches with {} endpoints a leaf; {} are to be joined",
                             fabric.id, most, tiers, ports->radix, leaf, endpoints));
    return std::nullopt;
  }
  const auto whole = [&](int64_t links) { return links * ports->planes; };
  Tier first = tier_of(fabric.tiers[0]);
  first.links_per_unit = whole(ports->links);
  first.unit_size = one ? endpoints : leaf;
  first.switch_count = one ? whole(1) : whole(leaves);
  options.tiers.push_back(std::move(first));
  if (one) return options;
  // places of a rail layout may have gaps, so the top holds all of them
  const int64_t places = leaves * leaf;
  Tier second = tier_of(fabric.tiers[1]);
  second.links_per_unit = whole(ports->up);
  second.unit_size = needed == 2 ? places : leaf * half;
  second.switch_count =
      needed == 2 ? whole(ceil_divide(leaves * ports->up, ports->radix)) : whole(pods * ports->up);
  options.tiers.push_back(std::move(second));
  if (needed == 2) return options;
  Tier third = tier_of(fabric.tiers[2]);
  third.links_per_unit = whole(ports->up * half);
  third.unit_size = pods * leaf * half;
  third.switch_count = whole(ceil_divide(pods * ports->up * half, ports->radix));
  options.tiers.push_back(std::move(third));
  return options;
}

}  // namespace penstock::network
