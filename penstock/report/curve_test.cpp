// Goal: thinned lines keep their peaks, dips and ends; quantiles read off distributions are right.
// Method: known curves with one spike each way; hand-made distributions.
#include "penstock/report/curve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace penstock::report {
namespace {

std::vector<Point> wave(size_t size) {
  std::vector<Point> points;
  for (size_t i = 0; i < size; ++i) {
    const auto x = static_cast<double>(i);
    points.push_back({x, std::sin(x / 50.0)});
  }
  return points;
}

TEST(PointsOf, DropsWhatIsNotFinite) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Point> points =
      points_of({"", {1.0, nan, 3.0, 4.0}, {1.0, 2.0, nan}, false, {}});
  ASSERT_EQ(points.size(), 1u);
  EXPECT_EQ(points[0].x_factor, 1.0);
}

TEST(Thinned, KeepsEndsAndExtremes) {
  std::vector<Point> points = wave(100'000);
  points[31'007].y_factor = 40.0;
  points[77'123].y_factor = -40.0;
  const std::vector<Point> few = thinned(points, 400);
  EXPECT_LE(few.size(), 400u);
  EXPECT_GE(few.size(), 300u);
  const auto has = [&](double x) {
    return std::any_of(few.begin(), few.end(), [&](Point p) { return p.x_factor == x; });
  };
  EXPECT_TRUE(has(0.0) && has(99'999.0) && has(31'007.0) && has(77'123.0));
  EXPECT_TRUE(std::is_sorted(few.begin(), few.end(),
                             [](Point a, Point b) { return a.x_factor < b.x_factor; }));
}

TEST(Thinned, LeavesShortLinesAlone) {
  EXPECT_EQ(thinned(wave(400), 400).size(), 400u);
  EXPECT_EQ(thinned(wave(1), 400).size(), 1u);
  EXPECT_TRUE(thinned({}, 400).empty());
}

TEST(Quantile, InterpolatesAndSaysWhenThereIsNone) {
  const std::vector<Point> points = {{1.0, 0.2}, {2.0, 0.6}, {4.0, 0.98}};
  EXPECT_DOUBLE_EQ(quantile_factor(points, 0.1), 1.0);
  EXPECT_DOUBLE_EQ(quantile_factor(points, 0.4), 1.5);
  EXPECT_DOUBLE_EQ(quantile_factor(points, 0.6), 2.0);
  EXPECT_TRUE(std::isnan(quantile_factor(points, 0.99)));
  EXPECT_TRUE(std::isnan(quantile_factor({}, 0.5)));
}

TEST(Height, InterpolatesInsideOnly) {
  const std::vector<Point> points = {{1.0, 10.0}, {3.0, 30.0}};
  EXPECT_DOUBLE_EQ(height_factor(points, 2.0), 20.0);
  EXPECT_DOUBLE_EQ(height_factor(points, 3.0), 30.0);
  EXPECT_TRUE(std::isnan(height_factor(points, 3.1)));
  EXPECT_TRUE(std::isnan(height_factor({}, 1.0)));
}

}  // namespace
}  // namespace penstock::report
