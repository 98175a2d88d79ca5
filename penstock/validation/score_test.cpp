// Goal: scores are the stated statistics, count what has no answer, and name groups. Method: few
// observations whose errors are known.
#include "penstock/validation/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock::validation {
namespace {

Observation observed(std::string key, double measured, double predicted) {
  Observation o;
  o.metric = "latency";
  o.keys = {std::move(key), "x"};
  o.measured_factor = measured;
  o.predicted_factor = predicted;
  return o;
}

Observation missing(std::string key, std::string reason) {
  Observation o = observed(std::move(key), 1.0, 0.0);
  o.unanswered = std::move(reason);
  return o;
}

SuiteOutcome outcome_of(std::vector<Observation> observations) {
  return {"test", {"accelerator", "engine"}, {"accelerator"}, std::move(observations), {}};
}

TEST(Score, ErrorsAreOfTheMeasuredValue) {
  const auto scores = scores_of(
      outcome_of({observed("a", 10.0, 11.0), observed("a", 10.0, 8.0), observed("a", 10.0, 14.0),
                  missing("a", "no model"), missing("a", "no model"), missing("a", "no memory")}),
      {});
  ASSERT_EQ(scores.size(), 1U);
  const Score& s = scores[0];
  EXPECT_EQ(s.group, "all");
  EXPECT_EQ(s.rows, 6);
  EXPECT_EQ(s.answered, 3);
  EXPECT_NEAR(*s.median_ape, 0.2, 1e-12);
  EXPECT_NEAR(*s.mean_ape, 0.7 / 3.0, 1e-12);
  EXPECT_NEAR(*s.p90_ape, 0.2 + 0.8 * 0.2, 1e-12);
  EXPECT_NEAR(*s.bias, 0.1, 1e-12);
  EXPECT_EQ(s.in_band, std::nullopt);
  EXPECT_EQ(s.unanswered.at("no model"), 2);
  EXPECT_EQ(s.unanswered.at("no memory"), 1);
}

TEST(Score, WithoutAnAnswerThereIsNoErrorAndNoZero) {
  const auto scores = scores_of(outcome_of({missing("a", "why")}), {});
  EXPECT_EQ(scores[0].answered, 0);
  EXPECT_EQ(scores[0].median_ape, std::nullopt);
  EXPECT_EQ(scores[0].bias, std::nullopt);
}

TEST(Score, BandsCountOnlyRowsThatHaveOne) {
  Observation in = observed("a", 10.0, 11.0);
  in.low = 9.0;
  in.high = 12.0;
  Observation out = observed("a", 10.0, 13.0);
  out.low = 12.0;
  out.high = 14.0;
  const auto scores = scores_of(outcome_of({in, out, observed("a", 1.0, 1.0)}), {});
  EXPECT_EQ(scores[0].in_band, 0.5);
}

TEST(Score, TheWholeComesFirstThenGroupsThenSections) {
  Observation request = observed("b", 1.0, 2.0);
  request.section = "each request";
  const auto scores = scores_of(
      outcome_of({observed("b", 1.0, 1.0), observed("a", 1.0, 1.0), missing("", "why"), request}),
      std::vector<std::string>{"accelerator", "unknown"});
  std::vector<std::string> groups;
  for (const Score& s : scores) groups.push_back(s.group);
  EXPECT_THAT(groups,
              ::testing::ElementsAre("all", "-", "a", "b", "each request", "each request/b"));
  EXPECT_EQ(scores[0].rows, 3);
}

TEST(Score, QuantilesLieBetweenNeighbours) {
  const std::vector<double> values = {1.0, 2.0, 4.0};
  EXPECT_EQ(sorted_quantile_factor(values, 0.0), 1.0);
  EXPECT_EQ(sorted_quantile_factor(values, 0.25), 1.5);
  EXPECT_EQ(sorted_quantile_factor(values, 1.0), 4.0);
}

}  // namespace
}  // namespace penstock::validation
