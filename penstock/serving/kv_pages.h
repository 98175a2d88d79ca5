/// KV pages of an instance: how many are in use, and how decoding sequences use more as they grow.
///
/// Pages are counted, not listed. Sequences that need a page at the same decode steps (modulo the
/// page size) are counted together, so growth over any number of steps costs the page size at most.
#pragma once

#include <cstdint>
#include <vector>

#include "penstock/serving/prefix_cache.h"

namespace penstock::serving {

class KvPages {
 public:
  KvPages(int64_t capacity, int64_t page_tokens)
      : capacity_(capacity),
        page_tokens_(page_tokens),
        growing_(static_cast<size_t>(page_tokens), 0) {}

  /// Pages that hold `tokens` tokens.
  [[nodiscard]] int64_t pages_for(int64_t tokens) const {
    return (tokens + page_tokens_ - 1) / page_tokens_;
  }
  [[nodiscard]] int64_t capacity() const { return capacity_; }
  [[nodiscard]] int64_t used() const { return used_; }
  /// Free pages; idle cached runs count as free, since they give way.
  [[nodiscard]] int64_t free() const { return capacity_ - used_; }
  [[nodiscard]] int64_t page_tokens() const { return page_tokens_; }
  PrefixCache& cache() { return cache_; }
  [[nodiscard]] const PrefixCache& cache() const { return cache_; }

  void use(int64_t pages);
  /// Frees pages; idle runs that had to give way before are evicted first.
  void free_up(int64_t pages);
  /// Evicts idle runs that no longer have room.
  void settle_cache() { cache_.trim(free()); }

  /// A sequence with `tokens` tokens of KV starts to grow by one a decode step, at `step`.
  void start_growing(int64_t tokens, int64_t step) { ++growing_[phase(tokens, step)]; }
  void stop_growing(int64_t tokens_at_start, int64_t start_step) {
    --growing_[phase(tokens_at_start, start_step)];
  }
  /// Pages that all growing sequences take in the decode step number `step`.
  [[nodiscard]] int64_t growth_at(int64_t step) const {
    const int64_t offset = step % page_tokens_;
    return growing_[static_cast<size_t>(offset == 0 ? 0 : page_tokens_ - offset)];
  }
  /// Over `steps` decode steps from `step` on, with `sequences` growing.
  [[nodiscard]] int64_t growth_over(int64_t step, int64_t steps, int64_t sequences) const;
  /// Steps from `step` on for which the free pages last.
  [[nodiscard]] int64_t steps_that_fit(int64_t step, int64_t sequences) const;

 private:
  [[nodiscard]] size_t phase(int64_t tokens, int64_t step) const {
    const int64_t r = (tokens - step) % page_tokens_;
    return static_cast<size_t>(r < 0 ? r + page_tokens_ : r);
  }

  int64_t capacity_;
  int64_t page_tokens_;
  int64_t used_ = 0;
  std::vector<int64_t> growing_;  // sequences by (tokens - step) modulo the page size
  PrefixCache cache_;
};

}  // namespace penstock::serving
