/// KV pages of an instance: how many are in use, and how decoding sequences use more as they grow.
///
/// Pages are counted, not listed. Sequences grow by the same parts of a token a step
/// (decode_pace.h), so which of them need a page in a step follows from their length modulo a page;
/// sequences are counted by it, and growth over any number of steps is whole pages for all of them
/// plus one count of those within a range.
#pragma once

#include <cstdint>
#include <vector>

#include "penstock/serving/decode_pace.h"
#include "penstock/serving/prefix_cache.h"

namespace penstock::serving {

class KvPages {
 public:
  KvPages(int64_t capacity, int64_t page_tokens, const DecodePace& pace = {})
      : capacity_(capacity),
        page_tokens_(page_tokens),
        pace_(pace),
        page_parts_(page_tokens * pace.unit),
        growing_(static_cast<size_t>(page_parts_) + 1, 0) {}

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

  /// Pages that a sequence with `tokens` tokens has taken after `steps` decode steps.
  [[nodiscard]] int64_t pages_grown(int64_t tokens, int64_t steps) const {
    return (tokens * pace_.unit + steps * pace_.gain + page_parts_ - 1) / page_parts_ -
           pages_for(tokens);
  }
  /// A sequence with `tokens` tokens of KV starts to grow with every decode step, at `step`.
  void start_growing(int64_t tokens, int64_t step) { count_growing(tokens, step, 1); }
  void stop_growing(int64_t tokens_at_start, int64_t start_step) {
    count_growing(tokens_at_start, start_step, -1);
  }
  /// Pages that all growing sequences take in the decode step number `step`.
  [[nodiscard]] int64_t growth_at(int64_t step) const { return growth_over(step, 1); }
  /// Over `steps` decode steps from `step` on.
  [[nodiscard]] int64_t growth_over(int64_t step, int64_t steps) const;
  /// Steps from `step` on for which the free pages last.
  [[nodiscard]] int64_t steps_that_fit(int64_t step) const;

 private:
  void count_growing(int64_t tokens, int64_t step, int64_t change);
  /// Growing sequences whose phase is below `end`.
  [[nodiscard]] int64_t phases_below(int64_t end) const;

  int64_t capacity_;
  int64_t page_tokens_;
  int64_t used_ = 0;
  DecodePace pace_;
  int64_t page_parts_;
  int64_t growing_count_ = 0;
  // sequences by phase, their parts less those gained since step 0 modulo a page; sums over ranges
  // of phases (Fenwick tree)
  std::vector<int64_t> growing_;
  PrefixCache cache_;
};

}  // namespace penstock::serving
