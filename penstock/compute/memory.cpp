#include "penstock/compute/memory.h"

#include <fmt/format.h>

#include "penstock/base/unit_text.h"

namespace penstock::compute {

std::variant<MemorySplit, Infeasible> split_memory(const Forward& forward,
                                                   const catalog::Accelerator& accelerator,
                                                   const MemoryBudget& budget) {
  MemorySplit split;
  split.capacity = accelerator.usable_memory();
  split.weights = forward.weights_per_rank();
  split.activations = forward.activation_bytes(budget.step_tokens_max, budget.sequences_max);
  split.reserved = budget.reserved;
  const Bytes usable = split.capacity * budget.usable_fraction;
  split.unused = split.capacity - usable;
  split.kv_cache = usable - split.weights - split.activations - split.reserved;
  split.page = forward.kv_bytes_per_token_per_rank() * static_cast<double>(budget.page_tokens);
  const std::string arithmetic = fmt::format(
      "usable {} ({} x {:.2f}) - weights {} - activations {} - reserved {} = {}", to_text(usable),
      to_text(split.capacity), budget.usable_fraction, to_text(split.weights),
      to_text(split.activations), to_text(split.reserved), to_text(split.kv_cache));
  const int64_t ranks = forward.plan().accelerator_count();
  if (split.weights > usable) {
    return Infeasible{
        fmt::format("weights of {} do not fit: {} a rank on {} rank{} against {} usable of {} ({})",
                    forward.model().id, to_text(split.weights), ranks, ranks == 1 ? "" : "s",
                    to_text(usable), accelerator.id, arithmetic)};
  }
  if (split.kv_cache <= Bytes()) {
    return Infeasible{fmt::format("no memory is left for the KV cache of {} on {}: {}",
                                  forward.model().id, accelerator.id, arithmetic)};
  }
  if (split.page > Bytes()) {
    split.page_count = static_cast<int64_t>(split.kv_cache / split.page);
    if (split.page_count == 0) {
      return Infeasible{
          fmt::format("not one KV page of {} fits: {}", to_text(split.page), arithmetic)};
    }
  } else {
    // no layer's cache grows: sequences are bounded by their fixed states alone, counted as pages
    split.page = Bytes(1.0);
    split.page_count = static_cast<int64_t>(split.kv_cache.value());
  }
  return split;
}

}  // namespace penstock::compute
