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

int64_t KvPages::growth_over(int64_t step, int64_t steps, int64_t sequences) const {
  int64_t pages = steps / page_tokens_ * sequences;
  for (int64_t i = 0; i < steps % page_tokens_; ++i) pages += growth_at(step + i);
  return pages;
}

int64_t KvPages::steps_that_fit(int64_t step, int64_t sequences) const {
  if (sequences == 0) return DecodeBatch::kForever;
  const int64_t cycles = free() / sequences;
  int64_t left = free() - cycles * sequences;
  int64_t steps = cycles * page_tokens_;
  // less than one more cycle fits
  while (true) {
    const int64_t need = growth_at(step + steps);
    if (need > left) return steps;
    left -= need;
    ++steps;
  }
}

}  // namespace penstock::serving
