#include "penstock/network/library.h"

#include <fmt/format.h>

#include <algorithm>

#include "penstock/base/check.h"
#include "penstock/base/text.h"
#include "penstock/catalog/kin.h"
#include "penstock/network/library_price.h"

namespace penstock::network {
namespace {

// Another system's coefficients: measured durations lie outside a library's own band by about this
// much at either end, within an architecture and between architectures (docs/validation.md,
// collectives by kin)
constexpr double kSiblingSpread = 1.1;
constexpr double kOtherSpread = 1.6;

/// The call as an entry's model has it, with what the fall-back would take.
Taken taken_by(const LibraryEntry& entry, const Taken& fallback, const LibraryCall& call,
               const FabricTimes& times) {
  if (entry.channels) return duration_of(*entry.channels, call, times);
  if (entry.shared_buffer) return duration_of(*entry.shared_buffer, call, times, fallback);
  PENSTOCK_CHECK(entry.plain.has_value(), "library '{}' has no model", entry.id);
  return duration_of(*entry.plain, call, times);
}

/// What the fabric alone takes for it.
Seconds link_time(const FabricTimes& times, std::string_view algorithm) {
  if (algorithm == "in_switch") return times.in_switch;
  return algorithm == "ring" ? times.ring : times.direct;
}

/// The residuals of the collective, else the widest of all.
LibraryResiduals residuals_of(const LibraryEntry& entry, Operation op) {
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

}  // namespace

Library::Library(LibraryEntry entry, std::shared_ptr<const Library> fallback)
    : entry_(std::move(entry)), fallback_(std::move(fallback)) {}

LibraryPrice Library::price(const LibraryCall& call, BytesPerSecond bandwidth) const {
  PENSTOCK_CHECK(bandwidth > BytesPerSecond(), "collective over links of {} B/s",
                 bandwidth.value());
  PENSTOCK_CHECK(call.rank_count >= 1, "collective over {} ranks", call.rank_count);
  if (call.rank_count == 1 || call.payload <= Bytes()) return {};
  return price(call, flat_times(call, bandwidth));
}

LibraryPrice Library::price(const LibraryCall& call, const FabricTimes& times) const {
  Taken larger;
  if (entry_.shared_buffer && falls_back(*entry_.shared_buffer, call)) {
    PENSTOCK_CHECK(fallback_ != nullptr, "library '{}' has no fall-back", entry_.id);
    LibraryCall handed = call;
    handed.eager = false;
    const LibraryPrice other = fallback_->price(handed, times);
    larger = {other.duration, other.algorithm, other.protocol};
  }
  const Taken taken = taken_by(entry_, larger, call, times);
  const Seconds link = link_time(times, taken.algorithm);
  LibraryPrice price;
  price.duration = std::max(taken.duration, link);
  price.algorithm = taken.algorithm;
  price.protocol = taken.protocol;
  // most of the time in bytes, at the share of the links that the library attains
  price.regime = link * 2.0 >= price.duration ? Regime::kBandwidth : Regime::kLatency;
  const LibraryResiduals residuals = residuals_of(entry_, call.op);
  price.low = std::max(price.duration * residuals.low_factor, link);
  price.high = price.duration * residuals.high_factor;
  if (end_ == BandEnd::kLow) price.duration = price.low;
  if (end_ == BandEnd::kHigh) price.duration = price.high;
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

std::string LibraryChoice::note(const catalog::Accelerator& accelerator) const {
  if (origin == Origin::kOwn || library == nullptr) return {};
  const LibraryEntry& entry = library->entry();
  if (origin == Origin::kKin) {
    return fmt::format("{} was not measured on {}; its figures of {} stand in, with a wider band",
                       entry.library, accelerator.id, entry.system);
  }
  return fmt::format(
      "Collectives on {} are outside the measured domain: the default ones stand in, "
      "with a wide band",
      accelerator.id);
}

LibraryChoice choose_library(const catalog::Catalog& catalog, std::string_view library,
                             const catalog::Accelerator& accelerator, Findings& findings) {
  std::vector<std::string> names;
  for (const LibraryEntry& entry : library_entries(catalog, findings)) {
    names.push_back(entry.library);
    if (entry.library != library || !entry.current || entry.system != accelerator.id) continue;
    return {read_library(catalog, entry.id, findings), LibraryChoice::Origin::kOwn};
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (!std::binary_search(names.begin(), names.end(), library)) {
    findings.add("collectives", fmt::format("no library '{}' in the catalog{}", library,
                                            suggestion(library, names)));
  }
  return borrow_library(catalog, library, accelerator, findings);
}

LibraryChoice borrow_library(const catalog::Catalog& catalog, std::string_view library,
                             const catalog::Accelerator& accelerator, Findings& findings) {
  std::vector<std::string> ids;
  std::vector<catalog::KinCandidate> candidates;
  for (const LibraryEntry& entry : library_entries(catalog, findings)) {
    if (entry.library != library || !entry.current) continue;
    if (!catalog.canonical_id("accelerators", entry.system)) continue;
    auto other = catalog.accelerator(entry.system, {}, findings);
    if (!other) continue;
    ids.push_back(entry.id);
    candidates.push_back({*std::move(other), {}});
  }
  const auto kin = catalog::nearest_kin(accelerator, candidates);
  if (!kin) {
    return {read_library(catalog, "default", findings), LibraryChoice::Origin::kDefault};
  }
  const auto measured = read_library(catalog, ids[kin->index], findings);
  if (measured == nullptr) return {nullptr, LibraryChoice::Origin::kKin};
  const bool sibling = kin->kinship == catalog::Kinship::kArchitecture;
  return {
      std::make_shared<const Library>(measured->widened(sibling ? kSiblingSpread : kOtherSpread)),
      LibraryChoice::Origin::kKin};
}

std::shared_ptr<const Library> at_band_end(const Library& library, bool high) {
  Library end = library;
  end.end_ = high ? Library::BandEnd::kHigh : Library::BandEnd::kLow;
  return std::make_shared<const Library>(std::move(end));
}

}  // namespace penstock::network
