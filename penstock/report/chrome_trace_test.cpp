// Goal: timelines open in Perfetto with their lanes named and no picosecond lost.
// Method: parse with an independent reader, check the fields that the format requires.
#include "penstock/report/chrome_trace.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "penstock/report/result_test_support.h"

namespace penstock::report {
namespace {

using Json = nlohmann::json;

Json events_of(const std::vector<Timeline>& timelines) {
  return Json::parse(to_chrome_trace(timelines))["traceEvents"];
}

TEST(ChromeTrace, NamesLanesAndPlacesSpans) {
  const std::vector<Timeline> timelines = {
      {"steps",
       "Steps",
       {{"serving/0", {{"step", Seconds(1.5), Seconds(0.0312), {{"batch", "3"}}}}},
        {"serving/1", {}}},
       false},
      {"other", "Other", {{"lane", {{"x", Seconds(0.0), Seconds(0.0), {}}}}}, false}};
  const Json events = events_of(timelines);
  EXPECT_EQ(events[0], Json::parse(R"({"ph":"M","name":"process_name","pid":1,"tid":0,
                                       "args":{"name":"Steps"}})"));
  EXPECT_EQ(events[1], Json::parse(R"({"ph":"M","name":"thread_name","pid":1,"tid":1,
                                       "args":{"name":"serving/0"}})"));
  EXPECT_EQ(events[3], Json::parse(R"({"ph":"X","name":"step","cat":"steps","pid":1,"tid":1,
                                       "ts":1500000,"dur":31200,"args":{"batch":"3"}})"));
  EXPECT_EQ(events[4]["tid"], 2);
  EXPECT_EQ(events.back()["pid"], 2);
  EXPECT_FALSE(events.back().contains("args"));
}

TEST(ChromeTrace, KeepsPicoseconds) {
  const std::vector<Timeline> timelines = {
      {"t", "", {{"l", {{"x", Seconds(3599.000000000001), Seconds(2.5e-11), {}}}}}, false}};
  const std::string text = to_chrome_trace(timelines);
  EXPECT_NE(text.find("\"ts\":3599000000.000001,\"dur\":0.000025"), std::string::npos) << text;
}

TEST(ChromeTrace, IsValidForEmptyAndHostileTimelines) {
  EXPECT_TRUE(events_of({}).empty());
  for (const Json& event : events_of(hostile_result().timelines)) {
    EXPECT_TRUE(event["ph"] == "M" || event["name"] == "decode") << event;
  }
}

}  // namespace
}  // namespace penstock::report
