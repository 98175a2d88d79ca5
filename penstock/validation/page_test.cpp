// Goal: the page has scores, worst rows with reasons, peers and limits, and no cell can end early.
// Method: one outcome by hand.
#include "penstock/validation/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/validation/tables.h"

namespace penstock::validation {
namespace {

using ::testing::HasSubstr;

SuiteOutcome outcome() {
  Observation good;
  good.metric = "ttft";
  good.keys = {"a"};
  good.place = "serving_static.csv:2";
  good.what = "a | b";
  good.measured_factor = 0.2;
  good.predicted_factor = 0.1;
  good.low = 0.05;
  good.high = 0.15;
  good.hint = "a stated reason";
  Observation missing = good;
  missing.place = "serving_static.csv:3";
  missing.unanswered = "no model";
  return {"serving_static", {"accelerator"}, {"accelerator"}, {good, missing}, {"a rule"}};
}

TEST(Page, SaysHowFarWhyAndWhatNot) {
  const std::vector<SuiteOutcome> outcomes = {outcome()};
  const std::string page = validation_page(outcomes, catalog::Catalog::built_in());
  EXPECT_THAT(page, HasSubstr("| serving_static | ttft | 2 | 1 | 50 % | 50 % | 50 % | -50 % | "
                              "0.0 % |"));
  EXPECT_THAT(page, HasSubstr("- a rule\n"));
  EXPECT_THAT(page, HasSubstr("| ttft | 1 | no model |"));
  EXPECT_THAT(page, HasSubstr("| 0.5 | 200 ms | 100 ms | serving_static.csv:2 | a \\| b | a stated "
                              "reason |"));
  EXPECT_THAT(page, HasSubstr("AIConfigurator"));
  EXPECT_THAT(page, HasSubstr("What is not validated"));
  EXPECT_EQ(page, validation_page(outcomes, catalog::Catalog::built_in()));
}

TEST(Tables, PlotsHoldTheAnsweredRowsAndTheLineOfEquals) {
  const std::vector<Plot> plots = plots_of(outcome());
  ASSERT_EQ(plots.size(), 2U);
  EXPECT_EQ(plots[0].kind, PlotKind::kScatter);
  ASSERT_EQ(plots[0].lines.size(), 2U);
  EXPECT_EQ(plots[0].lines[0].x, std::vector<double>{0.2});
  EXPECT_EQ(plots[0].lines[0].y, std::vector<double>{0.1});
  EXPECT_TRUE(plots[0].lines[1].guide);
  EXPECT_EQ(plots[1].kind, PlotKind::kCdf);
  EXPECT_EQ(plots[1].lines[0].x, std::vector<double>{0.5});
}

TEST(Tables, TheWorstRowsComeFirstAndAreFew) {
  SuiteOutcome many = outcome();
  for (int i = 1; i <= 5; ++i) {
    Observation o = many.observations[0];
    o.place = std::to_string(i);
    o.predicted_factor = o.measured_factor * i;
    many.observations.push_back(o);
  }
  const Table table = worst_table(many, "ttft", 2);
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(std::get<std::string>(table.rows[0][3]), "5");
  EXPECT_EQ(std::get<std::string>(table.rows[1][3]), "4");
}

}  // namespace
}  // namespace penstock::validation
