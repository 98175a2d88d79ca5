// Goal: bills count what a graph needs, with the right part at each end, and nothing is dropped in
// silence. Method: small fabrics with parts of the built-in catalog, counts by hand.
#include "penstock/network/parts.h"

#include <gtest/gtest.h>

#include "penstock/network/fabric_test_support.h"

namespace penstock::network {
namespace {

using catalog::PartKind;

const catalog::Catalog& built_in() {
  static const catalog::Catalog catalog = catalog::Catalog::built_in();
  return catalog;
}

const PartSet& part_set() {
  static const PartSet parts = [] {
    Findings findings;
    PartSet set(built_in(), findings);
    EXPECT_TRUE(findings.empty()) << to_text(findings.all());
    return set;
  }();
  return parts;
}

Bill bill_of(std::string_view name, OpticsVariant variant) {
  Findings findings;
  const auto machine = build_machine(built_in(), name, {}, findings);
  EXPECT_TRUE(machine.has_value()) << to_text(findings.all());
  Bill bill = make_bill(*machine, part_set(), built_in(), variant, {}, findings);
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
  return bill;
}

/// A leaf and spine of 4 endpoints with light from the cards on.
Machine small_machine(const std::string& module, const std::string& box) {
  catalog::Fabric fabric = make_fabric({"fat_tree", {{"leaf", 0, 1}, {"spine"}}, 4});
  for (catalog::FabricTier& tier : fabric.tiers) {
    tier.medium = catalog::Medium::kOptical;
    tier.module_part = module;
    tier.switch_part = box;
  }
  fabric.nic_part = "nic_400g";
  Findings findings;
  Machine machine;
  machine.topology = build_topology(fabric, {Mark{}, 8, 1}, findings);
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
  return machine;
}

TEST(Parts, ALinkHasAnEndOnEachSide) {
  Findings findings;
  const Machine machine = small_machine("module_400g_dsp", "ethernet_switch_128x400g");
  const Bill plain =
      make_bill(machine, part_set(), built_in(), OpticsVariant::kAsBuilt, {}, findings);
  // 8 links to cards and 8 between the tiers, 4 leaves and 2 spines
  EXPECT_EQ(plain.count_of(PartKind::kOpticalModule), 32);
  EXPECT_EQ(plain.count_of(PartKind::kFibre), 16);
  EXPECT_EQ(plain.count_of(PartKind::kSwitchBox), 6);
  EXPECT_EQ(plain.count_of(PartKind::kNic), 8);
  EXPECT_DOUBLE_EQ(plain.power_of(is_optics).low.value(), 32 * 8.0);
  EXPECT_DOUBLE_EQ(plain.power_of(is_optics).high.value(), 32 * 9.0);
}

TEST(Parts, EnginesStandAtSwitchesOnly) {
  Findings findings;
  const Machine machine = small_machine("module_400g_dsp", "ethernet_switch_128x400g");
  const Bill cpo = make_bill(machine, part_set(), built_in(), OpticsVariant::kCpo, {}, findings);
  EXPECT_EQ(cpo.count_of(PartKind::kOpticalModule), 8);
  EXPECT_EQ(cpo.count_of(PartKind::kOpticalEngine), 24);
  // a source serves 6.4 Tb/s: 8 and 16 engines of 400 Gb/s need one each
  EXPECT_EQ(cpo.count_of(PartKind::kLaserSource), 2);
  // without its processor of 4 to 4.5 W a module is 4 to 4.5 W
  EXPECT_NEAR(cpo.power_of(is_optics).low.value(), 8 * 8.0 + 24 * 4.0, 1e-9);
  EXPECT_NEAR(cpo.power_of(is_optics).high.value(), 8 * 9.0 + 24 * 4.5, 1e-9);
  EXPECT_NEAR(cpo.host_saving.low.value(), 24 * 0.78, 1e-9);
}

TEST(Parts, LinearModulesAreModulesWithoutTheirProcessor) {
  Findings findings;
  const Machine machine = small_machine("module_800g_dsp", "ethernet_switch_64x800g");
  const Bill lpo = make_bill(machine, part_set(), built_in(), OpticsVariant::kLpo, {}, findings);
  EXPECT_NEAR(lpo.power_of(is_optics).low.value(), 32 * (12.0 - 6.0), 1e-9);
  EXPECT_NEAR(lpo.power_of(is_optics).high.value(), 32 * (15.0 - 8.0), 1e-9);
  EXPECT_NEAR(lpo.cost_of(is_optics).low.value(), 32 * (1100.0 - 220.0), 1e-9);
}

TEST(Parts, AVariantThatTheCatalogLacksIsSaid) {
  Findings findings;
  const Machine machine = small_machine("module_200g_dsp", "ib_switch_40x200g");
  const Bill lpo = make_bill(machine, part_set(), built_in(), OpticsVariant::kLpo, {}, findings);
  EXPECT_EQ(lpo.count_of(PartKind::kOpticalModule), 32);
  ASSERT_FALSE(lpo.notes.empty());
  EXPECT_EQ(lpo.notes[0], "The catalog has no lpo form of 'module_200g_dsp', which stays.");
}

TEST(Parts, UnknownPartsAreMistakesWithTheNearest) {
  Findings findings;
  const Machine machine = small_machine("module_400g_dps", "ethernet_switch_128x400");
  make_bill(machine, part_set(), built_in(), OpticsVariant::kAsBuilt, {}, findings);
  const std::string text = to_text(findings.all());
  EXPECT_NE(text.find("module_400g_dsp"), std::string::npos) << text;
  EXPECT_NE(text.find("ethernet_switch_128x400g"), std::string::npos) << text;
  EXPECT_EQ(findings.size(), 2U) << "each once";
}

TEST(Parts, WhatHasNoPartIsListed) {
  const Bill bill = bill_of("ualink_1024", OpticsVariant::kAsBuilt);
  EXPECT_EQ(bill.count_of(PartKind::kSwitchChip), 0);
  bool told = false;
  for (const NotCounted& n : bill.not_counted) told = told || n.place == "ualink switch";
  EXPECT_TRUE(told);
}

TEST(Parts, ChipsStandInTraysOrOnBoards) {
  for (const BillLine& line : bill_of("gb200_nvl72", OpticsVariant::kAsBuilt).lines) {
    if (line.part == "nvswitch4") {
      EXPECT_EQ(line.box_count, 9);
    }
  }
  for (const BillLine& line : bill_of("dgx_b200", OpticsVariant::kAsBuilt).lines) {
    if (line.part == "nvswitch4") {
      EXPECT_EQ(line.box_count, 0);
    }
  }
}

TEST(Parts, EveryPartOfEveryFabricExists) {
  for (const std::string& id : built_in().ids("fabrics")) {
    Findings findings;
    const auto fabric = built_in().fabric(id, {}, findings);
    ASSERT_TRUE(fabric.has_value());
    std::vector<std::string> named = {fabric->nic_part};
    for (const catalog::FabricTier& tier : fabric->tiers) {
      named.insert(named.end(), {tier.switch_part, tier.cable_part, tier.module_part});
    }
    for (const std::string& part : named) {
      EXPECT_TRUE(part.empty() || part_set().find(part) != nullptr) << id << " names " << part;
    }
  }
}

TEST(Parts, ABillOfHundredsOfSupernodesIsTheirSum) {
  const Bill one = bill_of("cloudmatrix384", OpticsVariant::kAsBuilt);
  const Bill many = bill_of("cloudmatrix384_x432", OpticsVariant::kAsBuilt);
  const auto scale_up = [](const Bill& bill) {
    int64_t count = 0;
    for (const BillLine& line : bill.lines) {
      if (line.fabric == "ub_cloudmatrix384") count += line.count;
    }
    return count;
  };
  EXPECT_EQ(scale_up(many), 432 * scale_up(one));
}

}  // namespace
}  // namespace penstock::network
