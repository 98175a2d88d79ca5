/// `penstock topology bom`: what the network of a machine is built of, its watts and dollars, and
/// what other optics would change.
#pragma once

#include <string>

#include "penstock/base/result.h"
#include "penstock/catalog/catalog.h"

namespace penstock::scenario {

struct BomQuery {
  std::string machine;              ///< system, cluster or SYSTEM_xN
  std::string optics = "as_built";  ///< as_built, pluggable, lpo or cpo
};

/// The bill by part and by place, totals per machine and per accelerator, and pluggable, LPO and
/// CPO side by side. Throws InputError for names that are unknown, all at once.
Result topology_bom(const BomQuery& query, const catalog::Catalog& catalog);

}  // namespace penstock::scenario
