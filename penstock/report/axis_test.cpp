// Goal: axes have ticks at round numbers in readable units, whatever the data.
// Method: exact labels of chosen extents; a sweep that checks order and range of all ticks.
#include "penstock/report/axis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace penstock::report {
namespace {

std::vector<std::string> labels(const Axis& axis) {
  std::vector<std::string> texts;
  for (const Tick& tick : axis.ticks) {
    if (!tick.label.empty()) texts.push_back(tick.label);
  }
  return texts;
}

using Texts = std::vector<std::string>;

TEST(LinearAxis, HasRoundTicksInThePrefixOfTheUnit) {
  const Axis hour = linear_axis({6.0, 3594.0}, "s", 6, false);
  EXPECT_EQ(labels(hour), (Texts{"0", "10", "20", "30", "40", "50", "60"}));
  EXPECT_EQ(hour.scale.unit, "min");
  EXPECT_EQ(hour.extent.high_factor, 3600.0);
  EXPECT_EQ(labels(linear_axis({0.0, 86400.0}, "s", 6, false)),
            (Texts{"0", "6", "12", "18", "24"}));
  EXPECT_EQ(labels(linear_axis({0.0, 85.0}, "sequence", 4, true)),
            (Texts{"0", "25", "50", "75", "100"}));
  EXPECT_EQ(labels(linear_axis({0.0, 0.0052}, "s", 4, true)), (Texts{"0", "2", "4", "6"}));
  EXPECT_EQ(labels(linear_axis({0.0, 0.97}, "", 4, true)), (Texts{"0", "25", "50", "75", "100"}));
  EXPECT_EQ(labels(linear_axis({0.0, 9.1}, "$", 4, true)),
            (Texts{"$0", "$2.5", "$5.0", "$7.5", "$10.0"}));
}

TEST(LinearAxis, LeavesDataItsExtentUnlessATickIsNear) {
  const Axis axis = linear_axis({130.0, 470.0}, "token", 4, false);
  EXPECT_EQ(axis.extent.low_factor, 130.0);
  EXPECT_EQ(axis.extent.high_factor, 470.0);
  EXPECT_EQ(labels(axis), (Texts{"200", "300", "400"}));
}

TEST(LinearAxis, OpensWhatHasNoWidth) {
  EXPECT_GT(linear_axis({0.0, 0.0}, "s", 4, true).ticks.size(), 1u);
  EXPECT_GT(linear_axis({7.0, 7.0}, "s", 4, true).ticks.size(), 1u);
  EXPECT_GT(linear_axis({-7.0, -7.0}, "s", 4, true).ticks.size(), 1u);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_GT(linear_axis({nan, nan}, "s", 4, true).ticks.size(), 1u);
}

TEST(LogAxis, LabelsDecadesWithTheirOwnUnits) {
  EXPECT_EQ(labels(log_axis({0.02, 40.0}, "s", 6)), (Texts{"100 ms", "1 s", "10 s"}));
  EXPECT_EQ(labels(log_axis({0.02, 0.12}, "s", 6)),
            (Texts{"20 ms", "30 ms", "50 ms", "70 ms", "100 ms"}));
  EXPECT_EQ(labels(log_axis({0.08, 900.0}, "FLOP/B", 6)),
            (Texts{"0.1 FLOP/B", "1 FLOP/B", "10 FLOP/B", "100 FLOP/B"}));
  EXPECT_LE(labels(log_axis({1e-9, 1e9}, "s", 6)).size(), 7u);
}

TEST(LogAxis, PutsWhatIsNotPositiveAtItsStart) {
  const Axis axis = log_axis({1.0, 100.0}, "s", 6);
  EXPECT_EQ(axis.place_fraction(0.0), 0.0);
  EXPECT_EQ(axis.place_fraction(-5.0), 0.0);
  EXPECT_DOUBLE_EQ(axis.place_fraction(10.0), 0.5);
}

TEST(Axes, KeepTheirTicksInOrderAndInsideForAllSizes) {
  for (double high = 1e-12; high < 1e15; high *= 3.7) {
    for (const char* unit : {"s", "", "B", "$", "token/s"}) {
      for (const Axis& axis : {linear_axis({0.0, high}, unit, 4, true),
                               linear_axis({high * 0.31, high}, unit, 6, false),
                               log_axis({high / 5e3, high}, unit, 6)}) {
        double before = -1.0;
        ASSERT_FALSE(axis.ticks.empty()) << high << unit;
        EXPECT_LE(labels(axis).size(), 9u) << high << unit;
        for (const Tick& tick : axis.ticks) {
          EXPECT_GT(tick.at_fraction, before) << high << unit;
          EXPECT_GE(tick.at_fraction, 0.0);
          EXPECT_LE(tick.at_fraction, 1.0);
          before = tick.at_fraction;
        }
      }
    }
  }
}

}  // namespace
}  // namespace penstock::report
