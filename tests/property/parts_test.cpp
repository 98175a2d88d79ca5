// Goal: a fat tree of L tiers that does not block has 2 L optical ends an endpoint where its own
// hop is optical, and (2 L - 1) switches' ports an endpoint.
// Method: every radix from 4 to 32 and all three heights, trees filled to the last port.

#include "penstock/network/parts.h"

#include <gtest/gtest.h>

#include "penstock/network/fabric_test_support.h"

namespace penstock::network {
namespace {

struct Tree {
  int64_t radix = 0;
  int64_t tiers = 0;

  [[nodiscard]] int64_t endpoints() const {
    const int64_t half = radix / 2;
    if (tiers == 1) return radix;
    return tiers == 2 ? radix * half : radix * half * half;
  }
};

Machine filled(const Tree& tree) {
  catalog::Fabric fabric =
      make_fabric({"fat_tree", {{"leaf", 0, 1}, {"spine"}, {"core"}}, tree.radix});
  for (catalog::FabricTier& tier : fabric.tiers) {
    tier.medium = catalog::Medium::kOptical;
    tier.module_part = "module_400g_dsp";
    tier.switch_part = "ethernet_switch_128x400g";
  }
  Findings findings;
  Machine machine;
  machine.topology = build_topology(fabric, {Mark{}, tree.endpoints(), 1}, findings);
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
  return machine;
}

TEST(PartsOfFatTrees, TwoEndsForEachTierAndEndpoint) {
  const catalog::Catalog catalog = catalog::Catalog::built_in();
  Findings findings;
  const PartSet parts(catalog, findings);
  for (int64_t radix = 4; radix <= 32; radix += 2) {
    for (int64_t tiers = 1; tiers <= 3; ++tiers) {
      const Tree tree{radix, tiers};
      const Machine machine = filled(tree);
      for (const OpticsVariant variant :
           {OpticsVariant::kAsBuilt, OpticsVariant::kLpo, OpticsVariant::kCpo}) {
        const Bill bill = make_bill(machine, parts, catalog, variant, {}, findings);
        const int64_t modules = bill.count_of(catalog::PartKind::kOpticalModule);
        const int64_t engines = bill.count_of(catalog::PartKind::kOpticalEngine);
        EXPECT_EQ(modules + engines, 2 * tiers * tree.endpoints()) << radix << " " << tiers;
        // one end of each endpoint's own link is away from a switch
        const int64_t at_switches = (2 * tiers - 1) * tree.endpoints();
        EXPECT_EQ(engines, variant == OpticsVariant::kCpo ? at_switches : 0);
        // every port of every switch is in use
        EXPECT_EQ(bill.count_of(catalog::PartKind::kSwitchBox) * radix, at_switches);
      }
    }
  }
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
}

}  // namespace
}  // namespace penstock::network
