/// Goal: the closed form finds the same step as walking does. Method: random stretches, walked.
#include "penstock/serving/stretch.h"

#include <gtest/gtest.h>

#include "penstock/base/rng.h"

namespace penstock::serving {
namespace {

TEST(Stretch, StepsReachingAndWithinEqualAWalk) {
  Rng rng(7, "stretch");
  for (int round = 0; round < 300; ++round) {
    Stretch stretch;
    stretch.start = Fine{static_cast<Int128>(rng.below(1000000))};
    stretch.first = 1 + rng.below(500000);
    stretch.growth = rng.below(3) == 0 ? 0 : rng.below(2000);
    stretch.count = 1 + rng.below(200);
    for (int probe = 0; probe < 20; ++probe) {
      const Time last = stretch.end_of(stretch.count).clock();
      const Time time = Time::from_picoseconds(rng.below(last.picoseconds() + 2));
      int64_t reaching = 1;
      while (reaching < stretch.count && stretch.end_of(reaching).clock() < time) ++reaching;
      int64_t within = 0;
      while (within < stretch.count && stretch.end_of(within + 1).clock() <= time) ++within;
      ASSERT_EQ(stretch.steps_reaching(time), reaching) << "round " << round;
      ASSERT_EQ(stretch.steps_within(time), within) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace penstock::serving
