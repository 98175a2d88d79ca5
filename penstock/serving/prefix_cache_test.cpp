/// Goal: held runs stay, idle runs give way least recently used first. Method: small cases.
#include "penstock/serving/prefix_cache.h"

#include <gtest/gtest.h>

#include <array>

namespace penstock::serving {
namespace {

using Hashes = std::vector<uint64_t>;

void add(PrefixCache& cache, const Hashes& hashes) {
  int64_t woken = 0;
  for (const uint64_t hash : hashes) EXPECT_TRUE(cache.insert(hash, 2, woken));
}

TEST(PrefixCache, MatchesLeadingRunsOnly) {
  PrefixCache cache;
  add(cache, {1, 2, 3});
  EXPECT_EQ(cache.match(Hashes{1, 2, 9, 3}), 2);
  EXPECT_EQ(cache.match(Hashes{2, 3}), 2);
  EXPECT_EQ(cache.match(Hashes{9}), 0);
}

TEST(PrefixCache, IdleRunsGiveWayLastOfAPrefixFirst) {
  PrefixCache cache;
  add(cache, {1, 2});
  add(cache, {7});
  EXPECT_EQ(cache.release(Hashes{1, 2}), 4);
  EXPECT_EQ(cache.idle_page_count(), 4);
  cache.trim(2);
  EXPECT_EQ(cache.match(Hashes{1, 2}), 1) << "the end of the prefix goes first";
  cache.trim(0);
  EXPECT_EQ(cache.match(Hashes{1}), 0);
  EXPECT_EQ(cache.match(Hashes{7}), 1) << "a held run stays";
}

TEST(PrefixCache, HoldingTakesARunOutOfTheIdleOnes) {
  PrefixCache cache;
  add(cache, {1});
  cache.release(Hashes{1});
  EXPECT_EQ(cache.idle_pages(Hashes{1}), 2);
  EXPECT_EQ(cache.hold(Hashes{1}), 2);
  EXPECT_EQ(cache.hold(Hashes{1}), 0) << "a second holder adds no pages";
  cache.trim(0);
  EXPECT_EQ(cache.match(Hashes{1}), 1);
}

TEST(PrefixCache, InsertingARunThatIsThereHoldsTheExistingOne) {
  PrefixCache cache;
  add(cache, {1});
  cache.release(Hashes{1});
  int64_t woken = 0;
  EXPECT_FALSE(cache.insert(1, 2, woken));
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(cache.run_count(), 1);
}

}  // namespace
}  // namespace penstock::serving
