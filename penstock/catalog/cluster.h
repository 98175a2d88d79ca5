/// Systems joined by a scale-out network, bought and run as one.
#pragma once

#include <string>
#include <vector>

#include "penstock/catalog/provenance.h"

namespace penstock::catalog {

struct Cluster {
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
  Provenance provenance;  ///< of every figure that has none of its own
  std::string system;     ///< catalog id
  Sourced<int64_t> system_count;
  std::string scale_out;  ///< fabric id; empty: the one the system names
  std::string notes;
};

template <class Visitor>
void fields(Visitor& v, Cluster& c) {
  head_fields(v, c);
  v.required("system", c.system, "Catalog id of the server or supernode.");
  v.required("system_count", c.system_count, "How many of them.");
  v.optional("scale_out", c.scale_out, "Id of the fabric that joins them; unset: the system's.");
  v.optional("notes", c.notes, "What a reader must know to use the entry.");
}

/// Reads an entry of data/clusters.
Cluster read_cluster(const Node& node, Findings& findings);

}  // namespace penstock::catalog
