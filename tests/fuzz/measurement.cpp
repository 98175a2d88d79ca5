// Fuzzes the readers of measurement files: any bytes give rows or findings with a place, never a
// crash, and a row that was read holds values that can be.

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>

#include "penstock/base/check.h"
#include "penstock/measurement/collectives.h"
#include "penstock/measurement/dispatch.h"
#include "penstock/measurement/kernels.h"
#include "penstock/measurement/serving.h"

namespace {

using namespace penstock;  // NOLINT: a program of one file

bool positive(Seconds duration) { return duration > Seconds() && std::isfinite(duration.value()); }

template <class Rows>
void check_timings(const Rows& rows) {
  for (const auto& row : rows) {
    PENSTOCK_CHECK(positive(row.timing.latency), "latency {}", row.timing.latency.value());
    PENSTOCK_CHECK(!row.timing.accelerator.empty(), "line {} without accelerator", row.timing.line);
    PENSTOCK_CHECK(row.timing.line > 1, "a row on line {}", row.timing.line);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = std::make_shared<Source>();
  text->name = "rows.csv";
  text->text.assign(reinterpret_cast<const char*>(data), size);
  const std::shared_ptr<const Source> source = text;
  const catalog::Catalog catalog = catalog::Catalog::built_in();
  Findings findings;
  check_timings(measurement::read_gemm(source, catalog, findings));
  check_timings(measurement::read_attention(source, catalog, findings));
  check_timings(measurement::read_mla(source, catalog, findings));
  const auto moe = measurement::read_moe(source, catalog, findings);
  check_timings(moe);
  for (const auto& row : moe) {
    PENSTOCK_CHECK(row.expert_count % row.expert_group_count == 0, "{} experts in {} groups",
                   row.expert_count, row.expert_group_count);
  }
  for (const auto& row : measurement::read_static(source, catalog, findings)) {
    PENSTOCK_CHECK(positive(row.ttft) && positive(row.tpot), "line {}", row.line);
  }
  for (const auto& row : measurement::read_requests(source, catalog, findings)) {
    PENSTOCK_CHECK(row.last_token >= row.first_token, "line {}", row.line);
  }
  measurement::read_request_summary(source, catalog, findings);
  measurement::read_request_samples(source, catalog, findings);
  measurement::read_splitwise(source, catalog, findings);
  measurement::read_infersim(source, catalog, findings);
  for (const auto& row : measurement::read_collectives(source, catalog, findings)) {
    PENSTOCK_CHECK(positive(row.latency) && row.rank_count % row.ranks_per_node == 0, "line {}",
                   row.line);
    PENSTOCK_CHECK(!row.library.empty(), "line {} without library", row.line);
  }
  for (const auto& row : measurement::read_dispatch(source, catalog, findings)) {
    PENSTOCK_CHECK(row.latency || row.bandwidth, "{} without a measurement", row.place);
    PENSTOCK_CHECK(row.topk <= row.expert_count, "{} chooses {} of {}", row.place, row.topk,
                   row.expert_count);
  }
  measurement::read_published_dispatch(source, {}, catalog, findings);
  // at most one kind of file can match, so the others have found something
  PENSTOCK_CHECK(!findings.empty(), "no findings from {} bytes", size);
  static_cast<void>(to_text(findings.all()));
  return 0;
}
