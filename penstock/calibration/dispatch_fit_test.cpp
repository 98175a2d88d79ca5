// Goal: a fit finds the coefficients that made its rows, few rows lean on kin, and equal rows make
// equal bytes. Method: rows made by a known kernel; the sets read back.
#include "penstock/calibration/dispatch_fit.h"

#include <gtest/gtest.h>

#include "penstock/base/node.h"

namespace penstock::calibration {
namespace {

using measurement::DispatchRow;
using network::DispatchCoefficients;
using network::DispatchFit;
using network::ExchangeKernel;
using network::ExchangeOp;

const catalog::Catalog& built_in() {
  static const catalog::Catalog kCatalog = catalog::Catalog::built_in();
  return kCatalog;
}

/// A low-latency kernel that is bound by its start, its link and its multiprocessors in turn.
DispatchCoefficients truth() {
  DispatchCoefficients c;
  c.base = 9_us;
  c.per_expert = Seconds(2e-8);
  c.scale_up_fraction = 0.6;
  c.token = Seconds(2e-6);
  c.kib = Seconds(6e-8);
  c.overlap_factor = 1.3;
  return c;
}

DispatchRow row_of(const std::string& accelerator, int64_t tokens, int64_t hidden,
                   int64_t experts) {
  DispatchRow row;
  row.place = "f.csv:2";
  row.accelerator = accelerator;
  row.library = "mine";
  row.release = "1.0";
  row.source = "a machine";
  row.kernel = ExchangeKernel::kLowLatency;
  row.op = ExchangeOp::kDispatch;
  row.payload = catalog::ExchangePayload::kFp8;
  row.rank_count = 8;
  row.tokens = tokens;
  row.hidden = hidden;
  row.topk = std::min<int64_t>(8, experts);
  row.expert_count = experts;
  return row;
}

/// The row with the time that the known kernel takes.
DispatchRow timed(DispatchRow row, const DispatchCoefficients& c) {
  row.latency = 1_us;
  DispatchCalls calls(built_in());
  const DispatchCall call = calls.of(row).at(0);
  row.latency = network::dispatch_duration(call.question, call.machine, c).duration;
  return row;
}

std::vector<DispatchRow> rows_of_truth() {
  std::vector<DispatchRow> rows;
  for (const int64_t tokens : {1, 4, 16, 64, 256, 1024, 4096}) {
    for (const int64_t hidden : {2048, 4096, 7168}) {
      for (const int64_t experts : {8, 64, 256, 512}) {
        rows.push_back(timed(row_of("h100_sxm", tokens, hidden, experts), truth()));
      }
    }
  }
  return rows;
}

TEST(DispatchFit, FindsWhatMadeTheRows) {
  const auto fitted = calibrate_dispatch(rows_of_truth(), built_in(), {"", "2026-11", 1});
  ASSERT_EQ(fitted.sets.size(), 1U);
  EXPECT_EQ(fitted.sets[0].id, "mine_1_0");
  EXPECT_EQ(fitted.sets[0].source, "a machine");
  const DispatchFit& fit = fitted.sets[0].fits.at(0);
  EXPECT_EQ(fit.rows, 84);
  EXPECT_EQ(fit.experts.greatest, 512);
  EXPECT_LT(fit.error_fraction, 0.01);
  EXPECT_NEAR(fit.coefficients.base / truth().base, 1.0, 0.05);
  EXPECT_NEAR(fit.coefficients.per_expert / truth().per_expert, 1.0, 0.05);
  EXPECT_NEAR(fit.coefficients.token / truth().token, 1.0, 0.05);
  EXPECT_NEAR(fit.coefficients.scale_up_fraction, 0.6, 0.03);
}

TEST(DispatchFit, AHandfulStartsFromItsKin) {
  std::vector<DispatchRow> rows = rows_of_truth();
  DispatchCoefficients slow = truth();
  slow.scale_up_fraction = 0.4;
  for (const int64_t tokens : {64, 256, 1024, 4096}) {
    rows.push_back(timed(row_of("h800_sxm", tokens, 7168, 256), slow));
  }
  const auto fitted = calibrate_dispatch(rows, built_in(), {"", "2026-11", 1});
  ASSERT_EQ(fitted.sets.at(0).fits.size(), 2U);
  const DispatchFit& few = fitted.sets[0].fits[1];
  EXPECT_EQ(few.accelerator, "h800_sxm");
  EXPECT_NEAR(few.coefficients.scale_up_fraction, 0.4, 0.03);
  // what four rows cannot tell is the kin's
  EXPECT_EQ(few.coefficients.token, fitted.sets[0].fits[0].coefficients.token);
}

TEST(DispatchFit, TwoRowsAreNotAFit) {
  std::vector<DispatchRow> rows = rows_of_truth();
  rows.resize(2);
  EXPECT_THROW(calibrate_dispatch(rows, built_in(), {}), InputError);
}

TEST(DispatchFit, ThreadsDoNotMatterAndFilesReadBack) {
  std::vector<DispatchRow> rows = rows_of_truth();
  for (DispatchRow row : rows_of_truth()) {
    row.accelerator = "h200_sxm";
    rows.push_back(row);
  }
  const auto one = calibrate_dispatch(rows, built_in(), {"x", "2026", 1});
  const auto three = calibrate_dispatch(rows, built_in(), {"x", "2026", 3});
  const std::string text = dispatch_yaml(one.sets.at(0));
  EXPECT_EQ(text, dispatch_yaml(three.sets.at(0)));
  auto source = std::make_shared<Source>();
  source->name = "mine_1_0.yaml";
  source->text = text;
  Findings findings;
  const Node tree = parse_yaml(source, findings);
  const auto back = read_config<network::DispatchSet>(tree, findings);
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
  EXPECT_DOUBLE_EQ(back.fits.at(0).coefficients.base.value(),
                   one.sets[0].fits[0].coefficients.base.value());
  EXPECT_EQ(back.fits.at(0).tokens.greatest, 4096);
  // what does not limit is not written
  EXPECT_EQ(text.find("peer_copy"), std::string::npos);
}

TEST(DispatchCallsOfRows, BandwidthsAreTurnedIntoTimesByWhatTheirTablesCount) {
  DispatchRow row = row_of("h800_sxm", 4096, 7168, 256);
  row.kernel = ExchangeKernel::kNormal;
  row.rank_count = 32;
  row.node_limit = 4;
  row.bandwidth = 58_GBps;
  DispatchCalls calls(built_in());
  const DispatchCall call = calls.of(row).at(0);
  // one copy a node, the own included: 4 (1 - 0.75^8)
  const double copies = 4.0 * (1.0 - std::pow(0.75, 8.0));
  EXPECT_NEAR(call.measured.value(), 4096.0 * copies * 7392.0 / 58e9, 1e-9);
  EXPECT_TRUE(call.from_bandwidth);
  row.latency = 1_us;
  row.notify = 30_us;
  const auto both = calls.of(row);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[1].question.op, ExchangeOp::kPrepare);
  EXPECT_EQ(both[1].measured, 30_us);
}

}  // namespace
}  // namespace penstock::calibration
