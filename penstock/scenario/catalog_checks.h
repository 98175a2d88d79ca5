/// Schemas of the catalog kinds that layers above the catalog define.
#pragma once

#include <span>

#include "penstock/catalog/catalog.h"

namespace penstock::scenario {

/// Checks for efficiency, engines and workloads, for `catalog::check_directory`.
std::span<const catalog::KindCheck> catalog_checks();

}  // namespace penstock::scenario
