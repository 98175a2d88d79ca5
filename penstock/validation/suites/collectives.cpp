#include "penstock/measurement/collectives.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <map>

#include "penstock/base/node.h"
#include "penstock/base/unit_text.h"
#include "penstock/calibration/collective_calls.h"
#include "penstock/network/library.h"
#include "penstock/validation/suite.h"

namespace penstock::validation {
namespace {

using calibration::CollectiveGroup;
using measurement::CollectiveRow;
using SharedLibrary = std::shared_ptr<const network::Library>;

constexpr std::array<std::string_view, 1> kFiles = {"collectives.csv"};
constexpr std::string_view kByKin = "by kin";
constexpr std::string_view kOutside = "outside 4 KiB to 512 MiB";

/// Sizes that training and serving send; the rest is scored on its own.
bool is_inside(Bytes payload) {
  const Bytes smallest(0x1p12);
  const Bytes largest(0x1p29);
  return payload >= smallest && payload <= largest;
}

class Collectives final : public Suite {
 public:
  [[nodiscard]] std::span<const std::string_view> files() const override { return kFiles; }
  [[nodiscard]] std::vector<std::string> keys() const override {
    return {"op", "library", "system", "ranks", "mode", "version", "algorithm", "regime"};
  }
  [[nodiscard]] std::vector<std::string> groups() const override { return {"library", "op"}; }

  void read(const SuiteInput& input, Findings& findings) override {
    const auto path = std::filesystem::path(input.directory) / kFiles[0];
    const size_t before = findings.size();
    const auto source = read_source(path.string(), findings);
    if (findings.size() == before) {
      rows_ = measurement::read_collectives(source, *input.catalog, findings);
    }
  }

  [[nodiscard]] std::vector<Observation> predict(const SuiteInput& input) const override {
    Findings findings;
    std::vector<Observation> all;
    for (const CollectiveGroup& group : calibration::collective_groups(rows_)) {
      const auto known = input.catalog->canonical_id("libraries", group.id());
      SharedLibrary own;
      if (known) own = network::read_library(*input.catalog, *known, findings);
      const SharedLibrary kin = kin_of(group, *input.catalog, findings);
      const BytesPerSecond link = calibration::link_of(group, *input.catalog);
      for (const CollectiveRow& row : group.rows) {
        observe(row, group, own.get(), link, {}, all);
        if (kin && group.current) observe(row, group, kin.get(), link, std::string(kByKin), all);
      }
    }
    findings.throw_if_any();
    if (input.progress) input.progress(1.0);
    return all;
  }

  [[nodiscard]] std::vector<std::string> notes() const override {
    return {
        "Bytes as nccl-tests counts them. oneCCL's rows count an all-gather's contribution, as "
        "their times next to its other collectives show; they are priced so.",
        "\"By kin\" prices a system with the coefficients of its nearest kin and its own links, "
        "as if this system had never been measured.",
        "The rows of nccl_torch are host timings of torch.distributed, one run each; their "
        "small calls scatter between 5 and 60 us. nccl_torch_across are its rows between nodes "
        "(a slow network) or between NVLink pairs.",
        "Eager rows are launched by the host; the others replay captured graphs or, for NCCL, "
        "run back to back."};
  }

 private:
  static SharedLibrary kin_of(const CollectiveGroup& group, const catalog::Catalog& catalog,
                              Findings& findings) {
    if (!catalog.canonical_id("accelerators", group.system)) return nullptr;
    const auto accelerator = catalog.accelerator(group.system, {}, findings);
    return network::borrow_library(catalog, group.library, *accelerator, findings).library;
  }

  static void observe(const CollectiveRow& row, const CollectiveGroup& group,
                      const network::Library* library, BytesPerSecond link, std::string section,
                      std::vector<Observation>& out) {
    Observation o;
    o.metric = "latency";
    o.section = std::move(section);
    if (o.section.empty() && !is_inside(row.payload)) o.section = kOutside;
    o.place = fmt::format("{}:{}", kFiles[0], row.line);
    o.what = fmt::format("{} {} {} {} over {} ranks{}", row.system, group.library, group.version,
                         enum_name(row.op), row.rank_count, row.eager ? ", eager" : "");
    o.what += fmt::format(", {}", format_quantity(row.payload.value(), Bytes::kDim, 4));
    o.measured_factor = row.latency.value();
    network::LibraryPrice price;
    if (library == nullptr) {
      o.unanswered = fmt::format("no entry {} among the libraries", group.id());
    } else {
      price = library->price(calibration::library_call(row), link);
      o.predicted_factor = price.duration.value();
      o.low = price.low.value();
      o.high = price.high.value();
    }
    o.keys = {std::string(enum_name(row.op)),
              group.library,
              row.system,
              fmt::format("{}", row.rank_count),
              row.eager ? "eager" : "graph",
              group.version,
              fmt::format("{} {}", price.algorithm, price.protocol),
              std::string(enum_name(price.regime))};
    if (row.latency_max > row.latency_min * 2.0) o.hint = "repeats differ by more than twice";
    out.push_back(std::move(o));
  }

  std::vector<CollectiveRow> rows_;
};

PENSTOCK_REGISTER(Suite, Collectives,
                  "Collectives of NCCL, oneCCL and the all-reduce kernels of serving frameworks.");

}  // namespace
}  // namespace penstock::validation
