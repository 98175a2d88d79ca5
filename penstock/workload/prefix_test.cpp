// Goal: shared beginnings are equal, their share and popularity as asked. Method: count hashes.
#include "penstock/workload/prefix.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "penstock/workload/workload_test_support.h"

namespace penstock::workload {
namespace {

TEST(PrefixSource, SharesAndRunsAreAsAsked) {
  PrefixConfig config;
  config.pool = 4;
  config.tokens = 100;
  config.share_fraction = 0.75;
  PrefixSource source(config, 1);
  std::map<uint64_t, int> by_first;
  std::set<uint64_t> all;
  for (int i = 0; i < 40'000; ++i) {
    const PrefixSource::Draw draw = source.next();
    if (draw.tokens == 0) {
      EXPECT_TRUE(draw.hashes.empty());
      continue;
    }
    // 100 tokens hold six whole runs of 16
    ASSERT_EQ(draw.hashes.size(), 6U);
    ++by_first[draw.hashes[0]];
    all.insert(draw.hashes.begin(), draw.hashes.end());
  }
  EXPECT_EQ(by_first.size(), 4U);
  EXPECT_EQ(all.size(), 24U);
  for (const auto& [hash, count] : by_first) EXPECT_NEAR(count, 7'500, 400);
}

TEST(PrefixSource, SkewIsZipf) {
  PrefixConfig config;
  config.pool = 2;
  config.tokens = 16;
  config.skew_factor = 1.0;
  PrefixSource source(config, 1);
  std::map<uint64_t, int> by_first;
  for (int i = 0; i < 30'000; ++i) ++by_first[source.next().hashes[0]];
  std::vector<int> counts;
  for (const auto& [hash, count] : by_first) counts.push_back(count);
  std::sort(counts.begin(), counts.end());
  EXPECT_NEAR(counts[0], 10'000, 400);
  EXPECT_NEAR(counts[1], 20'000, 400);
}

}  // namespace
}  // namespace penstock::workload
