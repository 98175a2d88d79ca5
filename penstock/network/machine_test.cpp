// Goal: machines of the catalog are what their papers say. Method: counts and cuts of the built
// graphs, and mistakes in names.
#include "penstock/network/machine.h"

#include <gtest/gtest.h>

#include <map>

#include "penstock/network/collective.h"

namespace penstock::network {
namespace {

Machine machine(std::string_view name) {
  Findings findings;
  auto built = build_machine(catalog::Catalog::built_in(), name, {}, findings);
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
  return std::move(*built);
}

std::map<std::string, int64_t> vertex_counts(const Topology& topology) {
  std::map<std::string, int64_t> counts;
  for (const VertexClass& v : topology.vertices()) counts[v.name] = v.count;
  return counts;
}

TEST(Machine, EverySystemOfTheCatalogHasAGraph) {
  const auto catalog = catalog::Catalog::built_in();
  for (const std::string& name : machine_names(catalog)) {
    Findings findings;
    const auto built = build_machine(catalog, name, {}, findings);
    const std::string text = to_text(findings.all());
    // two announced supernodes publish no bandwidth
    if (!built) {
      EXPECT_NE(text.find("gives no bandwidth"), std::string::npos) << name << ": " << text;
      continue;
    }
    EXPECT_GT(built->topology->bisection(), BytesPerSecond()) << name;
  }
}

TEST(Machine, CloudMatrix384IsAsPublished) {
  const Machine cm = machine("cloudmatrix384");
  const auto counts = vertex_counts(*cm.topology);
  EXPECT_EQ(counts.at("l1"), 336);
  EXPECT_EQ(counts.at("l2"), 112);
  EXPECT_EQ(counts.at("host"), 192);
  EXPECT_EQ(cm.topology->links()[0].bandwidth_each_way(), 392.0_GBps);
  EXPECT_EQ(cm.topology->links()[1].bandwidth_each_way(), 3136.0_GBps);  // 7 x 448
  EXPECT_NEAR(cm.topology->latency(0, 7).value(), 1.2e-6, 1e-15);
  EXPECT_NEAR(cm.topology->latency(0, 8).value(), 1.9e-6, 1e-15);
  ASSERT_EQ(cm.planes.size(), 2U);
  EXPECT_EQ(cm.planes[0]->accelerator_count(), 384);
  EXPECT_EQ(cm.planes[1]->accelerator_count(), 48);
}

TEST(Machine, ACascadeIsSupernodesOverANetwork) {
  const Machine cascade = machine("cloudmatrix384_x432");
  EXPECT_EQ(cascade.accelerator_count(), 165888);
  EXPECT_EQ(cascade.topology->domain_size(), 384);
  const Machine same = machine("cascade_432");
  EXPECT_EQ(same.name, cascade.name);
  EXPECT_EQ(machine("gb200_nvl72_x3").accelerator_count(), 216);
}

TEST(Machine, NamesThatDoNotExistFindTheNearest) {
  Findings findings;
  EXPECT_FALSE(build_machine(catalog::Catalog::built_in(), "cloudmatrx384", {}, findings));
  EXPECT_NE(to_text(findings.all()).find("cloudmatrix384"), std::string::npos);
  Findings zero;
  EXPECT_FALSE(build_machine(catalog::Catalog::built_in(), "dgx_h100_x0", {}, zero));
  EXPECT_FALSE(zero.empty());
  Findings alone;
  EXPECT_FALSE(build_machine(catalog::Catalog::built_in(), "tpu_v4_pod_x2", {}, alone));
  EXPECT_NE(to_text(alone.all()).find("names no 'scale_out'"), std::string::npos);
}

}  // namespace
}  // namespace penstock::network
