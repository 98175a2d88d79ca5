// Goal: numbers read as people write them, at every size and unit, and never mislead.
// Method: exact texts for chosen values, and limits (NaN, infinities, zero, rounding up a prefix).
#include "penstock/report/number.h"

#include <gtest/gtest.h>

#include <limits>

namespace penstock::report {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(HumanText, ChoosesThePrefixOfTheUnit) {
  EXPECT_EQ(human_text(0.0123, "s"), "12.3 ms");
  EXPECT_EQ(human_text(2.4e-6, "s"), "2.40 µs");
  EXPECT_EQ(human_text(3600.0, "s"), "60 min");
  EXPECT_EQ(human_text(86400.0, "s"), "24 h");
  EXPECT_EQ(human_text(2592000.0, "s"), "30 days");
  EXPECT_EQ(human_text(3.35e12, "B/s"), "3.35 TB/s");
  EXPECT_EQ(human_text(989.4e12, "FLOP/s"), "989 TFLOP/s");
  EXPECT_EQ(human_text(156.2, "FLOP/B"), "156 FLOP/B");
  EXPECT_EQ(human_text(3.21, "J/token"), "3.21 J/token");
  EXPECT_EQ(human_text(0.0042, "J/token"), "4.20 mJ/token");
  EXPECT_EQ(human_text(3.2e6, "J/Mtoken"), "3.20 MJ per million tokens");
  EXPECT_EQ(human_text(131072.0, "B/token"), "131 kB/token");
}

TEST(HumanText, CountsInFullBelowAMillionWithTheirNoun) {
  EXPECT_EQ(human_text(4512.3, "token/s"), "4,512 token/s");
  EXPECT_EQ(human_text(1.234e6, "token/s"), "1.23 M token/s");
  EXPECT_EQ(human_text(19366, "request"), "19,366 requests");
  EXPECT_EQ(human_text(1, "request"), "1 request");
  EXPECT_EQ(human_text(4.12, "1/s"), "4.12 per s");
  EXPECT_EQ(human_text(0, "batch"), "0 batches");
  EXPECT_EQ(human_text(6.08e11, "token"), "608 G tokens");
}

TEST(HumanText, MoneyIsPerMillionTokensPerHourOrPlain) {
  EXPECT_EQ(human_text(0.21e-6, "$/token"), "$0.21 per million tokens");
  EXPECT_EQ(human_text(0.21, "$/Mtoken"), "$0.21 per million tokens");
  EXPECT_EQ(human_text(2.10 / 3600.0, "$/s"), "$2.10 per hour");
  EXPECT_EQ(human_text(2.1, "$/h"), "$2.10 per hour");
  EXPECT_EQ(human_text(1234567.0, "$"), "$1.23M");
  EXPECT_EQ(human_text(-5.25, "$"), "-$5.25");
  EXPECT_EQ(human_text(0.00213, "$"), "$0.00213");
}

TEST(HumanText, RatiosArePercentagesUpToOne) {
  EXPECT_EQ(human_text(0.831, ""), "83.1 %");
  EXPECT_EQ(human_text(1.0, ""), "100 %");
  EXPECT_EQ(human_text(1.24, ""), "1.24");
  EXPECT_EQ(human_text(0.0, ""), "0 %");
}

TEST(HumanText, RoundingUpMovesToTheNextPrefix) {
  EXPECT_EQ(human_text(0.99996, "s"), "1.00 s");
  EXPECT_EQ(human_text(999.7e9, "B"), "1.00 TB");
  EXPECT_EQ(number_text(9.996), "10.0");
  EXPECT_EQ(number_text(999.6), "1,000");
}

TEST(HumanText, SaysWhatIsNotANumber) {
  EXPECT_EQ(human_text(kNan, "s"), "n/a");
  EXPECT_EQ(number_text(kInfinity), "∞");
  EXPECT_EQ(number_text(-kInfinity), "-∞");
  EXPECT_EQ(human_text(0.0, "s"), "0 s");
  EXPECT_EQ(number_text(1e300), "1.00e+300");
  EXPECT_EQ(number_text(-1234.5), "-1,234");
}

TEST(HumanMetric, LeavesOutWhatTheNameSays) {
  const Human cost =
      human(Metric{"economics.cost_per_million_output_tokens", 0.2134, "$/Mtoken", {}, {}});
  EXPECT_EQ(cost.number, "$0.21");
  EXPECT_EQ(cost.unit, "");
  EXPECT_EQ(human(Metric{"economics.token_cost", 0.2134, "$/Mtoken", {}, {}}).unit,
            "per million tokens");
}

TEST(BandText, UsesTheScaleOfTheValue) {
  EXPECT_EQ(band_text({"a.b", 1.2, "s", 0.95, 1.6}), "0.950..1.60");
  EXPECT_EQ(band_text({"a.b", 0.21, "$/Mtoken", 0.19, 0.24}, "–"), "$0.190–$0.240");
  EXPECT_EQ(band_text({"a.b", 1.2, "s", 0.95, {}}), "");
}

TEST(ColumnText, SharesOnePrefixAndDecimals) {
  const std::vector<double> values = {7.61e-3, 0.31e-3, kNan, 0.0};
  const ColumnScale column = column_scale(values, "s");
  EXPECT_EQ(column.scale.unit, "ms");
  EXPECT_EQ(column_text(7.61e-3, column), "7.61");
  EXPECT_EQ(column_text(0.31e-3, column), "0.31");
  EXPECT_EQ(column_text(kNan, column), "n/a");
  EXPECT_EQ(column_text(0.0, column), "0");
}

TEST(ColumnText, SecondsStaySecondsBesideMinutes) {
  const std::vector<double> values = {0.31, 0.0541, 912.6};
  const ColumnScale column = column_scale(values, "s");
  EXPECT_EQ(column.scale.unit, "s");
  EXPECT_EQ(column_text(0.0541, column), "0.054");
  EXPECT_EQ(column_text(912.6, column), "912.600");
  const std::vector<double> long_ones = {700.0, 7000.0};
  EXPECT_EQ(column_scale(long_ones, "s").scale.unit, "min");
}

TEST(ColumnText, NeverShowsSomethingAsNothing) {
  const std::vector<double> values = {5.0, 1e-9};
  const ColumnScale column = column_scale(values, "s");
  EXPECT_EQ(column_text(1e-9, column), "<0.001");
  EXPECT_EQ(column_text(-1e-9, column), "-<0.001");
}

TEST(ColumnText, WholeNumbersHaveNoDecimals) {
  const std::vector<double> values = {3.0, 1200.0, 0.0};
  const ColumnScale column = column_scale(values, "token");
  EXPECT_EQ(column_text(1200.0, column), "1,200");
  EXPECT_EQ(column_scale({}, "s").scale.unit, "s");
}

TEST(MetricLabel, ReadsAsWords) {
  EXPECT_EQ(metric_label("serving.ttft.p99"), "TTFT p99");
  EXPECT_EQ(metric_label("serving.output_throughput"), "Output throughput");
  EXPECT_EQ(metric_label("serving.kv_use.peak"), "KV use peak");
  EXPECT_EQ(metric_label("plain"), "Plain");
  EXPECT_EQ(metric_label(""), "");
}

TEST(Ratio, SumsOfSharesThatRoundingCarriesPastOneStayPercentages) {
  EXPECT_EQ(human_text(1.0 + 1e-9, ""), human_text(1.0, ""));
  EXPECT_EQ(human_text(1.2, ""), "1.20");
}

TEST(Ratio, ErrorsBeyondOneReadLikeThoseBelowIt) {
  EXPECT_EQ(ratio_text(9.89, 0.078), "989 %");
  EXPECT_EQ(ratio_text(9.89, 2.0), human_text(9.89, ""));
}

}  // namespace
}  // namespace penstock::report
