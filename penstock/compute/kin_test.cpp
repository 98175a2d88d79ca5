// Goal: rates carry over by multiprocessor. Method: accelerators made up of what the rule looks at.

#include "penstock/compute/kin.h"

#include <gtest/gtest.h>

namespace penstock::compute {
namespace {

using catalog::Dtype;

catalog::Accelerator chip(const char* id, const char* maker, const char* architecture,
                          double teraflops) {
  catalog::Accelerator a;
  a.id = id;
  a.vendor = maker;
  a.architecture = architecture;
  a.memory_bandwidth.value = 1.0_TBps;
  a.multiprocessor_count = 100;
  a.peak.bf16.emplace();
  a.peak.bf16->value = FlopPerSecond(teraflops * 1e12);
  return a;
}

TEST(CarriedFraction, ClocksCarryTheShareAndCutUnitsTheRate) {
  const auto from = Machine::of(chip("from", "A", "x", 400));
  const auto carried = [&](double teraflops, double share) {
    return carried_fraction(share, Dtype::kBf16, from,
                            Machine::of(chip("to", "A", "x", teraflops)));
  };
  EXPECT_EQ(carried(400, 0.6), 0.6);
  EXPECT_EQ(carried(430, 0.6), 0.6) << "a clock apart";
  EXPECT_NEAR(carried(300, 0.6), 0.6 * 400 / 300 / 1.15, 1e-12);
  EXPECT_NEAR(carried(600, 0.6), 0.6 * 400 / 600 * 1.15, 1e-12);
  EXPECT_EQ(carried(100, 0.6), 1.0) << "never above the peak";
  EXPECT_EQ(carried(100, 1.2), 1.2) << "unless the fit's share already was";
}

}  // namespace
}  // namespace penstock::compute
