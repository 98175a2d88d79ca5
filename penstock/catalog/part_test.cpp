// Goal: parts are read with their ranges and components, and contradictions are named.
// Method: small entries, and every built-in one.
#include "penstock/catalog/part.h"

#include <gtest/gtest.h>

#include "penstock/catalog/catalog.h"

namespace penstock::catalog {
namespace {

constexpr const char* kHead = "id: m\nsummary: A module\nsource: me\nconfidence: low\n";

std::string mistakes(const std::string& rest) {
  Findings findings;
  auto source = std::make_shared<Source>();
  source->name = "m.yaml";
  source->text = kHead + rest;
  const Node tree = parse_yaml(source, findings);
  static_cast<void>(read_part(tree, findings));
  return to_text(findings.all());
}

constexpr const char* kModule =
    "kind: optical_module\nrate: 400 Gb/s\ndrive: retimed\npower_low: 8 W\npower_high: 9 W\n";

TEST(Part, ComponentsMakeTheModule) {
  const std::string half =
      "components:\n  - {component: retimer, power_low: 4 W, power_high: 5 W}\n";
  EXPECT_EQ(mistakes(std::string(kModule) + half +
                     "  - {component: laser, power_low: 4 W, power_high: 4 W}\n"),
            "");
  const std::string text = mistakes(std::string(kModule) + half);
  EXPECT_NE(text.find("the components make 4 W; 'power_low' is 8 W"), std::string::npos) << text;
  EXPECT_NE(text.find("the components make 5 W; 'power_high' is 9 W"), std::string::npos) << text;
}

TEST(Part, ContradictionsAreMistakes) {
  EXPECT_NE(mistakes("kind: nic\npower_low: 9 W\npower_high: 8 W\n").find("is above"),
            std::string::npos);
  EXPECT_NE(mistakes("kind: nic\nprice_low: $9\n").find("come together"), std::string::npos);
  EXPECT_NE(mistakes("kind: optical_module\n").find("'rate'"), std::string::npos);
  EXPECT_NE(mistakes("kind: nic\nwithout: [laser]\n").find("'made_from'"), std::string::npos);
  EXPECT_NE(mistakes("kind: nic\npassive: true\npower_low: 1 W\npower_high: 1 W\n").find("passive"),
            std::string::npos);
  EXPECT_NE(mistakes("kind: nik\n").find("nic"), std::string::npos);
}

TEST(BuiltInParts, FigureRangesAndPowerOfModulesAreThere) {
  const Catalog catalog = Catalog::built_in();
  for (const std::string& id : catalog.ids("parts")) {
    Findings findings;
    const auto part = catalog.part(id, {}, findings);
    ASSERT_TRUE(part.has_value()) << to_text(findings.all());
    const bool module = part->kind == PartKind::kOpticalModule;
    EXPECT_TRUE(!module || part->power_low || !part->made_from.empty()) << id;
    if (!part->fibre_part.empty()) {
      EXPECT_TRUE(catalog.canonical_id("parts", part->fibre_part)) << id;
    }
  }
}

}  // namespace
}  // namespace penstock::catalog
