#include "penstock/network/machine.h"

#include <fmt/format.h>

#include <charconv>

#include "penstock/base/text.h"
#include "penstock/network/cluster.h"

namespace penstock::network {
namespace {

// ten times the largest cluster announced, and its graph still fits in memory
constexpr int64_t kMostAccelerators = 4'000'000;

/// What a name says before its parts are looked up.
struct Named {
  std::string system;
  int64_t count = 1;
  std::string scale_out;  // empty: the system's
};

/// "cloudmatrix384_x432" as system and count.
std::optional<Named> split_count(std::string_view name) {
  const size_t at = name.rfind("_x");
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  Named named;
  named.system = std::string(name.substr(0, at));
  const std::string_view digits = name.substr(at + 2);
  const auto [end, code] =
      std::from_chars(digits.data(), digits.data() + digits.size(), named.count);
  if (code != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return named;
}

std::optional<Named> resolve(const catalog::Catalog& catalog, std::string_view name,
                             const Mark& mark, Findings& findings, Machine& machine) {
  if (const auto id = catalog.canonical_id("clusters", name)) {
    const std::optional<catalog::Cluster> cluster = catalog.cluster(*id, mark, findings);
    if (!cluster) return std::nullopt;
    machine.entries.emplace_back("clusters", *id);
    machine.name = *id;
    return Named{cluster->system, cluster->system_count.value, cluster->scale_out};
  }
  if (const auto id = catalog.canonical_id("systems", name)) {
    machine.name = *id;
    return Named{*id, 1, {}};
  }
  if (const auto named = split_count(name)) {
    if (const auto id = catalog.canonical_id("systems", named->system)) {
      machine.name = fmt::format("{}_x{}", *id, named->count);
      return Named{*id, named->count, {}};
    }
  }
  findings.add(mark,
               fmt::format("no system or cluster '{}' in the catalog{} (see: penstock catalog list "
                           "systems; SYSTEM_xN is N of a system)",
                           name.substr(0, 80), suggestion(name, machine_names(catalog))));
  return std::nullopt;
}

/// A fabric by id; nodes are its endpoints where it says so.
std::unique_ptr<Topology> build_fabric(const catalog::Catalog& catalog, const std::string& id,
                                       FabricContext context, Findings& findings,
                                       Machine& machine) {
  const std::optional<catalog::Fabric> fabric = catalog.fabric(id, context.mark, findings);
  if (!fabric) return nullptr;
  if (fabric->endpoints == catalog::FabricEndpoint::kNode) {
    context.endpoint_count /= context.node_size;
    context.node_size = 1;
  }
  machine.entries.emplace_back("fabrics", fabric->id);
  return build_topology(*fabric, context, findings);
}

/// A domain without a fabric of its own: one switch that gives every accelerator its bandwidth.
std::unique_ptr<Topology> assumed_switch(const catalog::System& system,
                                         const FabricContext& context, Findings& findings,
                                         Machine& machine) {
  if (!system.scale_up.bandwidth_each_way) {
    findings.add(context.mark,
                 fmt::format("system '{}' names no fabric and gives no bandwidth of its scale-up "
                             "domain, so it has no topology",
                             system.id));
    return nullptr;
  }
  catalog::Fabric fabric;
  fabric.id = system.id;
  fabric.topology = "switched";
  catalog::FabricTier tier;
  tier.name = "switch";
  tier.link_count = catalog::Sourced<int64_t>{1, system.provenance, {}};
  tier.link_bandwidth_each_way = *system.scale_up.bandwidth_each_way;
  tier.latency = system.scale_up.latency;
  tier.switch_count = system.scale_up.switch_count;
  fabric.tiers.push_back(tier);
  machine.assumptions.push_back(
      fmt::format("'{}' names no fabric: its domain is taken as one switch that gives every "
                  "accelerator {} each way",
                  system.id, to_text(system.scale_up.bandwidth_each_way->value)));
  return build_topology(fabric, context, findings);
}

std::unique_ptr<Topology> build_domain(const catalog::Catalog& catalog,
                                       const catalog::System& system, const Mark& mark,
                                       Findings& findings, Machine& machine) {
  const FabricContext context{mark, system.scale_up.accelerator_count.value, 1};
  if (system.scale_up.fabric.empty()) return assumed_switch(system, context, findings, machine);
  return build_fabric(catalog, system.scale_up.fabric, context, findings, machine);
}

}  // namespace

size_t Machine::scale_out_link() const {
  const auto* cluster = dynamic_cast<const Cluster*>(topology.get());
  return cluster == nullptr ? topology->links().size() : cluster->first_scale_out_link();
}

std::vector<std::string> machine_names(const catalog::Catalog& catalog) {
  std::vector<std::string> names = catalog.ids("systems");
  for (std::string& id : catalog.ids("clusters")) names.push_back(std::move(id));
  return names;
}

std::optional<Machine> build_machine(const catalog::Catalog& catalog, std::string_view name,
                                     const Mark& mark, Findings& findings) {
  Machine machine;
  const std::optional<Named> named = resolve(catalog, name, mark, findings, machine);
  if (!named) return std::nullopt;
  const std::optional<catalog::System> system = catalog.system(named->system, mark, findings);
  if (!system) return std::nullopt;
  machine.system = *system;
  machine.system_count = named->count;
  machine.entries.emplace_back("systems", system->id);
  const int64_t per_domain = system->scale_up.accelerator_count.value;
  const int64_t domains = system->accelerator_count.value / per_domain * named->count;
  if (named->count < 1 || named->count > kMostAccelerators / system->accelerator_count.value) {
    findings.add(mark,
                 fmt::format("{} systems of {} accelerators; a machine has 1 to {}", named->count,
                             system->accelerator_count.value, kMostAccelerators));
    return std::nullopt;
  }
  std::unique_ptr<Topology> domain = build_domain(catalog, *system, mark, findings, machine);
  const int64_t nodes = system->node_count ? system->node_count->value : 1;
  const int64_t node_size = std::max<int64_t>(1, system->accelerator_count.value / nodes);
  if (domains == 1) {
    machine.topology = std::move(domain);
  } else {
    const std::string scale_out = named->scale_out.empty() ? system->scale_out : named->scale_out;
    if (scale_out.empty()) {
      findings.add(mark, fmt::format("system '{}' names no 'scale_out' network to join {} domains",
                                     system->id, domains));
      return std::nullopt;
    }
    std::unique_ptr<Topology> network = build_fabric(
        catalog, scale_out, {mark, domains * per_domain, node_size}, findings, machine);
    if (domain == nullptr || network == nullptr) return std::nullopt;
    machine.topology =
        std::make_unique<Cluster>(machine.name, std::move(domain), domains, std::move(network));
  }
  if (machine.topology == nullptr) return std::nullopt;
  for (const std::string& id : system->planes) {
    // of a cluster, the plane that joins its systems is built already
    if (domains > 1 && id == system->scale_out) continue;
    std::unique_ptr<Topology> plane =
        build_fabric(catalog, id, {mark, system->accelerator_count.value * named->count, node_size},
                     findings, machine);
    if (plane == nullptr) return std::nullopt;
    machine.planes.push_back(std::move(plane));
  }
  return machine;
}

}  // namespace penstock::network
