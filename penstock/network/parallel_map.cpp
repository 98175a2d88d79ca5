#include "penstock/network/parallel_map.h"

#include <algorithm>

#include "penstock/base/check.h"

namespace penstock::network {

ParallelMap map_parallel(const Topology& topology, const std::vector<ParallelDimension>& order) {
  ParallelMap map;
  for (const ParallelDimension& dimension : order) map.rank_count *= dimension.size;
  PENSTOCK_CHECK(map.rank_count <= topology.accelerator_count(), "{} ranks on {} accelerators",
                 map.rank_count, topology.accelerator_count());
  int64_t stride = 1;
  for (const ParallelDimension& dimension : order) {
    MappedDimension mapped;
    mapped.name = dimension.name;
    mapped.placement = {{dimension.size, stride}, map.rank_count / dimension.size};
    // a unit holds every group whole only when groups do not straddle its edges
    const int64_t reach = dimension.size * stride;
    for (const Level& level : topology.levels()) {
      mapped.unit = level.name;
      if (level.endpoint_count % reach == 0 || level.endpoint_count >= map.rank_count) break;
    }
    mapped.leaves_domain =
        topology.domain_size() % reach != 0 && map.rank_count > topology.domain_size();
    for (int64_t member = 1; member < dimension.size; ++member) {
      mapped.latency = std::max(
          mapped.latency,
          topology.latency(mapped.placement.endpoint(0, 0), mapped.placement.endpoint(0, member)));
    }
    map.dimensions.push_back(std::move(mapped));
    stride *= dimension.size;
  }
  return map;
}

}  // namespace penstock::network
