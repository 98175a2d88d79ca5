#include "penstock/network/dispatch_ranks.h"

#include <algorithm>

namespace penstock::network {

RankPlaces rank_places(const catalog::System& system, int64_t ranks_per_accelerator) {
  const int64_t nodes = system.node_count ? system.node_count->value : 1;
  RankPlaces places;
  places.domain_ranks = system.scale_up.accelerator_count.value * ranks_per_accelerator;
  places.node_ranks =
      std::max<int64_t>(1, system.accelerator_count.value * ranks_per_accelerator / nodes);
  places.node_ranks = std::min(places.node_ranks, places.domain_ranks);
  return places;
}

RankPlaces rank_places(const catalog::Catalog& catalog, const std::string& accelerator,
                       int64_t ranks_per_accelerator) {
  RankPlaces places;
  for (const catalog::EntryInfo& entry : catalog.list("systems")) {
    Findings none;
    const auto system = catalog.system(entry.id, {}, none);
    if (!system || system->accelerator != accelerator) continue;
    const RankPlaces these = rank_places(*system, ranks_per_accelerator);
    if (places.domain_ranks == 0 || these.domain_ranks < places.domain_ranks) places = these;
  }
  return places;
}

DispatchMachine rank_machine(const catalog::Accelerator& accelerator,
                             int64_t ranks_per_accelerator) {
  const auto ranks = static_cast<double>(ranks_per_accelerator);
  DispatchMachine machine;
  if (accelerator.scale_up && accelerator.scale_up->bandwidth_each_way) {
    machine.scale_up = accelerator.scale_up->bandwidth_each_way->value / ranks;
  }
  if (accelerator.scale_out_bandwidth_each_way) {
    machine.scale_out = accelerator.scale_out_bandwidth_each_way->value / ranks;
  }
  constexpr int64_t kUsual = 100;  // where the catalog does not say
  const int64_t all = accelerator.multiprocessor_count.value_or(kUsual);
  machine.multiprocessor_count = std::max<int64_t>(1, all / ranks_per_accelerator);
  return machine;
}

}  // namespace penstock::network
