/// A machine by name: a system of the catalog, a cluster, or SYSTEM_xN, with its fabrics built.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/catalog/catalog.h"
#include "penstock/network/topology.h"

namespace penstock::network {

struct Machine {
  std::string name;  ///< "cloudmatrix384_x432"
  catalog::System system;
  int64_t system_count = 1;
  /// What collectives run over: the scale-up domain, or domains joined by the scale-out network.
  std::unique_ptr<Topology> topology;
  /// Fabrics of the system that carry other traffic; of one system, or of all where it is joined.
  std::vector<std::unique_ptr<Topology>> planes;
  std::vector<std::pair<std::string, std::string>> entries;  ///< of the catalog, for hashes
  std::vector<std::string> assumptions;

  [[nodiscard]] int64_t accelerator_count() const { return topology->accelerator_count(); }
  /// Classes of links from this one on join domains; past the last where there is one domain.
  [[nodiscard]] size_t scale_out_link() const;
};

/// Looks the name up and builds its fabrics; nullopt after findings.
std::optional<Machine> build_machine(const catalog::Catalog& catalog, std::string_view name,
                                     const Mark& mark, Findings& findings);

/// Names of systems and clusters, for suggestions.
std::vector<std::string> machine_names(const catalog::Catalog& catalog);

}  // namespace penstock::network
