#include "penstock/serving/prefix_cache.h"

#include "penstock/base/check.h"

namespace penstock::serving {

int64_t PrefixCache::match(std::span<const uint64_t> hashes) const {
  int64_t count = 0;
  for (const uint64_t hash : hashes) {
    if (!index_.contains(hash)) break;
    ++count;
  }
  return count;
}

int64_t PrefixCache::idle_pages(std::span<const uint64_t> hashes) const {
  int64_t pages = 0;
  for (const uint64_t hash : hashes) {
    const Run& run = runs_[static_cast<size_t>(index_.at(hash))];
    if (run.holder_count == 0) pages += run.pages;
  }
  return pages;
}

int64_t PrefixCache::hold(std::span<const uint64_t> hashes) {
  int64_t pages = 0;
  for (const uint64_t hash : hashes) pages += wake(index_.at(hash));
  return pages;
}

bool PrefixCache::insert(uint64_t hash, int64_t pages, int64_t& woken_pages) {
  woken_pages = 0;
  const auto [place, fresh] = index_.try_emplace(hash, kNone);
  if (!fresh) {
    woken_pages = wake(place->second);
    return false;
  }
  int32_t at = kNone;
  if (free_.empty()) {
    at = static_cast<int32_t>(runs_.size());
    runs_.emplace_back();
  } else {
    at = free_.back();
    free_.pop_back();
  }
  runs_[static_cast<size_t>(at)] = {hash, pages, 1, kNone, kNone};
  place->second = at;
  return true;
}

int64_t PrefixCache::release(std::span<const uint64_t> hashes) {
  int64_t pages = 0;
  // the end of a prefix is worth less than its beginning, so it becomes the older entry
  for (size_t i = hashes.size(); i-- > 0;) {
    const int32_t at = index_.at(hashes[i]);
    Run& run = runs_[static_cast<size_t>(at)];
    PENSTOCK_CHECK(run.holder_count > 0, "run {} released {} times too often", run.hash,
                   1 - run.holder_count);
    if (--run.holder_count == 0) {
      append_idle(at);
      pages += run.pages;
    }
  }
  return pages;
}

void PrefixCache::trim(int64_t idle_pages_max) {
  while (idle_pages_ > idle_pages_max) {
    const int32_t at = oldest_;
    remove_idle(at);
    index_.erase(runs_[static_cast<size_t>(at)].hash);
    free_.push_back(at);
  }
}

int64_t PrefixCache::wake(int32_t at) {
  Run& run = runs_[static_cast<size_t>(at)];
  if (run.holder_count++ > 0) return 0;
  remove_idle(at);
  return run.pages;
}

void PrefixCache::append_idle(int32_t at) {
  Run& run = runs_[static_cast<size_t>(at)];
  run.older = newest_;
  run.newer = kNone;
  (newest_ == kNone ? oldest_ : runs_[static_cast<size_t>(newest_)].newer) = at;
  newest_ = at;
  idle_pages_ += run.pages;
}

void PrefixCache::remove_idle(int32_t at) {
  Run& run = runs_[static_cast<size_t>(at)];
  (run.older == kNone ? oldest_ : runs_[static_cast<size_t>(run.older)].newer) = run.newer;
  (run.newer == kNone ? newest_ : runs_[static_cast<size_t>(run.newer)].older) = run.older;
  idle_pages_ -= run.pages;
}

}  // namespace penstock::serving
