/// What fits: weights, activations and the KV pages left over, per accelerator of an instance.
#pragma once

#include <string>
#include <variant>

#include "penstock/base/error.h"
#include "penstock/catalog/accelerator.h"
#include "penstock/compute/forward.h"

namespace penstock::compute {

/// Limits that decide how much memory the cache gets.
struct MemoryBudget {
  double usable_fraction = 0.9;  ///< of device memory that the engine may take
  Bytes reserved;                ///< runtime, graphs and communication buffers
  int64_t step_tokens_max = 0;   ///< sizes the activations
  int64_t sequences_max = 0;
  int64_t page_tokens = 16;
};

/// Memory of one accelerator, split by use; all add up to `capacity`.
struct MemorySplit {
  Bytes capacity;  ///< as the driver reports it, where that is known
  Bytes weights;
  Bytes activations;
  Bytes reserved;
  Bytes unused;  ///< outside the usable share
  Bytes kv_cache;
  Bytes page;  ///< one page of KV on one accelerator; 0 when no layer's cache grows
  int64_t page_count = 0;
};

/// Pages left for the cache, or the arithmetic of why there are none.
std::variant<MemorySplit, Infeasible> split_memory(const Forward& forward,
                                                   const catalog::Accelerator& accelerator,
                                                   const MemoryBudget& budget);

}  // namespace penstock::compute
