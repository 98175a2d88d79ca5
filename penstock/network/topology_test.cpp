// Goal: every way leads from its start to its end over links that exist, and graphs count what they
// should. Method: walk the ways of all pairs on one of each kind of wiring.
#include "penstock/network/topology.h"

#include <gtest/gtest.h>

#include <map>

#include "penstock/network/fabric_test_support.h"

namespace penstock::network {
namespace {

TEST(Topology, WaysUseChannelsThatExistAndCarryTheWholeMessage) {
  for (const auto& topology : one_of_each()) {
    std::vector<Hop> way;
    for (int64_t from = 0; from < topology->accelerator_count(); ++from) {
      for (int64_t to = 0; to < topology->accelerator_count(); ++to) {
        way.clear();
        topology->route(from, to, way);
        if (from == to) {
          EXPECT_TRUE(way.empty());
          continue;
        }
        ASSERT_FALSE(way.empty()) << topology->name() << ' ' << from << " to " << to;
        for (const Hop& hop : way) {
          ASSERT_GE(hop.channel, 0);
          ASSERT_LT(hop.channel, topology->channel_count());
          ASSERT_GT(hop.share_fraction, 0.0);
          ASSERT_LE(hop.share_fraction, 1.0);
        }
        EXPECT_GT(topology->latency(from, to), Seconds());
      }
    }
  }
}

TEST(Topology, TheLongestWayIsTheDiameter) {
  for (const auto& topology : one_of_each()) {
    if (!topology->is_symmetric()) continue;  // spread ways have more hops than links in line
    double longest = 0.0;
    std::vector<Hop> way;
    for (int64_t to = 1; to < topology->accelerator_count(); ++to) {
      way.clear();
      topology->route(0, to, way);
      double links = 0.0;
      for (const Hop& hop : way) links += hop.share_fraction;
      longest = std::max(longest, links);
    }
    EXPECT_NEAR(static_cast<double>(topology->diameter()), longest, 1e-9) << topology->name();
  }
}

TEST(Topology, OppositeWaysUseOppositeChannelsOnSwitchedFabrics) {
  const auto topology = wire({"clos", {{"node", 4, 2}, {"top", 0, 6}}}, 24);
  std::vector<Hop> there;
  std::vector<Hop> back;
  topology->route(1, 17, there);
  topology->route(17, 1, back);
  ASSERT_EQ(there.size(), 4U);
  for (size_t i = 0; i < there.size(); ++i) {
    EXPECT_EQ(there[i].channel ^ 1, back[back.size() - 1 - i].channel);
  }
}

TEST(Topology, FatTreeCountsSwitchesAsTheTextbook) {
  // k = 4: 16 endpoints, 8 leaves, 8 aggregation switches, 4 cores
  const auto topology = wire({"fat_tree", {{"leaf", 0, 1}, {"spine"}, {"core"}}, 4}, 16);
  std::map<std::string, int64_t> count;
  for (const VertexClass& v : topology->vertices()) count[v.name] = v.count;
  EXPECT_EQ(count["leaf"], 8);
  EXPECT_EQ(count["spine"], 8);
  EXPECT_EQ(count["core"], 4);
  for (const LinkClass& links : topology->links()) EXPECT_EQ(links.link_count(), 16);
  EXPECT_EQ(topology->bisection(), 50.0_GBps * 8.0);
}

TEST(Topology, RailsMeetAtTheirOwnLeaf) {
  const auto topology = wire({"rail_optimized", {{"leaf", 0, 1}, {"spine"}}, 8, 1.0, 4}, 32);
  // card 1 of node 0 and card 1 of node 2 share a leaf; cards 1 and 2 of one node do not
  EXPECT_EQ(topology->latency(1, 9), Seconds(1e-6));
  std::vector<Hop> way;
  topology->route(1, 9, way);
  EXPECT_EQ(way.size(), 2U);
  way.clear();
  topology->route(1, 2, way);
  EXPECT_EQ(way.size(), 4U);
}

TEST(Topology, ImpossibleWiringsSayTheArithmetic) {
  EXPECT_NE(wiring_mistakes({"fat_tree", {{"leaf", 0, 1}}, 7}, 4).find("a switch of 7 ports"),
            std::string::npos);
  EXPECT_NE(wiring_mistakes({"fat_tree", {{"leaf", 0, 1}, {"spine"}, {"core"}}, 4}, 17)
                .find("at most 16 endpoints"),
            std::string::npos);
  EXPECT_NE(wiring_mistakes({"torus", {{"ici", 0, 6}}, 0, 1.0, 1, 0, {4, 4}}, 17).find("17"),
            std::string::npos);
  EXPECT_NE(wiring_mistakes({"full_mesh", {{"mesh", 0, 5}}}, 8).find("5 links"), std::string::npos);
  EXPECT_NE(wiring_mistakes({"fat_trie", {{"leaf", 0, 1}}, 4}, 4).find("fat_tree"),
            std::string::npos);
  EXPECT_NE(wiring_mistakes({"dragonfly", {{"nic", 2, 1}, {"local", 4, 1}, {"global", 0, 2}}}, 80)
                .find("reach 9 groups"),
            std::string::npos);
}

}  // namespace
}  // namespace penstock::network
