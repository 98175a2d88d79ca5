#include "penstock/scenario/machine_diagram.h"

#include <fmt/format.h>

#include <algorithm>

#include "penstock/network/cluster.h"

namespace penstock::scenario {
namespace {

using network::Topology;
using network::VertexClass;
using network::VertexKind;

VertexRole role_of(VertexKind kind) {
  switch (kind) {
    case VertexKind::kAccelerator: return VertexRole::kAccelerator;
    case VertexKind::kHost: return VertexRole::kHost;
    case VertexKind::kInterface: return VertexRole::kInterface;
    case VertexKind::kSwitch: break;
  }
  return VertexRole::kSwitch;
}

/// Units that the vertices of a tier are spread over. Switches that only stand between links, as
/// circuit switches do, are all in one.
int64_t unit_count(const Topology& topology, const VertexClass& vertices, bool joined) {
  if (vertices.kind != VertexKind::kSwitch) return std::max<int64_t>(vertices.count, 1);
  const auto tier = static_cast<size_t>(vertices.tier);
  if (!joined || tier == 0 || tier > topology.levels().size()) return 1;
  const int64_t size = std::max<int64_t>(topology.levels()[tier - 1].endpoint_count, 1);
  return (topology.accelerator_count() + size - 1) / size;
}

DiagramPlane plane_of(const Topology& topology) {
  DiagramPlane plane;
  plane.name = topology.name();
  const auto vertices = topology.vertices();
  const bool interfaces = std::any_of(vertices.begin(), vertices.end(), [](const VertexClass& v) {
    return v.kind == VertexKind::kInterface;
  });
  bool routers = false;  // groups of them are the units, not what hangs off one
  for (const network::LinkClass& l : topology.links()) {
    routers = routers || l.pattern == LinkPattern::kGroupPairs;
  }
  for (size_t i = 0; i < vertices.size(); ++i) {
    const VertexClass& v = vertices[i];
    const bool joined =
        std::any_of(topology.links().begin(), topology.links().end(),
                    [&](const network::LinkClass& l) { return l.from == i || l.to == i; });
    int64_t units = unit_count(topology, v, joined);
    if (routers && v.kind == VertexKind::kSwitch && topology.levels().size() > 1) {
      const int64_t group = std::max<int64_t>(topology.levels()[1].endpoint_count, 1);
      units = (topology.accelerator_count() + group - 1) / group;
    }
    const int64_t row = v.kind == VertexKind::kInterface ? 1
                        : v.tier > 0                     ? v.tier + (interfaces ? 1 : 0)
                                                         : 0;
    plane.vertices.push_back({v.name, role_of(v.kind), row, v.count, units, v.part});
  }
  for (const network::LinkClass& l : topology.links()) {
    plane.links.push_back({.name = l.name,
                           .from = l.from,
                           .to = l.to,
                           .pattern = l.pattern,
                           .ring_size = l.ring_size,
                           .bundle_count = l.bundle_count,
                           .links_per_bundle = l.links_per_bundle,
                           .bandwidth_each_way = l.bandwidth_each_way(),
                           .medium = std::string(enum_name(l.medium)),
                           .optical_bundle_count = l.optical_bundle_count,
                           .used_fraction = {}});
  }
  plane.facts = fabric_facts(topology);
  // the picture's labels count the accelerators already
  plane.facts.erase(plane.facts.begin(), plane.facts.begin() + 2);
  return plane;
}

/// Of a fabric that joins host computers: its endpoints are nodes.
void name_nodes(DiagramPlane& plane) {
  plane.vertices[0].name = "node";
  plane.vertices[0].role = VertexRole::kHost;
  std::erase_if(plane.facts,
                [](const Metric& fact) { return fact.name.ends_with("per_accelerator"); });
  for (DiagramLinks& links : plane.links) {
    if (links.from == 0) links.name = "node to " + plane.vertices[links.to].name;
  }
}

}  // namespace

std::vector<Metric> fabric_facts(const Topology& topology) {
  const auto endpoints = static_cast<double>(topology.accelerator_count());
  std::vector<Metric> facts;
  const auto add = [&](const char* name, double value, const char* unit) {
    facts.push_back({name, value, unit, {}, {}});
  };
  add("network.accelerators", endpoints, "accelerator");
  add("network.domain_size", static_cast<double>(topology.domain_size()), "accelerator");
  add("network.bisection_bandwidth", topology.bisection().value(), "B/s");
  add("network.bisection_per_accelerator", (topology.bisection() * (2.0 / endpoints)).value(),
      "B/s");
  add("network.diameter", static_cast<double>(topology.diameter()), "link");
  return facts;
}

Diagram machine_diagram(const network::Machine& machine) {
  Diagram diagram{"topology", fmt::format("Fabrics of {}", machine.name), {}};
  if (const auto* cluster = dynamic_cast<const network::Cluster*>(machine.topology.get())) {
    diagram.planes.push_back(plane_of(cluster->domain()));
    diagram.planes.back().note = fmt::format("one of {} scale-up domains", cluster->domain_count());
    diagram.planes.push_back(plane_of(cluster->scale_out()));
    diagram.planes.back().note = "joins the domains";
  } else {
    diagram.planes.push_back(plane_of(*machine.topology));
    if (!machine.planes.empty()) diagram.planes.back().note = "scale-up";
  }
  for (const auto& plane : machine.planes) {
    diagram.planes.push_back(plane_of(*plane));
    diagram.planes.back().note = "a plane of its own";
    if (plane->accelerator_count() != machine.accelerator_count()) {
      name_nodes(diagram.planes.back());
    }
  }
  return diagram;
}

Diagram load_diagram(const network::Machine& machine, std::span<const double> used_of_class) {
  Diagram diagram = machine_diagram(machine);
  diagram.id = "link_load";
  // a machine's classes are those of its domain, then those of the network between domains
  diagram.planes.resize(diagram.planes.size() - machine.planes.size());
  size_t next = 0;
  for (DiagramPlane& plane : diagram.planes) {
    for (DiagramLinks& links : plane.links) {
      if (next < used_of_class.size()) links.used_fraction = used_of_class[next];
      ++next;
    }
  }
  return diagram;
}

}  // namespace penstock::scenario
