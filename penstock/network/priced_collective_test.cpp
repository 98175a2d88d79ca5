// Goal: a collective's price is the library's where it was measured, and phase by phase elsewhere;
// never below what the links allow. Method: machines of the catalog.
#include "penstock/network/priced_collective.h"

#include <gtest/gtest.h>

namespace penstock::network {
namespace {

struct Scene {
  catalog::Catalog catalog = catalog::Catalog::built_in();
  Machine machine;
  Communication communication;

  explicit Scene(std::string_view name, const std::string& library = {}) {
    Findings findings;
    machine = std::move(*build_machine(catalog, name, {}, findings));
    communication = choose_communication(catalog, machine, library, findings);
    EXPECT_TRUE(findings.empty()) << to_text(findings.all());
  }
  [[nodiscard]] PricedCollective price(Operation operation, Placement placement, Bytes payload,
                                       const std::optional<std::string>& algorithm = {}) const {
    RateMemo memo;
    return price_collective(machine, communication, {operation, placement, payload}, algorithm,
                            memo);
  }
};

TEST(PricedCollective, InADomainTheFittedLibraryAnswers) {
  const Scene scene("dgx_h100");
  const PricedCollective priced = scene.price(Operation::kAllReduce, {{8, 1}, 1}, Bytes(1 << 28));
  EXPECT_TRUE(priced.measured_library);
  EXPECT_FALSE(priced.outside_domain);
  EXPECT_LT(priced.low, priced.duration);
  EXPECT_LT(priced.duration, priced.high);
  // nccl-tests on such a server: 1.1 ms for 256 MiB; the fit is scored in the suite collectives
  EXPECT_NEAR(priced.duration.value(), 1.09e-3, 0.15e-3);
}

TEST(PricedCollective, BetweenDomainsPhasesAddUp) {
  const Scene scene("dgx_h100_x4");
  const PricedCollective priced = scene.price(Operation::kAllReduce, {{32, 1}, 1}, Bytes(1 << 28));
  EXPECT_FALSE(priced.measured_library);
  Seconds sum = priced.launch;
  bool between = false;
  for (const PricedPhase& phase : priced.phases) {
    sum = sum + phase.latency + phase.transfer;
    between = between || phase.between_domains;
  }
  EXPECT_TRUE(between);
  EXPECT_NEAR(sum / priced.duration, 1.0, 1e-9);
}

TEST(PricedCollective, NothingBeatsTheLinks) {
  for (const char* name :
       {"dgx_h100", "gb200_nvl72", "cloudmatrix384", "mi300x_8", "dgx_h100_x4"}) {
    const Scene scene(name);
    const int64_t n = scene.machine.accelerator_count();
    for (const auto& [operation, word] : EnumText<Operation>::kNames) {
      for (const double bytes : {1.0, 1e5, 1e9, 1e18}) {
        const PricedCollective priced = scene.price(operation, {{n, 1}, 1}, Bytes(bytes));
        EXPECT_GE(priced.low, priced.fabric_bound * (1.0 - 1e-9)) << name << ' ' << word;
        EXPECT_TRUE(std::isfinite(priced.high.value())) << name << ' ' << word;
      }
    }
  }
}

TEST(PricedCollective, AnAlgorithmByNameIsTaken) {
  const Scene scene("cloudmatrix384");
  const Placement all{{384, 1}, 1};
  const auto ring = scene.price(Operation::kAllReduce, all, Bytes(1e9), "ring");
  const auto tiers = scene.price(Operation::kAllReduce, all, Bytes(1e9), "hierarchical");
  EXPECT_EQ(ring.algorithm, "ring");
  EXPECT_EQ(tiers.phases.size(), 4U);
  EXPECT_NE(ring.duration, tiers.duration);
}

TEST(PricedCollective, AMeshCountsAllLinksOfAnAccelerator) {
  const Scene scene("mi300x_8");
  EXPECT_EQ(accelerator_bandwidth(*scene.machine.topology, 1), 448.0_GBps);
  const auto priced = scene.price(Operation::kAllReduce, {{8, 1}, 1}, Bytes(4e9));
  EXPECT_LT(priced.duration.value(), 2 * 4e9 / 200e9);  // far above what one link of 64 GB/s does
}

TEST(PricedCollective, NothingToSendTakesNoTime) {
  const Scene scene("dgx_h100");
  EXPECT_EQ(scene.price(Operation::kAllReduce, {{8, 1}, 1}, Bytes()).duration, Seconds());
  EXPECT_EQ(scene.price(Operation::kAllToAll, {{1, 1}, 1}, Bytes(1e9)).duration, Seconds());
}

}  // namespace
}  // namespace penstock::network
