#include "penstock/network/library.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "penstock/base/check.h"
#include "penstock/network/library_price.h"

namespace penstock::network {
namespace {

// Another system's coefficients: measured durations lie outside a library's own band by about this
// much at either end, within an architecture and between architectures (docs/validation.md,
// collectives by kin)
constexpr double kKinSpread = 1.1;
constexpr double kStrangerSpread = 1.6;

Taken taken_by(const LibraryEntry& entry, const Library* fallback, const LibraryCall& call,
               BytesPerSecond bandwidth) {
  if (entry.channels) return duration_of(*entry.channels, call, bandwidth);
  if (entry.shared_buffer) {
    Taken larger;
    if (falls_back(*entry.shared_buffer, call)) {
      PENSTOCK_CHECK(fallback != nullptr, "library '{}' has no fall-back", entry.id);
      LibraryCall handed = call;
      handed.eager = false;
      const LibraryPrice price = fallback->price(handed, bandwidth);
      larger = {price.duration, price.algorithm, price.protocol};
    }
    return duration_of(*entry.shared_buffer, call, bandwidth, larger);
  }
  PENSTOCK_CHECK(entry.plain.has_value(), "library '{}' has no model", entry.id);
  return duration_of(*entry.plain, call, bandwidth);
}

/// The residuals of the collective, else the widest of all.
LibraryResiduals residuals_of(const LibraryEntry& entry, LibraryOp op) {
  LibraryResiduals widest{op, 1.0, 1.0, 0.0, 0};
  for (const LibraryResiduals& row : entry.residuals) {
    if (row.op == op) return row;
    widest.low_factor = std::min(widest.low_factor, row.low_factor);
    widest.high_factor = std::max(widest.high_factor, row.high_factor);
  }
  return widest;
}

std::optional<LibraryEntry> read_entry(const catalog::Catalog& catalog, std::string_view id,
                                       Findings& findings) {
  const auto tree = catalog.find("libraries", id, {}, findings);
  if (!tree) return std::nullopt;
  const size_t before = findings.size();
  auto entry = read_config<LibraryEntry>(*tree, findings);
  const int models = static_cast<int>(entry.channels.has_value()) +
                     static_cast<int>(entry.shared_buffer.has_value()) +
                     static_cast<int>(entry.plain.has_value());
  if (entry.plain && !entry.plain->ring && !entry.plain->message) {
    findings.add(tree->mark, "'plain' needs 'ring' or 'message'");
  }
  if (findings.size() == before && models != 1) {
    findings.add(tree->mark,
                 "a library has one model: one of 'channels', 'shared_buffer' and 'plain'");
  }
  if (findings.size() != before) return std::nullopt;
  return entry;
}

/// How near a system is: 3 the same architecture, 2 one's name extends the other's, 1 any.
int kinship(const LibraryEntry& entry, const catalog::Accelerator& accelerator) {
  const std::string& theirs = entry.architecture;
  const std::string& own = accelerator.architecture;
  if (theirs.empty()) return 0;  // not an accelerator of the catalog: stands in for none
  if (theirs == own) return 3;
  return own.starts_with(theirs) || theirs.starts_with(own) ? 2 : 1;
}

}  // namespace

Library::Library(LibraryEntry entry, std::shared_ptr<const Library> fallback)
    : entry_(std::move(entry)), fallback_(std::move(fallback)) {}

LibraryPrice Library::price(const LibraryCall& call, BytesPerSecond bandwidth) const {
  PENSTOCK_CHECK(call.rank_count >= 1, "collective over {} ranks", call.rank_count);
  PENSTOCK_CHECK(bandwidth > BytesPerSecond(), "collective over links of {} B/s",
                 bandwidth.value());
  LibraryPrice price;
  if (call.rank_count == 1 || call.payload <= Bytes()) return price;
  const Taken taken = taken_by(entry_, fallback_.get(), call, bandwidth);
  const Seconds link = bytes_on_link(call, taken.algorithm == "in_switch") / bandwidth;
  price.duration = std::max(taken.duration, link);
  price.algorithm = taken.algorithm;
  price.protocol = taken.protocol;
  LibraryCall smallest = call;
  smallest.payload = std::min(call.payload, Bytes(1.0));
  const Seconds latency = taken_by(entry_, fallback_.get(), smallest, bandwidth).duration;
  price.regime = price.duration >= latency * 2.0 ? Regime::kBandwidth : Regime::kLatency;
  const LibraryResiduals residuals = residuals_of(entry_, call.op);
  price.low = std::max(price.duration * residuals.low_factor, link);
  price.high = price.duration * residuals.high_factor;
  return price;
}

Library Library::widened(double spread_factor) const {
  Library wide = *this;
  for (LibraryResiduals& row : wide.entry_.residuals) {
    row.low_factor /= spread_factor;
    row.high_factor *= spread_factor;
  }
  return wide;
}

std::shared_ptr<const Library> read_library(const catalog::Catalog& catalog, std::string_view id,
                                            Findings& findings) {
  const auto entry = read_entry(catalog, id, findings);
  if (!entry) return nullptr;
  std::shared_ptr<const Library> fallback;
  if (entry->shared_buffer) {
    auto other = read_entry(catalog, entry->shared_buffer->fallback, findings);
    if (other && other->shared_buffer) {
      findings.add(std::string(id), "falls back to a library that itself falls back");
      other.reset();
    }
    if (!other) return nullptr;
    fallback = std::make_shared<const Library>(std::move(*other), nullptr);
  }
  return std::make_shared<const Library>(*entry, std::move(fallback));
}

std::vector<LibraryEntry> library_entries(const catalog::Catalog& catalog, Findings& findings) {
  std::vector<LibraryEntry> entries;
  for (const catalog::EntryInfo& info : catalog.list("libraries")) {
    auto entry = read_entry(catalog, info.id, findings);
    if (entry) entries.push_back(std::move(*entry));
  }
  return entries;
}

std::shared_ptr<const Library> choose_library(const catalog::Catalog& catalog,
                                              std::string_view library,
                                              const catalog::Accelerator& accelerator,
                                              Findings& findings, bool own_allowed) {
  std::optional<LibraryEntry> best;
  int best_kinship = -1;
  double best_distance = 0.0;
  const auto& link = accelerator.scale_up;
  const bool linked = link && link->bandwidth_each_way;
  for (LibraryEntry& entry : library_entries(catalog, findings)) {
    if (entry.library != library || !entry.current) continue;
    const bool own = entry.system == accelerator.id;
    if (own && !own_allowed) continue;
    const int kin = own ? 4 : kinship(entry, accelerator);
    if (kin == 0) continue;
    const double distance =
        linked ? std::abs(std::log(entry.link_bandwidth / link->bandwidth_each_way->value))
               : entry.link_bandwidth.value();
    if (kin < best_kinship || (kin == best_kinship && distance >= best_distance)) continue;
    best = std::move(entry);
    best_kinship = kin;
    best_distance = distance;
  }
  if (!best) return nullptr;
  auto chosen = read_library(catalog, best->id, findings);
  if (chosen == nullptr || best_kinship == 4) return chosen;
  return std::make_shared<const Library>(
      chosen->widened(best_kinship == 3 ? kKinSpread : kStrangerSpread));
}

}  // namespace penstock::network
