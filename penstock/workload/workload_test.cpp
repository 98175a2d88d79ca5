// Goal: the workload section means one thing. Method: read, write back and read again; equal seeds
// give equal requests; every contradiction is named at its place.
#include "penstock/workload/workload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/workload/workload_test_support.h"

namespace penstock::workload {
namespace {

constexpr const char* kInline =
    "arrivals: {process: gamma_renewal, rate: 5 req/s, burstiness: 1.3}\n"
    "lengths:\n"
    "  input: {distribution: lognormal, median_tokens: 1000, sigma: 0.9}\n"
    "  output: {distribution: uniform, min_tokens: 10, max_tokens: 300}\n"
    "  correlation: 0.4\n"
    "prefix: {pool: 3, tokens: 64, share: 50%}\n"
    "requests: 2000\n";

bool equal(const Trace& a, const Trace& b) {
  return a.arrivals == b.arrivals && a.input_tokens == b.input_tokens &&
         a.output_tokens == b.output_tokens && a.prefix_hashes == b.prefix_hashes &&
         a.prefix_ends == b.prefix_ends;
}

Trace drawn(const WorkloadConfig& config, uint64_t seed) {
  return collect(*make_stream(config, seed));
}

TEST(Workload, EqualSeedsGiveEqualRequests) {
  const WorkloadConfig config = testing::workload(kInline);
  const Trace first = drawn(config, 1);
  EXPECT_EQ(first.size(), 2000U);
  EXPECT_TRUE(equal(first, drawn(config, 1)));
  EXPECT_FALSE(equal(first, drawn(config, 2)));
}

TEST(Workload, SurvivesWritingAndReading) {
  const WorkloadConfig config = testing::workload(kInline);
  const std::string text = to_yaml(ConfigWriter::write(config));
  const WorkloadConfig again = testing::workload(text);
  EXPECT_EQ(to_yaml(ConfigWriter::write(again)), text);
  EXPECT_TRUE(equal(drawn(config, 1), drawn(again, 1)));
}

TEST(Workload, CorrelationOrdersInputsAndOutputs) {
  // the normal scores correlate as asked: check signs of the joint deviation from the medians
  const Trace trace = drawn(testing::workload(kInline), 1);
  double agree = 0.0;
  for (size_t i = 0; i < trace.size(); ++i) {
    agree += (trace.input_tokens[i] > 1000) == (trace.output_tokens[i] > 155) ? 1.0 : 0.0;
  }
  // P(equal signs) = 1/2 + asin(rho) / pi
  EXPECT_NEAR(agree / static_cast<double>(trace.size()), 0.5 + std::asin(0.4) / 3.14159265, 0.04);
}

TEST(Workload, APrefixIsPartOfTheInput) {
  WorkloadConfig config = testing::workload(kInline);
  config.prefix->tokens = 5000;
  config.prefix->share_fraction = 1.0;
  const Trace trace = drawn(config, 1);
  EXPECT_GE(*std::min_element(trace.input_tokens.begin(), trace.input_tokens.end()), 5000);
  EXPECT_EQ(trace.prefix_run_tokens, 16);
}

TEST(Workload, APresetFillsWhatIsLeftOpen) {
  Findings findings;
  const Node node = testing::yaml(
      "arrivals: {process: constant, rate: 2 req/s}\n"
      "lengths: {input: {distribution: fixed, tokens: 8},"
      " output: {distribution: fixed, tokens: 4}}\n",
      findings);
  const auto preset = read_config<GeneratorConfig>(node, findings);
  auto config = read_config<WorkloadConfig>(
      testing::yaml("preset: some\narrivals: {process: at_once}\nrequests: 3\n", findings),
      findings);
  apply_preset(config, preset);
  ASSERT_TRUE(findings.empty()) << to_text(findings.all());
  const Trace trace = drawn(config, 1);
  EXPECT_EQ(trace.input_tokens, (std::vector<int64_t>{8, 8, 8}));
  EXPECT_EQ(trace.span().value(), 0.0);
}

TEST(Workload, AClosedLoopHasNoArrivals) {
  const WorkloadConfig config = testing::workload(
      "lengths: {input: {distribution: fixed, tokens: 8},"
      " output: {distribution: fixed, tokens: 4}}\n"
      "closed_loop: {concurrency: 4, requests: 10, think_time: 2 s}\n");
  const Trace trace = drawn(config, 1);
  EXPECT_EQ(trace.size(), 10U);
  EXPECT_EQ(trace.arrivals.back(), Time());
}

TEST(Workload, NamesContradictions) {
  using ::testing::HasSubstr;
  EXPECT_THAT(testing::mistakes("load_factor: 2\n"), HasSubstr("needs 'preset', 'trace', or"));
  const std::string lengths =
      "lengths: {input: {distribution: fixed, tokens: 8},"
      " output: {distribution: fixed, tokens: 4}}\n";
  EXPECT_THAT(testing::mistakes(lengths), HasSubstr("1:1: 'lengths' need 'arrivals'"));
  EXPECT_THAT(testing::mistakes("trace: {file: a.csv}\n" + lengths),
              HasSubstr("2:1: 'lengths' has no effect beside 'trace'"));
  EXPECT_THAT(testing::mistakes(lengths + "arrivals: {process: poisson, rate: 1 req/s}\n"),
              HasSubstr("2:1: never ends; give 'requests'"));
  const std::string loop =
      testing::mistakes(lengths + "closed_loop: {concurrency: 4}\nload_factor: 2\nduration: 5 s\n");
  EXPECT_THAT(loop, HasSubstr("3:1: 'load_factor' has no effect in a closed loop"));
  EXPECT_THAT(loop, HasSubstr("4:1: 'duration' has no effect in a closed loop"));
  EXPECT_THAT(loop, HasSubstr("2:1: never ends"));
  EXPECT_THAT(testing::mistakes(lengths + "arrivals: {process: poison, rate: 1 req/s}\n"),
              HasSubstr("2:21: no process 'poison'; it is one of at_once, constant, diurnal, "
                        "gamma_renewal, piecewise_rate, poisson; did you mean 'poisson'?"));
  EXPECT_THAT(testing::mistakes(lengths + "arrivals: {rate: 1 req/s}\n"),
              HasSubstr("needs 'process: NAME'"));
}

TEST(Workload, DescribesEveryVariation) {
  const auto docs = describe_variations<ArrivalProcess>("workload.arrivals");
  ASSERT_EQ(docs.size(), 6U);
  EXPECT_EQ(docs[3].name, "gamma_renewal");
  EXPECT_EQ(docs[3].fields[0].path, "workload.arrivals.rate");
  EXPECT_EQ(describe_variations<LengthDistribution>("workload.lengths.input").size(), 4U);
}

}  // namespace
}  // namespace penstock::workload
