// Goal: exact counts, sums and ends; quantiles within the stated error; a linear run of values
// equals its values one by one. Method: random values against sorted lists and repeated adds.
#include "penstock/base/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "penstock/base/rng.h"

namespace penstock {
namespace {

TEST(LogHistogram, EveryValueLiesInItsBucket) {
  Rng rng(1, "values");
  for (int i = 0; i < 20000; ++i) {
    const int64_t value = static_cast<int64_t>(rng.bits() >> (2 + rng.below(61)));
    const size_t bucket = LogHistogram::bucket_of(value);
    ASSERT_LE(LogHistogram::lower_end(bucket), value);
    ASSERT_GT(LogHistogram::lower_end(bucket + 1), value);
  }
}

TEST(LogHistogram, QuantilesKeepTheStatedError) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Rng rng(seed, "latencies");
    LogHistogram histogram;
    std::vector<int64_t> values;
    const int64_t scale = int64_t{1} << rng.below(50);
    for (int i = 0; i < 1000; ++i) {
      values.push_back(static_cast<int64_t>(rng.exponential_factor() * double(scale)));
      histogram.add(values.back());
    }
    std::sort(values.begin(), values.end());
    for (const double q : {0.0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const auto rank = std::max<size_t>(1, size_t(std::ceil(q * 1000.0)));
      const auto exact = static_cast<double>(values[rank - 1]);
      // whole values: buckets of one value are exact
      EXPECT_NEAR(histogram.quantile_factor(q), exact, exact * LogHistogram::kRelativeError + 0.5)
          << "seed " << seed << " quantile " << q;
    }
    EXPECT_EQ(histogram.min(), values.front());
    EXPECT_EQ(histogram.max(), values.back());
  }
}

TEST(LogHistogram, EmptyAnswersZero) {
  const LogHistogram histogram;
  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.mean_factor(), 0.0);
  EXPECT_EQ(histogram.quantile_factor(0.99), 0.0);
  EXPECT_EQ(histogram.min() + histogram.max(), 0);
  EXPECT_TRUE(histogram.cdf().empty());
}

void expect_equal(const LogHistogram& a, const LogHistogram& b) {
  ASSERT_EQ(a.count(), b.count());
  ASSERT_TRUE(a.sum() == b.sum());
  ASSERT_EQ(a.min(), b.min());
  ASSERT_EQ(a.max(), b.max());
  ASSERT_EQ(a.cdf(), b.cdf());
}

TEST(LogHistogram, ALinearRunEqualsItsValuesOneByOne) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed, "runs");
    const int fraction_bits = rng.below(2) == 0 ? 0 : 16;
    LogHistogram at_once(fraction_bits);
    LogHistogram one_by_one(fraction_bits);
    for (int run = 0; run < 4; ++run) {
      const int64_t steps = rng.below(300);
      const int64_t count = 1 + rng.below(50);
      const Int128 unit = Int128{1} << fraction_bits;
      Int128 first = unit * rng.below(int64_t{1} << rng.below(40)) + rng.below(65536);
      Int128 growth = Int128{rng.below(int64_t{1} << (1 + rng.below(40)))};
      if (rng.below(2) == 0) {
        // a falling run must not fall below zero
        first += growth * steps;
        growth = -growth;
      }
      at_once.add_linear(first, growth, steps, count);
      for (int64_t i = 0; i < steps; ++i) one_by_one.add(first + growth * i, count);
    }
    expect_equal(at_once, one_by_one);
    if (HasFatalFailure()) return;
  }
}

TEST(LogHistogram, NoStepsAndNoCountsAddNothing) {
  LogHistogram histogram;
  histogram.add_linear(5, 1, 0, 3);
  histogram.add_linear(5, 1, 3, 0);
  histogram.add_linear(5, 0, 3, 0);
  histogram.add(7, 0);
  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.max(), 0);
  EXPECT_TRUE(histogram.cdf().empty());
}

TEST(LogHistogram, MergingEqualsAddingBoth) {
  Rng rng(4, "merge");
  LogHistogram left(16);
  LogHistogram right(16);
  LogHistogram both(16);
  for (int i = 0; i < 2000; ++i) {
    const Int128 value = Int128{rng.below(int64_t{1} << (1 + rng.below(40)))} << 10;
    (i % 3 == 0 ? left : right).add(value);
    both.add(value);
  }
  left.merge(right);
  expect_equal(left, both);
  left.merge(LogHistogram(16));
  expect_equal(left, both);
  LogHistogram other(0);
  EXPECT_THROW(left.merge(other), CheckFailure);
}

TEST(LogHistogram, TheDistributionFunctionRisesToOne) {
  LogHistogram histogram;
  for (int64_t i = 1; i <= 1000; ++i) histogram.add(Int128{i} * i);
  double value = 0.0;
  double share = 0.0;
  for (const auto& [x, y] : histogram.cdf()) {
    EXPECT_GT(x, value);
    EXPECT_GT(y, share);
    value = x;
    share = y;
  }
  EXPECT_EQ(value, 1e6);
  EXPECT_EQ(share, 1.0);
  EXPECT_DOUBLE_EQ(histogram.mean_factor(), 333833.5);
}

}  // namespace
}  // namespace penstock
