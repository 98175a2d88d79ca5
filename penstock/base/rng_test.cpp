// Goal: streams are fixed for ever, independent by name, and the distributions are what they say.
// Method: golden values of Philox4x32-10 from its own generator; moments and the largest gap to the
// distribution function (Kolmogorov and Smirnov) of 100,000 draws.
#include "penstock/base/rng.h"

#include <Random123/philox.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "penstock/base/check.h"

namespace penstock {
namespace {

constexpr int kDraws = 100000;

TEST(Rng, FirstValuesNeverChange) {
  // recorded from this generator; a change of any of them changes every result of every user
  Rng rng(1, "arrivals");
  EXPECT_EQ(rng.bits(), 15664515596316343453U);
  EXPECT_EQ(rng.bits(), 12686103097921589123U);
  EXPECT_EQ(rng.bits(), 3255676386107715395U);
  EXPECT_EQ(hash_text("arrivals"), 0xb10bc22ca203cc53U);
  EXPECT_EQ(hash_text(""), 0xcbf29ce484222325U) << "the offset basis of FNV-1a";
  EXPECT_EQ(hash_text("a"), 0xaf63dc4c8601ec8cU) << "published test value of FNV-1a";
}

TEST(Rng, PhiloxGivesItsPublishedAnswers) {
  // known answers: Random123 1.14, tests/kat_vectors, philox4x32 10
  const r123::Philox4x32::ctr_type zero = {{0, 0, 0, 0}};
  const r123::Philox4x32::ctr_type out = r123::Philox4x32{}(zero, {{0, 0}});
  EXPECT_EQ(out[0], 0x6627e8d5U);
  EXPECT_EQ(out[1], 0xe169c58dU);
  EXPECT_EQ(out[2], 0xbc57ac4cU);
  EXPECT_EQ(out[3], 0x9b00dbd8U);
}

TEST(Rng, NamesAndSeedsAreIndependent) {
  Rng a(1, "a");
  Rng again(1, "a");
  Rng b(1, "b");
  Rng other(2, "a");
  Rng high(uint64_t{1} << 40U | 1U, "a");
  int equal = 0;
  double product = 0.0;
  for (int i = 0; i < 10000; ++i) {
    const uint64_t x = a.bits();
    ASSERT_EQ(x, again.bits());
    const uint64_t y = b.bits();
    equal += x == y || x == other.bits() || x == high.bits() ? 1 : 0;
    product += (std::ldexp(double(x), -64) - 0.5) * (std::ldexp(double(y), -64) - 0.5);
  }
  EXPECT_EQ(equal, 0);
  EXPECT_LT(std::abs(product / 10000 * 12), 0.05) << "correlation of two streams";
  Rng copy = a;
  EXPECT_EQ(copy.bits(), a.bits()) << "a copy goes on from the same place";
}

struct Moments {
  double mean = 0.0, variance = 0.0, gap = 0.0;
};

/// Moments, and the largest distance of the empirical from the given distribution function.
Moments moments_of(const std::function<double()>& draw, const std::function<double(double)>& cdf) {
  std::vector<double> values(kDraws);
  Moments m;
  for (double& value : values) m.mean += (value = draw());
  m.mean /= kDraws;
  for (const double value : values) m.variance += (value - m.mean) * (value - m.mean);
  m.variance /= kDraws;
  std::sort(values.begin(), values.end());
  for (int i = 0; i < kDraws; ++i) {
    const double at = cdf(values[static_cast<size_t>(i)]);
    m.gap = std::max({m.gap, std::abs(at - double(i) / kDraws), std::abs(at - (i + 1.0) / kDraws)});
  }
  return m;
}

// 1.95 / sqrt(n): a fair sample is farther away once in a thousand
constexpr double kGapMax = 0.00617;

TEST(Rng, UniformFillsTheOpenInterval) {
  Rng rng(3, "u");
  const Moments m = moments_of([&] { return rng.uniform_factor(); }, [](double x) { return x; });
  EXPECT_NEAR(m.mean, 0.5, 0.004);
  EXPECT_NEAR(m.variance, 1.0 / 12.0, 0.002);
  EXPECT_LT(m.gap, kGapMax);
}

TEST(Rng, ExponentialHasMeanOne) {
  Rng rng(3, "e");
  const Moments m = moments_of([&] { return rng.exponential_factor(); },
                               [](double x) { return 1.0 - std::exp(-x); });
  EXPECT_NEAR(m.mean, 1.0, 0.015);
  EXPECT_NEAR(m.variance, 1.0, 0.05);
  EXPECT_LT(m.gap, kGapMax);
}

TEST(Rng, NormalIsStandard) {
  Rng rng(3, "n");
  const Moments m = moments_of([&] { return rng.normal_factor(); }, normal_cdf_factor);
  EXPECT_NEAR(m.mean, 0.0, 0.015);
  EXPECT_NEAR(m.variance, 1.0, 0.02);
  EXPECT_LT(m.gap, kGapMax);
}

/// Regularised lower incomplete gamma function by its series; fine for the draws used here.
double gamma_cdf(double shape, double x) {
  double term = 1.0 / shape;
  double sum = term;
  for (int n = 1; n < 2000 && term > sum * 1e-16; ++n) sum += (term *= x / (shape + n));
  return std::min(1.0, sum * std::exp(shape * std::log(x) - x - std::lgamma(shape)));
}

TEST(Rng, GammaHasMeanAndVarianceOfItsShape) {
  for (const double shape : {0.2, 0.5, 1.0, 2.5, 20.0}) {
    Rng rng(3, "g");
    const Moments m = moments_of([&] { return rng.gamma_factor(shape); },
                                 [&](double x) { return gamma_cdf(shape, x); });
    EXPECT_NEAR(m.mean / shape, 1.0, 5.0 / std::sqrt(shape * kDraws)) << shape;
    EXPECT_NEAR(m.variance / shape, 1.0, 0.08) << shape;
    EXPECT_LT(m.gap, kGapMax) << shape;
  }
  Rng rng(1, "g");
  EXPECT_THROW(rng.gamma_factor(0.0), CheckFailure);
}

TEST(Rng, BelowStaysInRangeAndIsEven) {
  Rng rng(5, "b");
  std::vector<int> seen(7);
  for (int i = 0; i < 70000; ++i) ++seen.at(static_cast<size_t>(rng.below(7)));
  for (const int count : seen) EXPECT_NEAR(count, 10000, 500);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(rng.below(1), 0);
    const int64_t huge = rng.below(INT64_MAX);
    EXPECT_GE(huge, 0);
    EXPECT_LT(huge, INT64_MAX);
  }
  EXPECT_THROW(rng.below(0), CheckFailure);
  EXPECT_THROW(rng.below(-3), CheckFailure);
}

TEST(NormalQuantile, InvertsTheDistributionFunction) {
  // published value of AS 241: the quantile of 0.25 and of 1e-3
  EXPECT_NEAR(normal_quantile_factor(0.25), -0.6744897501960817, 1e-15);
  EXPECT_NEAR(normal_quantile_factor(1e-3), -3.090232306167814, 1e-14);
  EXPECT_NEAR(normal_quantile_factor(1e-20), -9.262340089798408, 1e-13);
  EXPECT_EQ(normal_quantile_factor(0.5), 0.0);
  for (double p = 1e-6; p < 1.0; p += 0.001) {
    EXPECT_NEAR(normal_cdf_factor(normal_quantile_factor(p)) / p, 1.0, 1e-9) << p;
  }
}

}  // namespace
}  // namespace penstock
