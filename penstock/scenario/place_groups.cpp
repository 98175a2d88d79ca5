#include <fmt/format.h>

#include <algorithm>

#include "penstock/network/machine.h"
#include "penstock/network/parallel_map.h"
#include "penstock/scenario/estimate.h"

namespace penstock::scenario {
namespace {

constexpr int64_t kShownGroups = 4;
constexpr int64_t kShownMembers = 8;

/// "0, 8, 16, ... 504": the first members of a group and its last.
std::string members_text(const network::Placement& placement, int64_t group) {
  std::string text;
  const int64_t size = placement.group.size;
  for (int64_t member = 0; member < std::min(size, kShownMembers); ++member) {
    text += fmt::format("{}{}", member == 0 ? "" : ", ", placement.endpoint(group, member));
  }
  if (size > kShownMembers) text += fmt::format(", ... {}", placement.endpoint(group, size - 1));
  return text;
}

}  // namespace

Result place_groups(const PlaceQuery& query, const catalog::Catalog& catalog) {
  Findings findings;
  const Mark mark;
  const auto machine = network::build_machine(catalog, query.system, mark, findings);
  findings.throw_if_any();
  std::vector<network::ParallelDimension> order;
  int64_t ranks = 1;
  std::string product;
  for (const PlaceQuery::Dimension& dimension : query.dimensions) {
    order.push_back({dimension.name, dimension.size});
    // saturates: a product beyond any machine is only reported
    ranks = dimension.size > machine->accelerator_count() ? machine->accelerator_count() + 1
                                                          : ranks * dimension.size;
    product += fmt::format("{}{} {}", product.empty() ? "" : " x ", dimension.name, dimension.size);
    if (ranks > machine->accelerator_count()) break;
  }
  if (ranks > machine->accelerator_count()) {
    findings.add("NAME", fmt::format("{} makes {} ranks or more; '{}' has {} accelerators", product,
                                     ranks, machine->name, machine->accelerator_count()));
  }
  findings.throw_if_any();
  const network::ParallelMap map = network::map_parallel(*machine->topology, order);
  Result result;
  result.version = version();
  result.name = fmt::format("{} ranks on {}", map.rank_count, machine->name);
  result.catalog_hash = fmt::format("{:016x}", catalog.hash(machine->entries));
  Table table{"dimensions",
              "Parallel dimensions, innermost first",
              {{"dimension", ""},
               {"size", ""},
               {"apart", ""},
               {"groups", ""},
               {"stays in", ""},
               {"farthest", "s"}},
              {}};
  Table groups{
      "groups", "First groups", {{"dimension", ""}, {"group", ""}, {"accelerators", ""}}, {}};
  for (const network::MappedDimension& dimension : map.dimensions) {
    table.rows.push_back({dimension.name, dimension.placement.group.size,
                          dimension.placement.group.stride, dimension.placement.group_count,
                          dimension.unit, dimension.latency.value()});
    const int64_t shown = std::min(dimension.placement.group_count, kShownGroups);
    for (int64_t group = 0; dimension.placement.group.size > 1 && group < shown; ++group) {
      groups.rows.push_back({dimension.name, group, members_text(dimension.placement, group)});
    }
  }
  result.tables = {std::move(table), std::move(groups)};
  if (map.rank_count < machine->accelerator_count()) {
    result.notes.push_back(fmt::format("{} of {} accelerators have no rank.",
                                       machine->accelerator_count() - map.rank_count,
                                       machine->accelerator_count()));
  }
  return result;
}

}  // namespace penstock::scenario
