// Goal: the format people write by hand: times with and without units, exact to the picosecond.
// Method: hand-computed times; a round trip.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/workload/trace_test_support.h"

namespace penstock::workload {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(PlainCsv, ArrivalsMayHaveUnits) {
  const Trace trace = testing::parsed(
      "output,arrival,input\n1,0,1\n1,250 ms,1\n1,1e0,1\n1,1.000000000001,1\n1,2 min,1\n1,1h,1\n");
  std::vector<int64_t> times;
  for (const Time t : trace.arrivals) times.push_back(t.picoseconds());
  EXPECT_THAT(times, ElementsAre(0, kPicosecondsPerSecond / 4, kPicosecondsPerSecond,
                                 kPicosecondsPerSecond + 1, 120 * kPicosecondsPerSecond,
                                 3'600 * kPicosecondsPerSecond));
}

TEST(PlainCsv, RefusesWhatIsNoTimeAndNoPriority) {
  const std::string text = testing::trace_mistakes(
      "arrival,input,output,priority\n3 GB,1,1,0\n200 days,1,1,x\n,1,1,99999999999\n");
  EXPECT_THAT(text, HasSubstr("2:1: 'arrival' must be"));
  EXPECT_THAT(text, HasSubstr("3:1: 'arrival' must be seconds or a time with its unit"));
  EXPECT_THAT(text, HasSubstr("3:14: 'priority' must be a whole number of 32 bits; got \"x\""));
  EXPECT_THAT(text, HasSubstr("4:1: 'arrival' is empty"));
  EXPECT_THAT(text, HasSubstr("4:6: 'priority' must be"));
}

TEST(PlainCsv, WritesExactTimesAndPriorities) {
  const std::string text =
      "arrival,input,output,priority\n0,1,2,0\n0.000000000001,3,4,-1\n10.05,5,6,2\n";
  std::vector<std::string> notes;
  Findings findings;
  EXPECT_EQ(write_trace(testing::parsed(text), "plain_csv", notes, findings), text);
  EXPECT_TRUE(notes.empty());
}

}  // namespace
}  // namespace penstock::workload
