#include <fmt/format.h>

#include <algorithm>

#include "penstock/network/machine.h"
#include "penstock/scenario/estimate.h"
#include "penstock/scenario/machine_diagram.h"

namespace penstock::scenario {
namespace {

using network::Machine;
using network::Topology;
using network::VertexKind;

std::string_view kind_text(VertexKind kind) {
  switch (kind) {
    case VertexKind::kAccelerator: return "accelerator";
    case VertexKind::kHost: return "host processor";
    case VertexKind::kInterface: return "interface card";
    case VertexKind::kSwitch: return "switch";
  }
  return "";
}

void add_plane(const Topology& topology, const std::string& plane, Table& vertices, Table& links) {
  for (const network::VertexClass& v : topology.vertices()) {
    vertices.rows.push_back(
        {plane, v.name, std::string(kind_text(v.kind)), v.tier, v.count, v.part});
  }
  for (const network::LinkClass& l : topology.links()) {
    links.rows.push_back({plane, l.name, l.bundle_count, l.links_per_bundle,
                          l.link_bandwidth_each_way.value(), l.bandwidth_each_way().value(),
                          std::string(enum_name(l.medium))});
  }
}

Table levels_table(const Topology& topology) {
  Table table{"levels",
              "Units, and how far apart accelerators are in each",
              {{"unit", ""}, {"accelerators", ""}, {"latency across it", "s"}},
              {}};
  for (const network::Level& level : topology.levels()) {
    const int64_t last = level.endpoint_count - 1;
    table.rows.push_back({level.name, level.endpoint_count,
                          topology.latency(0, std::max<int64_t>(last, 0)).value()});
  }
  return table;
}

}  // namespace

Result show_topology(const std::string& name, const catalog::Catalog& catalog) {
  Findings findings;
  const Mark mark;
  const std::optional<Machine> machine = network::build_machine(catalog, name, mark, findings);
  findings.throw_if_any();
  const Topology& topology = *machine->topology;
  Result result;
  result.version = version();
  result.name = machine->name;
  result.description = machine->system.summary;
  result.catalog_hash = fmt::format("{:016x}", catalog.hash(machine->entries));
  result.metrics = fabric_facts(topology);
  for (const Metric& metric : result.metrics) result.headline.push_back(metric.name);
  Table vertices{
      "vertices",
      "Vertices",
      {{"fabric", ""}, {"class", ""}, {"kind", ""}, {"tier", ""}, {"count", ""}, {"part", ""}},
      {}};
  Table links{"links",
              "Links",
              {{"fabric", ""},
               {"between", ""},
               {"bundles", ""},
               {"links in each", ""},
               {"of a link, one way", "B/s"},
               {"of a bundle", "B/s"},
               {"medium", ""}},
              {}};
  add_plane(topology, topology.name(), vertices, links);
  for (const auto& plane : machine->planes) add_plane(*plane, plane->name(), vertices, links);
  result.tables = {levels_table(topology), std::move(vertices), std::move(links)};
  result.diagrams.push_back(machine_diagram(*machine));
  result.notes = machine->assumptions;
  return result;
}

}  // namespace penstock::scenario
