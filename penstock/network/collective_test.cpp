// Goal: what must hold of every algorithm on every fabric. Method: all of them, over sizes.
#include "penstock/network/collective.h"

#include <gtest/gtest.h>

#include "penstock/network/collective_test_support.h"

namespace penstock::network {
namespace {

TEST(Collective, NothingBeatsTheLinksOfAnAccelerator) {
  int compared = 0;
  for (const auto& topology : one_of_each()) {
    for (const auto& [operation, name] : EnumText<Operation>::kNames) {
      for (const double bytes : {1.0, 4096.0, 1e6, 1e9, 1e18}) {
        const Collective collective = whole(*topology, operation, Bytes(bytes));
        for (const CollectiveCost& cost : rank_algorithms(*topology, collective)) {
          EXPECT_GE(cost.duration(), lower_bound(*topology, collective) * (1.0 - 1e-9))
              << topology->name() << ' ' << name << ' ' << cost.algorithm;
          EXPECT_TRUE(std::isfinite(cost.duration().value()));
          ++compared;
        }
      }
    }
  }
  EXPECT_GT(compared, 400);
}

TEST(Collective, MoreBytesNeverTakeLess) {
  for (const auto& topology : one_of_each()) {
    for (const auto& [operation, name] : EnumText<Operation>::kNames) {
      Seconds before;
      for (double bytes = 1.0; bytes < 1e12; bytes *= 7.0) {
        const auto costs = rank_algorithms(*topology, whole(*topology, operation, Bytes(bytes)));
        ASSERT_FALSE(costs.empty()) << topology->name() << ' ' << name;
        EXPECT_GE(costs.front().duration(), before);
        before = costs.front().duration();
      }
    }
  }
}

TEST(Collective, OneRankAndNoBytesTakeNoTime) {
  const auto topology = one_switch(8);
  const Collective nothing = whole(*topology, Operation::kAllReduce, Bytes());
  EXPECT_EQ(cost_of(*topology, nothing, "ring").duration(), Seconds());
  const Collective alone{Operation::kAllReduce, {{1, 1}, 1}, Bytes(1e9)};
  EXPECT_EQ(cost_of(*topology, alone, "direct").duration(), Seconds());
}

TEST(Collective, GroupsThatShareATierShareItsBandwidth) {
  const auto topology = domains(4);
  const Collective one{Operation::kAllReduce, {{4, 8}, 1}, Bytes(1e9)};
  const Collective eight{Operation::kAllReduce, {{4, 8}, 8}, Bytes(1e9)};
  // every rail has cards of its own
  EXPECT_EQ(cost_of(*topology, one, "ring").duration(),
            cost_of(*topology, eight, "ring").duration());
}

}  // namespace
}  // namespace penstock::network
