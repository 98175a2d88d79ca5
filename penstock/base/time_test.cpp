// Goal: the clock rounds up, never down, and refuses instants outside it; fine ticks round to the
// nearest. Method: edges around whole ticks.
#include "penstock/base/time.h"

#include <gtest/gtest.h>

#include "penstock/base/rng.h"

namespace penstock {
namespace {

TEST(Time, SecondsRoundUpToTheNextTick) {
  EXPECT_EQ(Time::from_seconds(1_s).picoseconds(), kPicosecondsPerSecond);
  EXPECT_EQ(Time::from_seconds(Seconds(1e-12)).picoseconds(), 1);
  EXPECT_EQ(Time::from_seconds(Seconds(1.1e-12)).picoseconds(), 2);
  EXPECT_EQ(Time::from_seconds(Seconds(0.0)).picoseconds(), 0);
  EXPECT_EQ(Time::from_picoseconds(5).after(Seconds(1e-13)).picoseconds(), 6);
}

TEST(Time, OutsideTheClockIsACheck) {
  EXPECT_THROW(Time::from_seconds(Seconds(-1.0)), CheckFailure);
  EXPECT_THROW(Time::from_seconds(Seconds(1e7)), CheckFailure);
  EXPECT_THROW(Time::from_seconds(Seconds(std::numeric_limits<double>::quiet_NaN())), CheckFailure);
  EXPECT_NO_THROW(Time::from_seconds(Seconds(9.1e6)));
  EXPECT_THROW(static_cast<void>(Time::from_seconds(Seconds(9e6)).after(Seconds(9e6))),
               CheckFailure);
  EXPECT_THROW(static_cast<void>(Time::max().after(1_s)), CheckFailure);
}

TEST(Time, SpansAndOrder) {
  const Time a = Time::from_seconds(2_s);
  const Time b = Time::from_seconds(Seconds(2.5));
  EXPECT_LT(a, b);
  EXPECT_DOUBLE_EQ((b - a).value(), 0.5);
  EXPECT_LT(b, Time::max());
}

TEST(Fine, TheClockTickNotBefore) {
  const Fine whole = Fine::from_time(Time::from_picoseconds(7));
  EXPECT_EQ(whole.clock().picoseconds(), 7);
  EXPECT_EQ((Fine{whole.ticks + 1}).clock().picoseconds(), 8);
  EXPECT_EQ((Fine{whole.ticks - 1}).clock().picoseconds(), 7);
  EXPECT_EQ((Fine{whole.ticks - 65536}).clock().picoseconds(), 6);
}

TEST(Fine, SecondsRoundToTheNearestTick) {
  const double tick = 1e-12 / 65536.0;
  EXPECT_EQ(static_cast<int64_t>(Fine::from_seconds(Seconds(1.4 * tick)).ticks), 1);
  EXPECT_EQ(static_cast<int64_t>(Fine::from_seconds(Seconds(1.6 * tick)).ticks), 2);
  EXPECT_EQ(static_cast<int64_t>(Fine::from_seconds(Seconds(-1.6 * tick)).ticks), -2);
  EXPECT_THROW(Fine::from_seconds(Seconds(1e30)), CheckFailure);
  Rng rng(1, "spans");
  for (int i = 0; i < 1000; ++i) {
    const double span = rng.exponential_factor();
    EXPECT_NEAR(Fine::from_seconds(Seconds(span)).seconds().value(), span, tick + 4e-16 * span);
  }
}

TEST(Fine, ManyStepsAtOnceEqualStepsOneByOne) {
  const Fine step = Fine::from_seconds(Seconds(0.0123456789));
  Fine sum;
  for (int i = 0; i < 1000; ++i) sum += step;
  EXPECT_EQ(sum, step * 1000);
  EXPECT_EQ(sum - step * 999, step);
}

}  // namespace
}  // namespace penstock
