// Goal: rows made by a known library give its durations back, on sizes that the fit has not seen,
// with the same bytes for any number of threads. Method: synthetic rows without noise.
#include "penstock/calibration/collectives.h"

#include <gmock/gmock.h>

#include "penstock/network/library_price.h"

namespace penstock::calibration {
namespace {

using measurement::CollectiveOp;
using measurement::CollectiveRow;

network::ChannelModel known_model() {
  network::ChannelModel model;
  model.tuner = {network::Wire::kNvlink, 0.82, 141.0_GBps, 0.85, 8};
  model.wide_line.emplace();
  model.in_switch.emplace();
  model.ring.launch = 6.5_us;
  model.ring.step = 1.1_us;
  model.ring.fraction = 0.3;
  model.ring.simple_fraction = 0.7;
  model.pairwise.start = 20.0_us;
  return model;
}

/// Every collective on a Hopper system, as `known_model` would have it.
std::vector<CollectiveRow> known_rows(double first_exponent) {
  std::vector<CollectiveRow> rows;
  for (const CollectiveOp op : {CollectiveOp::kAllReduce, CollectiveOp::kAllGather,
                                CollectiveOp::kReduceScatter, CollectiveOp::kAllToAll}) {
    for (const int64_t ranks : {2, 4, 8}) {
      for (double exponent = first_exponent; exponent < 30.0; exponent += 1.0) {
        CollectiveRow row;
        row.system = "h100_sxm";
        row.library = "nccl";
        row.version = "2.29.2";
        row.op = op;
        row.rank_count = row.ranks_per_node = ranks;
        row.payload = Bytes(std::floor(std::exp2(exponent)));
        const network::LibraryCall call = library_call(row);
        row.latency =
            network::duration_of(known_model(), call, network::flat_times(call, 450.0_GBps))
                .duration;
        rows.push_back(row);
      }
    }
  }
  return rows;
}

TEST(CalibrateCollectives, GivesAKnownLibraryBack) {
  const catalog::Catalog catalog = catalog::Catalog::built_in();
  const auto fitted = calibrate_collectives(known_rows(9.0), catalog, {"tests", "2026", 1, {}});
  ASSERT_EQ(fitted.entries.size(), 1U);
  const network::Library library(fitted.entries[0], nullptr);
  EXPECT_EQ(library.entry().id, "nccl_h100_sxm");
  EXPECT_EQ(library.entry().link_bandwidth, 450.0_GBps);
  for (const CollectiveRow& row : known_rows(9.5)) {
    const auto price = library.price(library_call(row), 450.0_GBps);
    EXPECT_NEAR(price.duration / row.latency, 1.0, 0.03)
        << enum_name(row.op) << " " << row.rank_count << " " << row.payload.value();
  }
}

TEST(CalibrateCollectives, ThreadsDoNotShow) {
  const catalog::Catalog catalog = catalog::Catalog::built_in();
  const auto one = calibrate_collectives(known_rows(9.0), catalog, {"tests", "2026", 1, {}});
  const auto four = calibrate_collectives(known_rows(9.0), catalog, {"tests", "2026", 4, {}});
  EXPECT_EQ(library_yaml(one.entries[0]), library_yaml(four.entries[0]));
}

TEST(CalibrateCollectives, FilesReadBack) {
  const catalog::Catalog catalog = catalog::Catalog::built_in();
  const auto fitted = calibrate_collectives(known_rows(9.0), catalog, {"tests", "2026", 1, {}});
  const std::string text = library_yaml(fitted.entries[0]);
  Findings findings;
  const Node tree =
      parse_yaml(std::make_shared<Source>(Source{"nccl_h100_sxm.yaml", text}), findings);
  const auto entry = read_config<network::LibraryEntry>(tree, findings);
  findings.throw_if_any();
  EXPECT_EQ(library_yaml(entry), text);
}

TEST(CalibrateCollectives, TooFewRowsAreAMistake) {
  std::vector<CollectiveRow> rows = known_rows(9.0);
  rows.resize(10);
  EXPECT_THROW(calibrate_collectives(rows, catalog::Catalog::built_in(), {"tests", "2026", 1, {}}),
               InputError);
}

}  // namespace
}  // namespace penstock::calibration
