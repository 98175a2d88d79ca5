// Goal: a summary says what stands in the trace. Method: small traces worked out by hand, and the
// published properties of the shared traces where they are present.
#include "penstock/workload/trace_summary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "penstock/workload/trace_test_support.h"

namespace penstock::workload {
namespace {

using testing::parsed;
using testing::shared_trace;

double metric(const Result& result, std::string_view name) {
  const Metric* found = result.find(name);
  return found != nullptr ? found->value_factor : std::nan("");
}

const Plot* plot(const Result& result, std::string_view id) {
  for (const Plot& p : result.plots) {
    if (p.id == id) return &p;
  }
  return nullptr;
}

TEST(TraceSummary, CountsRatesAndQuantilesByHand) {
  const Result r =
      summarize(parsed("arrival,input,output\n0,1,10\n1,2,10\n2,3,10\n3,4,10\n7,100,20\n"));
  EXPECT_EQ(metric(r, "workload.requests"), 5.0);
  EXPECT_EQ(metric(r, "workload.span"), 7.0);
  EXPECT_DOUBLE_EQ(metric(r, "workload.rate"), 4.0 / 7.0);
  // gaps 1, 1, 1, 4: mean 7/4, variance 27/16
  EXPECT_DOUBLE_EQ(metric(r, "workload.burstiness"), std::sqrt(27.0 / 16.0) / 1.75);
  EXPECT_EQ(metric(r, "workload.input_tokens.mean"), 22.0);
  EXPECT_EQ(metric(r, "workload.input_tokens.p50"), 3.0);
  EXPECT_EQ(metric(r, "workload.input_tokens.p90"), 100.0);
  EXPECT_EQ(metric(r, "workload.output_tokens.max"), 20.0);
  // ranks 0 to 4 against 1.5 four times and 4
  EXPECT_NEAR(metric(r, "workload.correlation"), 5.0 / std::sqrt(50.0), 1e-12);
  EXPECT_EQ(r.find("workload.prefix_reuse"), nullptr);
}

TEST(TraceSummary, HistogramBucketsDouble) {
  const Result r = summarize(parsed("arrival,input,output\n0,2,1\n1,3,1\n2,4,1\n3,40,1\n"));
  const Plot* bars = plot(r, "input_histogram");
  ASSERT_NE(bars, nullptr);
  EXPECT_EQ(bars->categories,
            (std::vector<std::string>{"2 to 3", "4 to 7", "8 to 15", "16 to 31", "32 to 63"}));
  EXPECT_EQ(bars->lines[0].y, (std::vector<double>{2.0, 1.0, 0.0, 0.0, 1.0}));
  EXPECT_EQ(plot(r, "output_histogram")->categories, std::vector<std::string>{"1"});
}

TEST(TraceSummary, HugeLengthsKeepTheirBucket) {
  const Result r = summarize(parsed("arrival,input,output\n0,1000000000,1\n1,1,1\n"));
  EXPECT_EQ(plot(r, "input_histogram")->categories.size(), 30U);
  EXPECT_EQ(metric(r, "workload.input_tokens.max"), 1e9);
}

TEST(TraceSummary, RequestsAtOneInstantHaveNoRate) {
  const Result r = summarize(parsed("arrival,input,output\n5,1,1\n5,2,2\n"));
  EXPECT_EQ(r.find("workload.rate"), nullptr);
  EXPECT_EQ(plot(r, "gaps"), nullptr);
  EXPECT_EQ(metric(r, "workload.requests"), 2.0);
  EXPECT_EQ(summarize(parsed("arrival,input,output\n5,1,1\n")).headline.front(),
            "workload.requests");
}

TEST(TraceSummary, ReuseNeedsEverythingBefore) {
  // the second prompt repeats two of three runs; the third has run 2 at its front, then a new one
  // and run 3, which its different beginning makes useless
  const Trace trace =
      parsed(R"({"timestamp": 0, "input_length": 1536, "output_length": 1, "hash_ids": [1, 2, 3]})"
             "\n"
             R"({"timestamp": 1, "input_length": 1536, "output_length": 1, "hash_ids": [1, 2, 4]})"
             "\n"
             R"({"timestamp": 2, "input_length": 1536, "output_length": 1, "hash_ids": [2, 5, 3]})"
             "\n");
  const PrefixReuse reuse = prefix_reuse(trace);
  EXPECT_EQ(reuse.found, 3);
  EXPECT_EQ(reuse.looked_up, 9);
  EXPECT_DOUBLE_EQ(metric(summarize(trace), "workload.prefix_reuse"), 1.0 / 3.0);
}

TEST(TraceSummary, EveryMetricIsDefined) {
  const Trace trace =
      parsed(R"({"timestamp": 0, "input_length": 5, "output_length": 1, "hash_ids": [1]})"
             "\n"
             R"({"timestamp": 9, "input_length": 5, "output_length": 1, "hash_ids": [1]})"
             "\n");
  for (const Metric& m : summarize(trace).metrics) {
    const bool defined =
        std::any_of(metric_docs().begin(), metric_docs().end(), [&](const auto& d) {
          return (m.name == d.name || m.name.starts_with(std::string(d.name) + ".")) &&
                 m.unit == d.unit;
        });
    EXPECT_TRUE(defined) << m.name;
  }
}

TEST(TraceSummary, SharedTracesHaveTheirPublishedProperties) {
  const auto conversation = shared_trace("AzureLLMInferenceTrace_conv.csv");
  const auto mooncake = shared_trace("mooncake_conversation_trace.jsonl");
  const auto synthetic = shared_trace("mooncake_synthetic_trace.jsonl");
  if (!conversation || !mooncake || !synthetic) {
    GTEST_SKIP() << "no shared traces here; set PENSTOCK_SHARED to their folder";
  }
  Findings findings;
  const Result azure = summarize(read_trace(*conversation, findings));
  EXPECT_EQ(metric(azure, "workload.requests"), 19'366.0);
  EXPECT_NEAR(metric(azure, "workload.rate"), 5.53, 0.005);
  EXPECT_NEAR(metric(azure, "workload.input_tokens.mean"), 1155.0, 0.5);
  EXPECT_EQ(metric(azure, "workload.input_tokens.p50"), 1020.0);
  EXPECT_NEAR(metric(azure, "workload.output_tokens.mean"), 211.0, 0.5);
  EXPECT_EQ(metric(azure, "workload.output_tokens.p50"), 129.0);
  const Result chat = summarize(read_trace(*mooncake, findings));
  EXPECT_NEAR(metric(chat, "workload.prefix_reuse"), 0.366, 0.0005);
  const Result made = summarize(read_trace(*synthetic, findings));
  EXPECT_NEAR(metric(made, "workload.prefix_reuse"), 0.640, 0.0005);
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
}

}  // namespace
}  // namespace penstock::workload
