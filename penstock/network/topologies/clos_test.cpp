// Goal: units and links are those of the entry, hosts hang below the first tier.
// Method: counts, ways and cuts of a small fabric.
#include "penstock/network/fabric_test_support.h"

namespace penstock::network {
namespace {

TEST(Clos, HostsShareTheFirstTier) {
  catalog::Fabric fabric = make_fabric({"clos", {{"node", 4, 2}, {"top", 0, 8}}});
  fabric.hosts = catalog::FabricHosts{sourced<int64_t>(2), sourced(10.0_GBps)};
  Findings findings;
  const auto topology = build_topology(fabric, {Mark{}, 16, 1}, findings);
  ASSERT_TRUE(findings.empty());
  EXPECT_EQ(topology->host_count(), 8);
  std::vector<Hop> way;
  topology->route(16, 1, way);  // the first host is in the node of accelerator 1
  ASSERT_EQ(way.size(), 2U);
  EXPECT_EQ(topology->capacity(way[0].channel), 10.0_GBps);
  way.clear();
  topology->route(16, 15, way);
  EXPECT_EQ(way.size(), 4U);
}

TEST(Clos, EveryTierButTheLastNeedsItsUnits) {
  EXPECT_NE(wiring_mistakes({"clos", {{"node", 0, 2}, {"top", 0, 8}}}, 16).find("unit_count"),
            std::string::npos);
  EXPECT_NE(wiring_mistakes({"clos", {{"node", 4}, {"top", 0, 8}}}, 16).find("link_count"),
            std::string::npos);
}

}  // namespace
}  // namespace penstock::network
