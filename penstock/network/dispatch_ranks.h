/// Ranks of an exchange on machines of the catalog: how they lie, and what each has.
#pragma once

#include <string>

#include "penstock/catalog/catalog.h"
#include "penstock/network/dispatch.h"

namespace penstock::network {

/// Ranks of one scale-up domain and of one node.
struct RankPlaces {
  int64_t domain_ranks = 0;  ///< 0: not known
  int64_t node_ranks = 0;
};

RankPlaces rank_places(const catalog::System& system, int64_t ranks_per_accelerator);

/// Of the smallest system of the catalog that is made of an accelerator.
RankPlaces rank_places(const catalog::Catalog& catalog, const std::string& accelerator,
                       int64_t ranks_per_accelerator);

/// What a rank of an accelerator has by the catalog; dies share their package's links evenly.
DispatchMachine rank_machine(const catalog::Accelerator& accelerator,
                             int64_t ranks_per_accelerator);

}  // namespace penstock::network
