// Goal: one rule says who stands in for whom, in an order that can be argued with.
// Method: accelerators made up of what the rule looks at.

#include "penstock/catalog/kin.h"

#include <gtest/gtest.h>

namespace penstock::catalog {
namespace {

Accelerator chip(const char* id, const char* maker, const char* architecture, double teraflops) {
  Accelerator a;
  a.id = id;
  a.vendor = maker;
  a.architecture = architecture;
  a.memory_bandwidth.value = 1.0_TBps;
  a.multiprocessor_count = 100;
  a.peak.bf16.emplace();
  a.peak.bf16->value = FlopPerSecond(teraflops * 1e12);
  return a;
}

KinCandidate measured(const char* id, const char* maker, const char* architecture, double teraflops,
                      std::vector<std::string> stands_in_for = {}) {
  return {chip(id, maker, architecture, teraflops), std::move(stands_in_for)};
}

std::string nearest(const Accelerator& own, const std::vector<KinCandidate>& candidates) {
  const auto kin = nearest_kin(own, candidates);
  return kin ? candidates[kin->index].accelerator.id : "none";
}

TEST(NearestKin, ArchitectureThenItsStemOrNameThenMaker) {
  std::vector<KinCandidate> candidates = {
      measured("other", "B", "z", 100), measured("maker", "A", "y", 100),
      measured("named", "A", "w", 100, {"x_ultra"}), measured("same", "A", "x_ultra", 900)};
  const Accelerator own = chip("own", "A", "x_ultra", 100);
  EXPECT_EQ(nearest(own, candidates), "same") << "however unlike its balance";
  candidates.pop_back();
  EXPECT_EQ(nearest(own, candidates), "named");
  candidates.back() = measured("stem", "A", "x", 900);
  EXPECT_EQ(nearest(own, candidates), "stem");
  candidates.pop_back();
  EXPECT_EQ(nearest(own, candidates), "maker");
  candidates.pop_back();
  EXPECT_EQ(nearest(own, candidates), "none") << "nothing stands in across makers";
}

TEST(NearestKin, AStemEndsAtAnUnderscore) {
  const std::vector<KinCandidate> candidates = {measured("maker", "A", "v1", 100),
                                                measured("stem", "A", "v", 900)};
  EXPECT_EQ(nearest(chip("own", "A", "v10", 100), candidates), "maker");
  EXPECT_EQ(nearest(chip("own", "A", "v_10", 100), candidates), "stem");
}

TEST(NearestKin, TheNearestBalanceAmongEqualsAndNeverItself) {
  const std::vector<KinCandidate> candidates = {measured("own", "A", "x", 100),
                                                measured("far", "A", "x", 300),
                                                measured("near", "A", "x", 60)};
  EXPECT_EQ(nearest(chip("own", "A", "x", 100), candidates), "near");
}

}  // namespace
}  // namespace penstock::catalog
