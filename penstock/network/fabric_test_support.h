/// Small fabrics for tests, built through the same registry as those of the catalog.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "penstock/base/units.h"
#include "penstock/network/cluster.h"
#include "penstock/network/topology.h"

namespace penstock::network {

struct TierSpec {
  std::string name;
  int64_t unit_count = 0;  ///< 0: unset
  int64_t link_count = 0;  ///< 0: unset
  double gigabytes_per_second_factor = 50.0;
  double microseconds_factor = 1.0;
};

struct FabricSpec {
  std::string topology;
  std::vector<TierSpec> tiers;
  int64_t radix = 0;
  double oversubscription_ratio = 1.0;
  int64_t rail_count = 1;
  int64_t plane_count = 0;
  std::vector<int64_t> dimensions = {};
  bool reduces = false;
};

template <class T>
catalog::Sourced<T> sourced(T value) {
  catalog::Sourced<T> result;
  result.value = value;
  return result;
}

inline catalog::Fabric make_fabric(const FabricSpec& spec) {
  catalog::Fabric fabric;
  fabric.id = "test";
  fabric.topology = spec.topology;
  for (const TierSpec& tier_spec : spec.tiers) {
    catalog::FabricTier tier;
    tier.name = tier_spec.name;
    if (tier_spec.unit_count > 0) tier.unit_count = sourced(tier_spec.unit_count);
    if (tier_spec.link_count > 0) tier.link_count = sourced(tier_spec.link_count);
    tier.link_bandwidth_each_way.value =
        BytesPerSecond(tier_spec.gigabytes_per_second_factor * 1e9);
    tier.latency = sourced(Seconds(tier_spec.microseconds_factor * 1e-6));
    fabric.tiers.push_back(tier);
  }
  if (spec.radix > 0) fabric.radix = sourced(spec.radix);
  if (spec.plane_count > 0) fabric.plane_count = sourced(spec.plane_count);
  fabric.oversubscription_ratio = spec.oversubscription_ratio;
  fabric.rail_count = spec.rail_count;
  fabric.dimensions = spec.dimensions;
  fabric.in_switch_reduction = spec.reduces;
  return fabric;
}

/// The topology; a failed expectation and null when the fabric cannot be wired.
inline std::unique_ptr<Topology> wire(const FabricSpec& spec, int64_t endpoints) {
  Findings findings;
  auto topology = build_topology(make_fabric(spec), {Mark{}, endpoints, 1}, findings);
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
  return topology;
}

/// What wiring it says; empty when it works.
inline std::string wiring_mistakes(const FabricSpec& spec, int64_t endpoints) {
  Findings findings;
  static_cast<void>(build_topology(make_fabric(spec), {Mark{}, endpoints, 1}, findings));
  return to_text(findings.all());
}

/// One of each kind of wiring, small; every link `speed_factor` as fast as usual.
inline std::vector<std::unique_ptr<Topology>> one_of_each(double speed_factor = 1.0) {
  const auto small = [&](FabricSpec spec, int64_t endpoints) {
    for (TierSpec& tier : spec.tiers) tier.gigabytes_per_second_factor *= speed_factor;
    return wire(spec, endpoints);
  };
  std::vector<std::unique_ptr<Topology>> all;
  all.push_back(small({"switched", {{"sw", 0, 4}}}, 8));
  all.push_back(small({"clos", {{"node", 4, 2}, {"top", 0, 6}}}, 24));
  all.push_back(small({"leaf_spine", {{"leaf", 0, 1}, {"spine"}}, 8, 3.0}, 24));
  all.push_back(small({"fat_tree", {{"leaf", 0, 1}, {"spine"}, {"core"}}, 4}, 16));
  all.push_back(small({"rail_optimized", {{"leaf", 0, 1}, {"spine"}}, 8, 1.0, 4}, 32));
  all.push_back(small({"multi_plane", {{"leaf", 0, 2}, {"spine"}}, 8, 1.0, 1, 2}, 32));
  all.push_back(small({"full_mesh", {{"mesh", 0, 7}}}, 8));
  all.push_back(small({"torus", {{"ici", 0, 6}}, 0, 1.0, 1, 0, {4, 3, 2}}, 24));
  all.push_back(small({"dragonfly", {{"nic", 2, 1}, {"local", 4, 1}, {"global", 0, 2}}}, 40));
  all.push_back(std::make_unique<Cluster>(
      "pods", small({"switched", {{"sw", 0, 4, 100.0}}}, 4), 6,
      small({"rail_optimized", {{"leaf", 0, 1}, {"spine"}}, 8, 1.0, 4}, 24)));
  return all;
}

}  // namespace penstock::network
