/// Reuse of KV pages between requests whose prompts begin alike, by content hashes of token runs.
///
/// A run is held (referenced by requests that use it) or idle (evictable, least recently used
/// first). Eviction is resolved when room is needed, so that it costs nothing while sequences grow.
/// Differs from vLLM: two requests that compute the same run at once end up sharing one copy.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace penstock::serving {

class PrefixCache {
 public:
  /// Leading runs of a prompt that are cached now.
  [[nodiscard]] int64_t match(std::span<const uint64_t> hashes) const;
  /// Pages that would stop being evictable when these leading runs were held.
  [[nodiscard]] int64_t idle_pages(std::span<const uint64_t> hashes) const;
  /// Holds leading runs that are cached; returns the pages that stopped being evictable.
  int64_t hold(std::span<const uint64_t> hashes);
  /// Turns a computed run into a held cached one. Returns false when it is cached already: then the
  /// existing run is held instead and the caller's own pages are free again (`woken_pages` tells
  /// how many pages of the existing run stopped being evictable).
  bool insert(uint64_t hash, int64_t pages, int64_t& woken_pages);
  /// Lets go of held runs, last first; returns the pages that became evictable.
  int64_t release(std::span<const uint64_t> hashes);
  /// Evicts least recently used idle runs until at most this many evictable pages are left.
  void trim(int64_t idle_pages_max);

  [[nodiscard]] int64_t idle_page_count() const { return idle_pages_; }
  [[nodiscard]] int64_t run_count() const { return static_cast<int64_t>(index_.size()); }

 private:
  static constexpr int32_t kNone = -1;
  struct Run {
    uint64_t hash = 0;
    int64_t pages = 0;
    int64_t holder_count = 0;
    int32_t older = kNone;  // idle list, towards the next to be evicted
    int32_t newer = kNone;
  };
  void append_idle(int32_t at);
  void remove_idle(int32_t at);
  int64_t wake(int32_t at);

  std::unordered_map<uint64_t, int32_t> index_;  // looked up, never iterated
  std::vector<Run> runs_;
  std::vector<int32_t> free_;
  int32_t oldest_ = kNone;
  int32_t newest_ = kNone;
  int64_t idle_pages_ = 0;
};

}  // namespace penstock::serving
