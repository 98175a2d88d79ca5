// Goal: dates become exact times and bad dates mistakes; the public files read whole and fast.
// Method: hand-computed stamps; the shared files against their published counts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "penstock/workload/trace_test_support.h"

namespace penstock::workload {
namespace {

constexpr const char* kHeader = "TIMESTAMP,ContextTokens,GeneratedTokens\n";

std::string stamp_mistake(const std::string& stamp) {
  return testing::trace_mistakes(kHeader + stamp + ",1,1\n");
}

TEST(AzureCsv, StampsAreExact) {
  const Trace trace = testing::parsed(std::string(kHeader) +
                                      "2024-02-28 23:59:59.9999999,1,1\n"
                                      "2024-02-29 00:00:00,1,1\n"
                                      "2024-03-01T00:00:00.5Z,1,1\n"
                                      "2024-03-01 01:00:01.500000000001+01:00,1,1\n"
                                      "2024-02-29 19:30:02-04:30,1,1\n");
  const int64_t day = 86'400 * kPicosecondsPerSecond;
  EXPECT_EQ(trace.arrivals[1].picoseconds(), 100'000);
  EXPECT_EQ(trace.arrivals[2].picoseconds(), day + 100'000 + kPicosecondsPerSecond / 2);
  EXPECT_EQ(trace.arrivals[3].picoseconds(), day + 100'001 + 3 * kPicosecondsPerSecond / 2);
  EXPECT_EQ(trace.arrivals[4].picoseconds(), day + 100'000 + 2 * kPicosecondsPerSecond);
}

TEST(AzureCsv, RefusesWhatIsNoDate) {
  for (const char* stamp :
       {"2023-02-29 00:00:00", "2023-13-01 00:00:00", "2023-00-01 00:00:00", "2023-01-00 00:00:00",
        "2023-04-31 00:00:00", "2023-01-01 24:00:00", "2023-01-01 00:60:00", "2023-01-01 00:00:60",
        "2023-01-01", "2023-01-01 00:00:00.", "2023-01-01 00:00:00+1:00", "2023-01-01 00:00:00 x",
        "23-01-01 00:00:00", "1700158546", ""}) {
    EXPECT_THAT(stamp_mistake(stamp), ::testing::HasSubstr("trace:2:1: 'TIMESTAMP' must be a date"))
        << stamp;
  }
}

TEST(AzureCsv, AZeroIsAMistake) {
  EXPECT_THAT(testing::trace_mistakes(std::string(kHeader) + "2023-11-16 18:15:46,10,0\n"),
              ::testing::HasSubstr("2:24: 'GeneratedTokens' must be at least 1"));
}

TEST(AzureCsv, WritesDatesFromTheEpoch) {
  Trace trace;
  Request request;
  request.input_tokens = 3;
  request.output_tokens = 4;
  request.arrival = Time::from_seconds(Seconds(60.0 * 86'400.0 + 3'723.5));
  trace.add(request);
  std::vector<std::string> notes;
  Findings findings;
  EXPECT_EQ(write_trace(trace, "azure_csv", notes, findings),
            std::string(kHeader) + "1970-03-02 01:02:03.5000000,3,4\n");
}

TEST(AzureCsv, ReadsThePublicFiles) {
  const auto conversation = testing::shared_trace("AzureLLMInferenceTrace_conv.csv");
  const auto code = testing::shared_trace("AzureLLMInferenceTrace_code.csv");
  if (!conversation || !code) GTEST_SKIP() << "the shared traces are not here";
  Findings findings;
  const Trace conv = read_trace(*conversation, findings);
  EXPECT_EQ(conv.size(), 19'366U);
  // from 18:15:46.6805900 to 19:14:08.4025270
  EXPECT_EQ(conv.arrivals.back().picoseconds(), int64_t{3'501'721'937'000'000});
  const auto mean = [](const std::vector<int64_t>& values) {
    return static_cast<double>(std::accumulate(values.begin(), values.end(), int64_t{0})) /
           static_cast<double>(values.size());
  };
  EXPECT_NEAR(mean(conv.input_tokens), 1'154.7, 0.1);
  EXPECT_NEAR(mean(conv.output_tokens), 211.1, 0.1);
  const Trace coding = read_trace(*code, findings);
  EXPECT_EQ(coding.size(), 8'819U);
  EXPECT_NEAR(mean(coding.output_tokens), 27.9, 0.1);
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
  EXPECT_TRUE(conv.notes.empty());
}

}  // namespace
}  // namespace penstock::workload
