/// Where the ranks of a job stand: parallel groups laid out over accelerators in a stated order.
#pragma once

#include <string>
#include <vector>

#include "penstock/network/traffic.h"

namespace penstock::network {

/// One kind of parallelism: "tp" of 8.
struct ParallelDimension {
  std::string name;
  int64_t size = 1;
};

/// Groups of one dimension as they lie on a fabric.
struct MappedDimension {
  std::string name;
  Placement placement;
  std::string unit;  ///< the smallest unit of the fabric that holds a whole group
  bool leaves_domain = false;
  Seconds latency;  ///< between the farthest members of the first group
};

struct ParallelMap {
  std::vector<MappedDimension> dimensions;
  int64_t rank_count = 1;
};

/// Lays dimensions out innermost first: the first varies fastest, so its ranks are neighbours; each
/// further one strides over all before it. The ranks must fit the accelerators.
ParallelMap map_parallel(const Topology& topology, const std::vector<ParallelDimension>& order);

}  // namespace penstock::network
