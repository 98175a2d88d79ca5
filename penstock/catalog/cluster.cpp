#include "penstock/catalog/cluster.h"

namespace penstock::catalog {

Cluster read_cluster(const Node& node, Findings& findings) {
  return read_entry<Cluster>(node, findings);
}

}  // namespace penstock::catalog
