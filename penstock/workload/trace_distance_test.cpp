// Goal: distances between samples and ranks are right. Method: small samples by hand.
#include "penstock/workload/trace_distance.h"

#include <gtest/gtest.h>

#include "penstock/workload/trace_test_support.h"

namespace penstock::workload {
namespace {

using testing::parsed;

TEST(TraceDistance, LargestDifferenceOfDistributions) {
  using Sample = std::vector<double>;
  EXPECT_DOUBLE_EQ(ks_distance_fraction(Sample{1, 2, 3, 4}, Sample{4, 3, 2, 1}), 0.0);
  EXPECT_DOUBLE_EQ(ks_distance_fraction(Sample{1, 2}, Sample{3, 4}), 1.0);
  EXPECT_DOUBLE_EQ(ks_distance_fraction(Sample{1, 2, 3, 4}, Sample{2, 3, 4, 5}), 0.25);
  // ties step together: shares at 1 are 3/4 and 1/4
  EXPECT_DOUBLE_EQ(ks_distance_fraction(Sample{1, 1, 1, 2}, Sample{1, 2, 2, 2}), 0.5);
}

TEST(TraceDistance, RanksWithTies) {
  EXPECT_DOUBLE_EQ(rank_correlation_factor(parsed("arrival,input,output\n0,1,9\n1,5,90\n2,6,91\n")),
                   1.0);
  EXPECT_DOUBLE_EQ(rank_correlation_factor(parsed("arrival,input,output\n0,1,9\n1,5,8\n2,6,1\n")),
                   -1.0);
  EXPECT_DOUBLE_EQ(rank_correlation_factor(parsed("arrival,input,output\n0,1,9\n1,1,8\n")), 0.0);
  // ranks 0.5 0.5 2 against 0 1 2: covariance 1.5, variances 1.5 and 2
  EXPECT_NEAR(rank_correlation_factor(parsed("arrival,input,output\n0,1,1\n1,1,2\n2,2,3\n")),
              1.5 / std::sqrt(3.0), 1e-12);
}

TEST(TraceDistance, OfTwoTraces) {
  const Trace a = parsed("arrival,input,output\n0,10,1\n1,20,2\n2,30,3\n3,40,4\n");
  const Trace b = parsed("arrival,input,output\n0,10,4\n2,20,3\n");
  const TraceDistance d = distance(a, b);
  EXPECT_DOUBLE_EQ(d.requests_ratio, 0.5);
  EXPECT_DOUBLE_EQ(d.gaps_fraction, 1.0);
  EXPECT_DOUBLE_EQ(d.inputs_fraction, 0.5);
  EXPECT_DOUBLE_EQ(d.correlation_factor, -2.0);
  EXPECT_EQ(distance(a, a).gaps_fraction, 0.0);
}

}  // namespace
}  // namespace penstock::workload
