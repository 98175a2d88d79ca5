/// How accelerators are wired to each other: a scale-up domain, or the network between domains.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "penstock/base/units.h"
#include "penstock/catalog/provenance.h"

namespace penstock::catalog {

/// What a link runs over. It decides which parts a link is built from.
enum class Medium : uint8_t { kBoard, kCopper, kOptical };

/// What has a place on a fabric: every accelerator, or every host computer.
enum class FabricEndpoint : uint8_t { kAccelerator, kNode };

/// One tier of a switched fabric, or the links of one that has no switches.
///
/// A unit of tier 1 joins endpoints, a unit of tier 2 joins units of tier 1, and so on. Links of
/// the planes of a fabric are counted together.
struct FabricTier {
  std::string name;                  ///< "leaf", "node"
  MaybeSourced<int64_t> unit_count;  ///< units of the tier below in one; unset: all, or by ports
  MaybeSourced<int64_t> link_count;  ///< of one unit of the tier below; unset: by ports
  Sourced<BytesPerSecond> link_bandwidth_each_way;
  MaybeSourced<Seconds> latency;       ///< one way, end to end, of a message that turns round here
  MaybeSourced<Seconds> host_latency;  ///< as latency, where one end is a host; unset: the same
  Medium medium = Medium::kBoard;      ///< of the links from the tier below
  std::string switch_part;             ///< catalog id of the switch chip; empty: not counted
  MaybeSourced<int64_t> switch_count;  ///< chips of one unit; unset: by ports
  std::string cable_part;              ///< copper: id of the cable
  std::string module_part;             ///< optical: id of the pluggable module at each end
  int64_t links_per_cable = 1;         ///< links that share a cable or a pair of modules
  int64_t cables_per_link = 1;         ///< cables (pairs) that one link takes
};

/// Host processors as endpoints beside the accelerators.
struct FabricHosts {
  Sourced<int64_t> count_per_unit;  ///< in one unit of the first tier
  Sourced<BytesPerSecond> bandwidth_each_way;
};

struct Fabric {
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
  Provenance provenance;  ///< of every figure that has none of its own
  FabricEndpoint endpoints = FabricEndpoint::kAccelerator;
  std::string topology;  ///< a name of `penstock::network::Topology`'s set
  std::vector<FabricTier> tiers;
  std::vector<int64_t> dimensions;       ///< torus: its sides
  int64_t block_side = 0;                ///< torus: side of copper blocks; optics join them
  MaybeSourced<int64_t> endpoint_count;  ///< unset: whatever the machine has
  MaybeSourced<int64_t> plane_count;     ///< equal planes every message is spread over
  MaybeSourced<int64_t> radix;           ///< ports of a switch, where the wiring follows from it
  double oversubscription_ratio = 1.0;   ///< bandwidth down over bandwidth up of a leaf
  std::string nic_part;                  ///< id of the interface card; empty: on the accelerator
  int64_t rail_count = 1;                ///< cards of a node that each have leaves of their own
  std::optional<FabricHosts> hosts;
  bool in_switch_reduction = false;  ///< switches add up and multicast (NVLS, SHARP)
  std::string notes;
};

}  // namespace penstock::catalog

template <>
struct penstock::EnumText<penstock::catalog::Medium> {
  using M = penstock::catalog::Medium;
  static constexpr std::array<std::pair<M, std::string_view>, 3> kNames = {
      {{M::kBoard, "board"}, {M::kCopper, "copper"}, {M::kOptical, "optical"}}};
};

template <>
struct penstock::EnumText<penstock::catalog::FabricEndpoint> {
  using E = penstock::catalog::FabricEndpoint;
  static constexpr std::array<std::pair<E, std::string_view>, 2> kNames = {
      {{E::kAccelerator, "accelerator"}, {E::kNode, "node"}}};
};

namespace penstock::catalog {

template <class Visitor>
void fields(Visitor& v, FabricTier& t) {
  v.required("name", t.name, "What the tier is called: leaf, node.");
  v.optional("unit_count", t.unit_count,
             "Units of the tier below that one unit joins; unset: all that are left, or by ports.");
  v.optional("link_count", t.link_count,
             "Links of one unit of the tier below, all planes together; unset: by ports.");
  v.required("link_bandwidth_each_way", t.link_bandwidth_each_way, "Of one link, one direction.");
  v.optional("latency", t.latency,
             "One way, from end to end, of a small message that turns round in this tier.");
  v.optional("host_latency", t.host_latency,
             "As latency, where one end is a host; unset: the same.");
  v.optional("medium", t.medium, "Of the links from the tier below.");
  v.optional("switch_part", t.switch_part, "Id of the switch chip.");
  v.optional("switch_count", t.switch_count, "Switch chips of one unit; unset: by ports.");
  v.optional("cable_part", t.cable_part, "Id of the copper cable.");
  v.optional("module_part", t.module_part, "Id of the optical module at each end of a link.");
  v.optional("links_per_cable", t.links_per_cable, "Links that share a cable or a pair of modules.",
             {.min = 1});
  v.optional("cables_per_link", t.cables_per_link, "Cables, as pairs, that one link takes.",
             {.min = 1});
}

template <class Visitor>
void fields(Visitor& v, FabricHosts& h) {
  v.required("count_per_unit", h.count_per_unit, "Host processors in one unit of the first tier.");
  v.required("bandwidth_each_way", h.bandwidth_each_way, "Of one host processor, one direction.");
}

template <class Visitor>
void fields(Visitor& v, Fabric& f) {
  head_fields(v, f);
  v.optional("endpoints", f.endpoints, "What has a place on it.");
  v.required("topology", f.topology, "Kind of wiring (see: docs/reference/policies.md).");
  v.required("tiers", f.tiers, "Tiers of switches from the endpoints up, or the one set of links.");
  v.optional("dimensions", f.dimensions, "Sides of a torus.", {.min = 1});
  v.optional("block_side", f.block_side,
             "Torus: side of the blocks wired in copper, which optics join; 0: none.", {.min = 0});
  v.optional("endpoint_count", f.endpoint_count, "Unset: whatever the machine has.");
  v.optional("plane_count", f.plane_count, "Equal planes that every message is spread over.");
  v.optional("radix", f.radix, "Ports of one switch, where the wiring follows from them.");
  v.optional("oversubscription_ratio", f.oversubscription_ratio,
             "Bandwidth down over bandwidth up of the first tier.", {.min = 1, .max = 64});
  v.optional("nic_part", f.nic_part, "Id of the interface card; unset: on the accelerator.");
  v.optional("rail_count", f.rail_count, "Cards of a node that each have leaves of their own.",
             {.min = 1});
  v.optional("hosts", f.hosts, "Host processors as endpoints beside the accelerators.");
  v.optional("in_switch_reduction", f.in_switch_reduction,
             "Whether switches add up and multicast (NVLS, SHARP).");
  v.optional("notes", f.notes, "What a reader must know to use the entry.");
}

/// Reads an entry of data/fabrics.
Fabric read_fabric(const Node& node, Findings& findings);

}  // namespace penstock::catalog
