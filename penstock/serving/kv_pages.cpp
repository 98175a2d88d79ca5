#include "penstock/serving/kv_pages.h"

#include "penstock/base/check.h"
#include "penstock/serving/decode_batch.h"

namespace penstock::serving {

void KvPages::use(int64_t pages) {
  PENSTOCK_CHECK(pages <= free(), "{} KV pages in use of {}", used_ + pages, capacity_);
  used_ += pages;
}

void KvPages::free_up(int64_t pages) {
  PENSTOCK_CHECK(pages <= used_, "{} KV pages in use after freeing {}", used_ - pages, pages);
  settle_cache();
  used_ -= pages;
}

void KvPages::count_growing(int64_t tokens, int64_t step, int64_t change) {
  growing_count_ += change;
  int64_t phase = (tokens * pace_.unit - step * pace_.gain) % page_parts_;
  if (phase < 0) phase += page_parts_;
  for (int64_t i = phase + 1; i <= page_parts_; i += i & -i) {
    growing_[static_cast<size_t>(i)] += change;
  }
}

int64_t KvPages::phases_below(int64_t end) const {
  int64_t count = 0;
  for (int64_t i = end; i > 0; i -= i & -i) count += growing_[static_cast<size_t>(i)];
  return count;
}

int64_t KvPages::growth_over(int64_t step, int64_t steps) const {
  const int64_t parts = steps * pace_.gain;
  const int64_t rest = parts % page_parts_;
  const int64_t whole = parts / page_parts_ * growing_count_;
  if (rest == 0) return whole;
  // a sequence that holds r parts of its last page (0: all of it) takes one more if r + rest passes
  // the page, which are the `rest` phases up to the one that has just filled its page
  const int64_t gained = step * pace_.gain % page_parts_;
  const int64_t last = (page_parts_ - gained) % page_parts_;
  const int64_t first = last - rest + 1;
  if (first >= 0) return whole + phases_below(last + 1) - phases_below(first);
  return whole + phases_below(last + 1) + growing_count_ - phases_below(first + page_parts_);
}

int64_t KvPages::steps_that_fit(int64_t step) const {
  if (growing_count_ == 0) return DecodeBatch::kForever;
  // after `cycles` whole pages for all, less than one more fits
  const int64_t cycles = free() / growing_count_;
  int64_t fit = cycles * page_parts_ / pace_.gain;
  int64_t over = ((cycles + 1) * page_parts_) / pace_.gain + 1;
  while (fit + 1 < over) {
    const int64_t middle = fit + (over - fit) / 2;
    (growth_over(step, middle) <= free() ? fit : over) = middle;
  }
  return fit;
}

}  // namespace penstock::serving
