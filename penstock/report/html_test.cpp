// Goal: the page is one safe, self-contained file that shows what the result says, at any size.
// Method: exact snippets of small results; a scanner that balances tags and finds what a browser
// would fetch or run; size of a result larger than any run writes.
#include "penstock/report/html.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "penstock/report/html_chart.h"
#include "penstock/report/html_parts.h"
#include "penstock/report/result_test_support.h"

namespace penstock::report {
namespace {

testing::AssertionResult contains(const std::string& text, std::string_view part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "no \"" << part << "\"";
}

size_t count(const std::string& text, std::string_view part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// names of elements left open, or closed out of order; scripts and styles are skipped as a browser
// does: up to their end tag
std::vector<std::string> unbalanced(const std::string& html) {
  const std::set<std::string> empty = {"meta", "link", "!doctype", "wbr", "br", "img", "path/"};
  std::vector<std::string> open;
  std::vector<std::string> wrong;
  for (size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at)) {
    const size_t end = html.find('>', at);
    const std::string tag = html.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(0, tag.find_first_of(" \n"));
    at = end;
    if (tag.ends_with('/') || empty.contains(name)) continue;
    if (name.starts_with('/')) {
      if (open.empty() || open.back() != name.substr(1)) {
        wrong.push_back(tag);
      } else {
        open.pop_back();
      }
      continue;
    }
    open.push_back(name);
    if (name == "script" || name == "style") at = html.find("</" + name, at);
  }
  wrong.insert(wrong.end(), open.begin(), open.end());
  return wrong;
}

TEST(ToHtml, BalancesItsTagsForEveryResult) {
  for (const Result& result :
       {realistic_result(), infeasible_result(), hostile_result(), Result{}}) {
    const std::string html = to_html(result);
    EXPECT_TRUE(html.starts_with("<!doctype html>\n"));
    EXPECT_EQ(unbalanced(html), std::vector<std::string>{}) << result.name;
  }
}

TEST(ToHtml, RunsAndLoadsNothingOfTheUsers) {
  const std::string html = to_html(hostile_result());
  EXPECT_FALSE(contains(html, "<img"));
  EXPECT_FALSE(contains(html, "\x1b"));
  EXPECT_FALSE(contains(html, "\xff"));
  // a script ends where it should: two of the page, one per plot that has data
  EXPECT_EQ(count(html, "<script"), count(html, "</script>"));
  EXPECT_TRUE(contains(html, "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"));
  EXPECT_TRUE(contains(html, "\\u003c/script\\u003e"));
}

TEST(ToHtml, NeedsNoNetwork) {
  const std::string html = to_html(realistic_result());
  EXPECT_FALSE(contains(html, "http:"));
  EXPECT_FALSE(contains(html, "https:"));
  EXPECT_FALSE(contains(html, "@import"));
  EXPECT_FALSE(contains(html, "url("));
  EXPECT_TRUE(contains(html, "default-src 'none'"));
}

TEST(ToHtml, ShowsTilesWithBandsAndUnits) {
  const std::string html = to_html(realistic_result());
  EXPECT_TRUE(contains(html,
                       "<div class=\"tile\" title=\"serving.ttft.p50\"><h3>TTFT p50</h3>"
                       "<p>211<span>ms</span></p>"));
  EXPECT_TRUE(contains(html, "189–238</div>"));
  EXPECT_TRUE(contains(html, "<h3>Cost per million output tokens</h3><p>$0.21</p>"));
  EXPECT_EQ(count(html, "class=\"tile\""), 8u);
}

TEST(ToHtml, HasEverySectionOfAFullResultAndNoneOfAnEmptyOne) {
  const std::string full = to_html(realistic_result());
  const std::string empty = to_html(Result{});
  for (const std::string_view id : {"distributions", "time", "breakdown", "timelines", "tables",
                                    "books", "notes", "inputs", "scenario"}) {
    const std::string section = std::string("<section id=\"").append(id).append("\"");
    EXPECT_TRUE(contains(full, section));
    EXPECT_TRUE(contains(full, std::string("<a href=\"#").append(id).append("\"")));
    EXPECT_FALSE(contains(empty, section));
  }
}

TEST(ToHtml, SaysWhyAPlanIsInfeasible) {
  const std::string html = to_html(infeasible_result());
  EXPECT_TRUE(contains(html, "This plan is infeasible</h3><p>weights 811 GB exceed HBM"));
  EXPECT_FALSE(contains(html, "class=\"tile\""));
}

TEST(ToHtml, ShowsWeakInputsFirstAndFoldsLongLists) {
  Result result = realistic_result();
  for (int i = 0; i < 20; ++i) result.inputs.push_back({"many.x", "1 s", "a source", "", "high"});
  const std::string html = to_html(result);
  EXPECT_TRUE(contains(html, "<summary>23 more inputs</summary>"));
  EXPECT_LT(html.find("<span class=\"conf low\">low"), html.find("23 more inputs"));
}

TEST(ToHtml, MarksBooksThatDoNotBalance) {
  Result result;
  result.ledger = {{"requests", "10 arrived", "9 completed", false}};
  EXPECT_TRUE(contains(to_html(result), "<li class=\"no\">"));
  EXPECT_TRUE(contains(to_html(result), "≠"));
}

TEST(ToHtml, StaysSmallHoweverMuchARunWrites) {
  Result result = realistic_result();
  for (Plot& plot : result.plots) {
    if (plot.kind == PlotKind::kBars || plot.kind == PlotKind::kScatter) continue;
    for (Line& line : plot.lines) {
      line.x.clear();
      line.y.clear();
      for (int i = 0; i < 20'000; ++i) {
        line.x.push_back(i + 1.0 + 0.3 * (i % 3));
        line.y.push_back(plot.kind == PlotKind::kCdf ? i / 20'000.0 : (i * 7919) % 1000);
      }
    }
  }
  const std::vector<Plot> plots = result.plots;
  result.plots.insert(result.plots.end(), plots.begin(), plots.end());
  EXPECT_LT(to_html(result).size(), 400'000u);
  EXPECT_LT(to_html(realistic_result()).size(), 200'000u);
}

TEST(ToHtml, IsTheSameEachTime) {
  EXPECT_EQ(to_html(realistic_result()), to_html(realistic_result()));
}

Plot small_plot(PlotKind kind) {
  return {"p", "Title",  kind, "time",
          "s", "height", "W",  {{"a", {0.0, 1.0, 2.0}, {0.0, 100.0, 50.0}, false, {}}},
          {}};
}

TEST(PlotHtml, DrawsALineInItsBox) {
  const std::string html = plot_html(small_plot(PlotKind::kLine), 3, 400, false);
  EXPECT_TRUE(contains(html, "<figure class=\"card\" id=\"plot-3\" data-xy tabindex=\"0\">"));
  // the box is 2000 by 1000, the axis ends at 100 W
  EXPECT_TRUE(contains(html, "<path class=\"l c1\" d=\"M0 1000l1000-1000 1000 500\"/>"));
  EXPECT_TRUE(contains(html, "<div class=\"al yl\">height (W)</div>"));
  EXPECT_TRUE(contains(html, "<div class=\"al xl\">time (s)</div>"));
  EXPECT_TRUE(contains(html, "aria-label=\"a: 0 W to 100 W\""));
}

TEST(PlotHtml, StacksLinesOnEachOther) {
  Plot plot = small_plot(PlotKind::kStacked);
  plot.lines.push_back({"b", {0.0, 1.0, 2.0}, {100.0, 0.0, 50.0}, false, {}});
  const std::string html = plot_html(plot, 0, 400, false);
  EXPECT_TRUE(contains(html,
                       "<path class=\"f c1\" d=\"M0 1000l1000-1000 1000 500 0 500 -1000 0 "
                       "-1000 0z\"/>"));
  // the second runs along 100 W and back along the first
  EXPECT_TRUE(contains(html,
                       "<path class=\"f c2\" d=\"M0 0l1000 0 1000 0 0 500 -1000-500 -1000 "
                       "1000z\"/>"));
}

TEST(PlotHtml, GivesADistributionItsQuantiles) {
  Plot plot = small_plot(PlotKind::kCdf);
  plot.lines[0] = {"TTFT", {0.1, 1.0, 10.0}, {0.0, 0.5, 1.0}, false, {}};
  const std::string html = plot_html(plot, 0, 400, false);
  EXPECT_TRUE(contains(html,
                       "TTFT</th><td class=\"n\">1 s</td><td class=\"n\">8.20 s</td>"
                       "<td class=\"n\">9.82 s</td><td class=\"n\">10 s</td>"));
  EXPECT_TRUE(contains(html, "<path class=\"m c1\" d=\"M1000 500h.01"));
}

TEST(PlotHtml, FoldsWhatAReaderCannotTellApart) {
  Plot plot = small_plot(PlotKind::kBars);
  plot.categories = {"step"};
  plot.lines.clear();
  for (int i = 1; i <= 12; ++i) {
    plot.lines.push_back({"part " + std::to_string(i), {0.0}, {1.0 * i}, false, {}});
  }
  const std::string html = plot_html(plot, 0, 400, true);
  EXPECT_TRUE(contains(html, "4 others: 10 W (12.8 %)"));
  EXPECT_TRUE(contains(html, "part 12: 12 W (15.4 %)"));
  EXPECT_FALSE(contains(html, "part 4:"));
  EXPECT_TRUE(contains(html, "<div class=\"bv\">78 W</div>"));
}

TEST(PlotHtml, TakesOnePointAndNone) {
  for (const PlotKind kind :
       {PlotKind::kLine, PlotKind::kStacked, PlotKind::kCdf, PlotKind::kScatter}) {
    Plot plot = small_plot(kind);
    plot.lines[0] = {"a", {5.0}, {0.5}, false, {}};
    EXPECT_TRUE(contains(plot_html(plot, 0, 400, false), "<path class=\""));
    plot.lines.clear();
    EXPECT_TRUE(contains(plot_html(plot, 0, 400, false), "No data in this run."));
  }
}

TEST(ChartData, IsJsonThatSharesPlaces) {
  Plot plot = small_plot(PlotKind::kLine);
  plot.lines.push_back({"b", {0.0, 1.0, 2.0}, {1.0, 2.0, 3.0}, false, {}});
  plot.lines.push_back({"c", {0.0, 1.5}, {1.0, 2.0}, true, {}});
  const auto json = nlohmann::json::parse(chart_data(chart_of(plot, 400)));
  EXPECT_EQ(json["xs"].size(), 2u);
  EXPECT_EQ(json["xs"][0], nlohmann::json::parse(R"({"f":0,"d":1,"c":3})"));
  EXPECT_EQ(json["l"][1]["i"], 0);
  EXPECT_EQ(json["l"][2]["i"], 1);
  EXPECT_EQ(json["l"][1]["y"], nlohmann::json::parse("[1,2,3]"));
}

TEST(Chart, KeepsAFarGuideFromFlatteningTheData) {
  Plot plot = small_plot(PlotKind::kLine);
  plot.lines.push_back({"limit", {0.0, 2.0}, {250.0, 250.0}, true, {}});
  EXPECT_GE(chart_of(plot, 400).y.extent.high_factor, 250.0);
  plot.lines[1].y = {2500.0, 2500.0};
  EXPECT_EQ(chart_of(plot, 400).y.extent.high_factor, 100.0);
}

TEST(TimelineHtml, PlacesPhasesInTheirColours) {
  const Timeline timeline{"t",
                          "Slow",
                          {{"a",
                            {{"queue", Seconds(10.0), Seconds(1.0), {}},
                             {"decode", Seconds(11.0), Seconds(3.0), {{"batch", "8"}}}}}},
                          true};
  const std::string html = timeline_html(timeline);
  EXPECT_TRUE(contains(html,
                       "<i class=\"a c8\" style=\"left:0%;width:25%\" "
                       "data-t=\"a: queue for 1 s\"></i>"));
  EXPECT_TRUE(contains(html, "style=\"left:25%;width:75%\" data-t=\"a: decode for 3 s, batch 8\""));
}

TEST(TimelineHtml, LeavesLongOnesToPerfetto) {
  Timeline timeline{"t", "Steps", {{"a", {}}}, false};
  timeline.lanes[0].spans.resize(20'000, {"step", Seconds(0.0), Seconds(1.0), {}});
  EXPECT_TRUE(contains(timeline_html(timeline), "20,000 spans: write the Chrome trace"));
}

TEST(TableHtml, AlignsSharesAndCutsLongTables) {
  Table table{"t", "Table", {{"name", ""}, {"share", ""}, {"time", "s"}}, {}};
  for (int i = 0; i < 1000; ++i) table.rows.push_back({"x", 0.25, 0.001 * i});
  const std::string html = table_html(table);
  EXPECT_TRUE(contains(html, "<th scope=\"col\" class=\"n\">time<small>ms</small></th>"));
  EXPECT_TRUE(contains(html, "<td class=\"n sh\" style=\"--w:25%\" data-v=\"0.25\">25</td>"));
  EXPECT_TRUE(contains(html, "600 more rows are in result.json."));
}

TEST(Escaped, NeutralizesWhatMeansSomething) {
  EXPECT_EQ(escaped("<a href=\"x\">&'\x01\xff"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39; \uFFFD");
  EXPECT_EQ(escaped_lines("a: <b>\n  c\r\n"), "a: &lt;b&gt;\n  c\n");
  EXPECT_EQ(escaped_name("a.b_c"), "a.<wbr>b_<wbr>c");
}

}  // namespace
}  // namespace penstock::report
