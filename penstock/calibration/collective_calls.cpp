#include "penstock/calibration/collective_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

#include "penstock/base/check.h"

namespace penstock::calibration {
namespace {

using measurement::CollectiveRow;

/// Between nodes, or between the pairs of a machine whose NVLink joins pairs only.
bool leaves_fast_links(const CollectiveRow& row) {
  const bool pairs = row.system.find("pairwise") != std::string::npos;
  return row.ranks_per_node < row.rank_count || (pairs && row.rank_count > 2);
}

/// The numbers of a release, so that 2.9 comes before 2.23.
std::vector<int> release_numbers(std::string_view version) {
  std::vector<int> numbers;
  for (size_t i = 0; i < version.size();) {
    int number = 0;
    const auto [end, code] = std::from_chars(&version[i], version.data() + version.size(), number);
    if (code == std::errc{}) numbers.push_back(number);
    i = code == std::errc{} ? static_cast<size_t>(end - version.data()) : i + 1;
  }
  return numbers;
}

network::Operation operation_of(measurement::CollectiveOp op) {
  using measurement::CollectiveOp;
  using network::Operation;
  switch (op) {
    case CollectiveOp::kAllReduce: return Operation::kAllReduce;
    case CollectiveOp::kAllGather: return Operation::kAllGather;
    case CollectiveOp::kReduceScatter: return Operation::kReduceScatter;
    case CollectiveOp::kAllToAll: return Operation::kAllToAll;
    case CollectiveOp::kSendReceive: return Operation::kSendReceive;
  }
  PENSTOCK_CHECK(false, "no collective {}", static_cast<int>(op));
}

struct PublishedLink {
  std::string_view system;
  BytesPerSecond inside;
  BytesPerSecond across;
};

// NVLink bridges of NVIDIA's data sheets (A100 PCIe and H100 PCIe 600 GB/s, A40 112.5 GB/s, both
// directions together) with PCI Express between pairs; Intel's data sheet of the Arc Pro B60
constexpr std::array<PublishedLink, 4> kPublishedLinks = {
    {{"a100_pairwise_nvlink", 300.0_GBps, 32.0_GBps},
     {"a40_pairwise_nvlink", 56.25_GBps, 32.0_GBps},
     {"h100_pairwise_nvlink", 300.0_GBps, 64.0_GBps},
     {"b60", 32.0_GBps, 32.0_GBps}}};

}  // namespace

std::string CollectiveGroup::id() const {
  if (current || version.empty()) return fmt::format("{}_{}", library, system);
  std::string release = version;
  std::replace(release.begin(), release.end(), '.', '_');
  return fmt::format("{}_{}_{}", library, release, system);
}

std::vector<CollectiveGroup> collective_groups(const std::vector<CollectiveRow>& rows) {
  std::map<std::tuple<std::string, std::string, std::string>, CollectiveGroup> groups;
  for (const CollectiveRow& row : rows) {
    const std::string library = row.library + (leaves_fast_links(row) ? "_across" : "");
    CollectiveGroup& group = groups[{library, row.system, row.version}];
    group.library = library;
    group.version = row.version;
    group.system = row.system;
    group.rows.push_back(row);
  }
  std::vector<CollectiveGroup> list;
  for (auto& [key, group] : groups) {
    for (const auto& [other_key, other] : groups) {
      const bool newer = std::get<0>(key) == std::get<0>(other_key) &&
                         std::get<1>(key) == std::get<1>(other_key) &&
                         release_numbers(group.version) < release_numbers(std::get<2>(other_key));
      if (newer) group.current = false;
    }
    list.push_back(group);
  }
  std::sort(list.begin(), list.end(),
            [](const CollectiveGroup& a, const CollectiveGroup& b) { return a.id() < b.id(); });
  return list;
}

network::LibraryCall library_call(const CollectiveRow& row) {
  network::LibraryCall call;
  call.op = operation_of(row.op);
  call.rank_count = row.rank_count;
  call.payload = row.payload;
  if (row.library == "oneccl" && row.op == measurement::CollectiveOp::kAllGather) {
    call.payload = row.payload * static_cast<double>(row.rank_count);
  }
  call.floating = row.element != measurement::ElementType::kInt8;
  call.eager = row.eager;
  return call;
}

BytesPerSecond link_of(const CollectiveGroup& group, const catalog::Catalog& catalog) {
  const bool across = group.library.ends_with("_across");
  for (const PublishedLink& link : kPublishedLinks) {
    if (link.system == group.system) return across ? link.across : link.inside;
  }
  Findings findings;
  if (catalog.canonical_id("accelerators", group.system)) {
    const auto accelerator = catalog.accelerator(group.system, {}, findings);
    if (across && accelerator->scale_out_bandwidth_each_way) {
      return accelerator->scale_out_bandwidth_each_way->value;
    }
    if (!across && accelerator->scale_up && accelerator->scale_up->bandwidth_each_way) {
      return accelerator->scale_up->bandwidth_each_way->value;
    }
  }
  const auto link = catalog.link("pcie5_x16", {}, findings);
  findings.throw_if_any();
  return link->bandwidth_each_way.value;
}

}  // namespace penstock::calibration
