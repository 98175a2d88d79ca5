#include "penstock/measurement/collectives.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "penstock/base/unit_text.h"
#include "penstock/measurement/row_reader.h"

namespace penstock::measurement {
namespace {

enum Column : uint8_t {
  kSystem,
  kLibrary,
  kOp,
  kRanks,
  kRanksPerNode,
  kBytes,
  kLatency,
  kLatencyMin,
  kLatencyMax,
  kRepeats,
  kElement,
  kSource
};
constexpr CsvColumn kColumns[] = {{"system"},
                                  {"library"},
                                  {"op"},
                                  {"num_ranks"},
                                  {"ranks_per_node", false},
                                  {"bytes"},
                                  {"latency_us"},
                                  {"latency_min_us", false},
                                  {"latency_max_us", false},
                                  {"repeats", false},
                                  {"dtype"},
                                  {"source", false}};

/// Accelerators by what the file calls a system, and their links.
class Systems {
 public:
  explicit Systems(const catalog::Catalog& catalog) : catalog_(catalog) {}

  const std::string& id(const std::string& name) {
    const auto known = ids_.find(name);
    if (known != ids_.end()) return known->second;
    return ids_.emplace(name, resolve(name)).first->second;
  }

  /// nullopt where the catalog does not know the accelerator's links.
  std::optional<BytesPerSecond> link(const std::string& id) {
    const auto known = links_.find(id);
    if (known != links_.end()) return known->second;
    std::optional<BytesPerSecond> link;
    Findings none;
    if (catalog_.canonical_id("accelerators", id)) {
      const auto accelerator = catalog_.accelerator(id, {}, none);
      if (accelerator && accelerator->scale_up && accelerator->scale_up->bandwidth_each_way) {
        link = accelerator->scale_up->bandwidth_each_way->value;
      }
    }
    return links_.emplace(id, link).first->second;
  }

 private:
  [[nodiscard]] std::string resolve(const std::string& name) const {
    if (const auto id = catalog_.canonical_id("accelerators", name)) return *id;
    if (!catalog_.canonical_id("systems", name)) return name;
    Findings none;
    const auto system = catalog_.system(name, {}, none);
    return system && system->accelerator ? *system->accelerator : name;
  }

  const catalog::Catalog& catalog_;
  std::map<std::string, std::string> ids_;
  std::map<std::string, std::optional<BytesPerSecond>> links_;
};

/// "vllm-custom-graph-0.24.0": name, mode and release. "nccl-torch (vidur)" has no release.
void name_library(RowReader& reader, CollectiveRow& row) {
  std::string name = reader.text(kLibrary);
  if (name.empty()) {
    reader.mistake(kLibrary, "is empty");
    return;
  }
  const size_t space = name.find(' ');
  if (space != std::string::npos) name.resize(space);
  const size_t dash = name.rfind('-');
  if (dash != std::string::npos && dash + 1 < name.size() && name[dash + 1] >= '0' &&
      name[dash + 1] <= '9') {
    row.version = name.substr(dash + 1);
    name.resize(dash);
  }
  for (const std::string_view mode : {"-eager", "-graph"}) {
    if (!name.ends_with(mode)) continue;
    row.eager = mode == "-eager";
    name.resize(name.size() - mode.size());
  }
  std::replace(name.begin(), name.end(), '-', '_');
  row.library = std::move(name);
}

Seconds maybe_duration(RowReader& reader, size_t column, Seconds otherwise) {
  return reader.has(column) ? reader.duration(column, 1_us) : otherwise;
}

/// Counts that contradict each other, and times that no link allows.
void check_row(RowReader& reader, const CollectiveRow& row, Systems& systems) {
  if (!reader.good()) return;
  if (row.rank_count % row.ranks_per_node != 0) {
    reader.mistake(kRanksPerNode, fmt::format("must divide the {} ranks; got {}", row.rank_count,
                                              row.ranks_per_node));
  }
  if (row.op == CollectiveOp::kSendReceive && row.rank_count != 2) {
    reader.mistake(kRanks, fmt::format("must be 2 for a message; got {}", row.rank_count));
  }
  if (row.latency < row.latency_min || row.latency > row.latency_max) {
    reader.mistake(kLatency, "must lie between latency_min_us and latency_max_us");
  }
  // in-switch reduction moves a buffer once where a ring moves it twice; caches serve copies
  constexpr double kSlack = 2.0;
  const auto link = systems.link(row.system);
  const double share = 1.0 - 1.0 / static_cast<double>(row.rank_count);
  if (link && row.payload * share / row.latency > *link * kSlack) {
    reader.mistake(kLatency, fmt::format("is too short: {} in {} over links of {}",
                                         format_quantity(row.payload.value(), Bytes::kDim, 3),
                                         format_quantity(row.latency.value(), Seconds::kDim, 3),
                                         format_quantity(link->value(), BytesPerSecond::kDim, 3)));
  }
}

}  // namespace

std::vector<CollectiveRow> read_collectives(const std::shared_ptr<const Source>& source,
                                            const catalog::Catalog& catalog, Findings& findings) {
  Systems systems(catalog);
  return rows_of<CollectiveRow>(source, kColumns, catalog, findings, [&](RowReader& reader) {
    CollectiveRow row;
    row.line = reader.line();
    row.system = systems.id(reader.text(kSystem));
    if (row.system.empty()) reader.mistake(kSystem, "is empty");
    name_library(reader, row);
    row.op = reader.word<CollectiveOp>(kOp);
    row.rank_count = reader.count(kRanks, 2);
    row.ranks_per_node = reader.maybe_count(kRanksPerNode).value_or(row.rank_count);
    row.payload = Bytes(static_cast<double>(reader.count(kBytes)));
    row.latency = reader.duration(kLatency, 1_us);
    row.latency_min = maybe_duration(reader, kLatencyMin, row.latency);
    row.latency_max = maybe_duration(reader, kLatencyMax, row.latency);
    row.repeat_count = reader.maybe_count(kRepeats).value_or(1);
    row.element = reader.word<ElementType>(kElement);
    check_row(reader, row, systems);
    return row;
  });
}

}  // namespace penstock::measurement
