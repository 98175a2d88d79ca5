/// Where a figure comes from. Every constant of the catalog has one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/base/fields.h"

namespace penstock::catalog {

enum class Confidence : uint8_t { kHigh, kMedium, kLow };

struct Provenance {
  std::string source;
  std::string date;  ///< "2025-04" or "2025-04-16": when the source says so
  Confidence confidence = Confidence::kMedium;
};

/// A value with its provenance. In a file: a plain value, which takes the provenance of its entry
/// (keys `source`, `date`, `confidence` beside it), or `{value, source, date, confidence, note}`
/// where every given key replaces the entry's.
template <class T>
struct Sourced {
  T value{};
  Provenance provenance;
  std::string note;
};

template <class T>
using MaybeSourced = std::optional<Sourced<T>>;

}  // namespace penstock::catalog

template <>
struct penstock::EnumText<penstock::catalog::Confidence> {
  using C = penstock::catalog::Confidence;
  static constexpr std::array<std::pair<C, std::string_view>, 3> kNames = {
      {{C::kHigh, "high"}, {C::kMedium, "medium"}, {C::kLow, "low"}}};
};
