// Goal: terminal texts say what the result says, within the width, whatever the result holds.
// Method: exact lines of small results; width, escape and emptiness checks over all fixtures.
#include "penstock/report/text.h"

#include <gtest/gtest.h>

#include "penstock/base/text.h"
#include "penstock/report/result_test_support.h"
#include "penstock/report/utf8.h"

namespace penstock::report {
namespace {

testing::AssertionResult contains(const std::string& text, std::string_view part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "no \"" << part << "\" in:\n" << text;
}

int widest_line(const std::string& text) {
  int widest = 0;
  for (const std::string_view line : split(text, '\n')) {
    widest = std::max(widest, display_width(line));
  }
  return widest;
}

Table small_table() {
  return {"t",
          "A small table",
          {{"name", ""}, {"count", ""}, {"duration", "s"}, {"share", ""}},
          {{"first", int64_t{12345}, 0.0123, 0.25}, {"second one", int64_t{7}, 0.0004, 1.0}}};
}

TEST(SummaryText, ShowsHeadlineBandsBooksNotesAndWeakInputs) {
  const std::string text = summary_text(realistic_result());
  EXPECT_TRUE(contains(text, "azure_conversation_hour\n"));
  EXPECT_TRUE(contains(text, "  TTFT p50                           211 ms        189..238\n"));
  EXPECT_TRUE(contains(text, "  Output throughput                4,512 token/s   4,390..4,601\n"));
  EXPECT_TRUE(
      contains(text, "  Cost per million output tokens   $0.21           $0.190..$0.240\n"));
  EXPECT_TRUE(
      contains(text, "  ✓ requests       19,366 arrived = 19,360 completed + 6 timed out\n"));
  EXPECT_TRUE(contains(text, "  • Energy and cost are first estimates"));
  EXPECT_TRUE(contains(text, "Inputs of low confidence (2 of 5)"));
  EXPECT_FALSE(contains(text, "KV use"));  // not in the headline
}

TEST(SummaryText, OffersTheNamesOfMetricsWhereThereIsRoom) {
  EXPECT_TRUE(contains(summary_text(realistic_result(), {.width = 140}), "serving.ttft.p50\n"));
}

TEST(SummaryText, OfAnInfeasibleResultIsItsReason) {
  const std::string text = summary_text(infeasible_result());
  EXPECT_TRUE(contains(text, "  Infeasible\n  weights 811 GB exceed HBM"));
  EXPECT_FALSE(contains(text, "TTFT"));
}

TEST(SummaryText, OfAnEmptyResultIsOnlyTheRule) {
  EXPECT_EQ(widest_line(summary_text(Result{}, {.width = 50})), 50);
  EXPECT_FALSE(contains(summary_text(Result{}), "Books"));
}

TEST(SummaryText, MarksBooksThatDoNotBalance) {
  Result result;
  result.ledger = {{"requests", "10 arrived", "9 completed", false}};
  EXPECT_TRUE(contains(summary_text(result), "  ✗ requests  10 arrived ≠ 9 completed\n"));
  EXPECT_TRUE(contains(summary_text(result, {.unicode = false}),
                       "  BAD requests  10 arrived != 9 completed\n"));
}

TEST(FullText, StaysWithinTheWidth) {
  for (const int width : {40, 61, 80, 100, 173}) {
    for (const bool unicode : {true, false}) {
      for (const Result& result : {realistic_result(), infeasible_result(), hostile_result()}) {
        EXPECT_LE(widest_line(full_text(result, {.width = width, .unicode = unicode})), width);
      }
    }
  }
}

TEST(FullText, ColoursOnlyWhenAskedAndNeverPassesEscapesOn) {
  EXPECT_FALSE(contains(full_text(hostile_result()), "\x1b"));
  EXPECT_FALSE(contains(full_text(realistic_result()), "\x1b"));
  EXPECT_TRUE(contains(full_text(realistic_result(), {.colour = true}), "\x1b[32m✓\x1b[0m"));
}

TEST(TableText, AlignsNumbersUnderOnePrefixAColumn) {
  EXPECT_EQ(table_text(small_table()),
            "A small table\n"
            "┌────────────┬────────┬──────────┬───────┐\n"
            "│            │        │ duration │ share │\n"
            "│ name       │  count │       ms │     % │\n"
            "├────────────┼────────┼──────────┼───────┤\n"
            "│ first      │ 12,345 │     12.3 │    25 │\n"
            "│ second one │      7 │      0.4 │   100 │\n"
            "└────────────┴────────┴──────────┴───────┘\n");
  EXPECT_EQ(table_text(small_table(), {.unicode = false}),
            "A small table\n"
            "                    duration  share\n"
            "name         count        ms      %\n"
            "----------  ------  --------  -----\n"
            "first       12,345      12.3     25\n"
            "second one       7       0.4    100\n");
}

TEST(TableText, WrapsLongTextsAndNamesDroppedColumns) {
  Table table = small_table();
  table.rows[0][0] = std::string(50, 'x');
  const std::string narrow = table_text(table, {.width = 40});
  EXPECT_EQ(std::count(narrow.begin(), narrow.end(), 'x'), 50) << narrow;
  EXPECT_LE(widest_line(narrow), 40);
  table.rows[0][0] = "one two three";
  for (int i = 0; i < 8; ++i) table.columns.push_back({"column" + std::to_string(i), ""});
  EXPECT_TRUE(contains(table_text(table, {.width = 60}), "not shown in 60 columns: column"));
  EXPECT_LE(widest_line(table_text(table, {.width = 60})), 60);
}

TEST(TableText, TakesEmptyAndRaggedTables) {
  EXPECT_EQ(table_text(Table{}), "");
  const Table ragged{"", "", {{"a", ""}, {"b", ""}}, {{"only one"}, {"x", int64_t{1}, "too many"}}};
  EXPECT_TRUE(contains(table_text(ragged), "│ only one │   │\n│ x        │ 1 │\n"));
}

TEST(WaterfallText, DrawsPhasesOnACommonAxis) {
  const Timeline timeline{"slow",
                          "Slow",
                          {{"a",
                            {{"queue", Seconds(100.0), Seconds(10.0), {}},
                             {"prefill", Seconds(110.0), Seconds(10.0), {}},
                             {"decode", Seconds(120.0), Seconds(20.0), {}}}},
                           {"b", {{"decode", Seconds(7.0), Seconds(20.0), {}}}}},
                          true};
  EXPECT_EQ(waterfall_text(timeline, {.width = 51, .unicode = false}),
            "Slow\n"
            ". queue   # prefill   = decode\n"
            "a  ...........##########=====================  40 s\n"
            "b  =====================                       20 s\n"
            "   0        10         20        30      40 s\n");
}

TEST(WaterfallText, ShowsAShortPhaseAtLeastOnce) {
  const Timeline timeline{"slow",
                          "",
                          {{"a",
                            {{"queue", Seconds(0.0), Seconds(50.0), {}},
                             {"prefill", Seconds(50.0), Seconds(0.001), {}},
                             {"decode", Seconds(50.001), Seconds(50.0), {}}}}},
                          true};
  EXPECT_TRUE(contains(waterfall_text(timeline), "░█━"));
}

TEST(WaterfallText, OfNothingIsTheTitle) {
  EXPECT_EQ(waterfall_text({"x", "Nothing", {}, false}), "Nothing\n");
}

TEST(BarsText, ScalesToTheLargest) {
  const std::vector<TextBar> bars = {{"0-128", 50.0}, {"129-512", 100.0}, {"none", 0.0}};
  EXPECT_EQ(bars_text(bars, "request", {.width = 40, .unicode = false}),
            "0-128     50 request  #########\n"
            "129-512  100 request  ##################\n"
            "none       0 request\n");
  EXPECT_TRUE(contains(bars_text(bars, "", {.width = 40}), "█"));
  EXPECT_EQ(bars_text({}, "s"), "");
}

TEST(PlotText, ReadsQuantilesOffADistribution) {
  Plot plot{"c", "Latency", PlotKind::kCdf, "latency", "s", "share", "", {}, {}};
  plot.lines.push_back({"TTFT", {0.0, 1.0}, {0.0, 1.0}, false, {}});
  EXPECT_TRUE(contains(plot_text(plot),
                       "│ TTFT    │ 100 ms │ 500 ms │ 900 ms │ 950 ms │ 990 ms │ 1 s │\n"));
}

TEST(PlotText, OfNothingIsNothing) {
  EXPECT_EQ(plot_text({"c", "Latency", PlotKind::kCdf, "", "", "", "", {}, {}}), "");
}

TEST(CompareText, PutsRunsSideBySideInOneUnitARow) {
  Result base = realistic_result();
  base.name = "base";
  Result other = base;
  other.name = "other";
  other.metrics[0].value_factor = 1.0;
  other.metrics[1].value_factor *= 0.9;
  const std::vector<Result> results = {base, other, infeasible_result()};
  const std::string text = compare_text(results, {.width = 110});
  EXPECT_TRUE(contains(text, "│ TTFT p50                       │ ms                 │    211 │"));
  EXPECT_TRUE(contains(text, "1,000 │   x4.7 │ infeasible │"));
  EXPECT_TRUE(contains(text, "1.69 │  -10 % │ infeasible │"));
  EXPECT_TRUE(contains(text, "too_large: infeasible: weights 811 GB"));
  EXPECT_EQ(widest_line(compare_text({}, {})), 17);
}

}  // namespace
}  // namespace penstock::report
