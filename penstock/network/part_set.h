/// The parts of the catalog, with the figures of optical ends worked out from their components.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/catalog/catalog.h"

namespace penstock::network {

/// Which optics a bill is made with.
enum class OpticsVariant : uint8_t {
  kAsBuilt,    ///< the modules that the fabrics name
  kPluggable,  ///< pluggable modules that retime the signal (DSP)
  kLpo,        ///< pluggable modules driven straight from the host
  kCpo,        ///< engines in the package of every switch; pluggable with a DSP elsewhere
};

/// Both ends of what is known of a figure.
template <class Q>
struct Interval {
  Q low;
  Q high;

  friend Interval operator*(Interval a, double factor) { return {a.low * factor, a.high * factor}; }
  Interval& operator+=(Interval other) {
    low += other.low;
    high += other.high;
    return *this;
  }
  Interval& operator-=(Interval other) {
    low -= other.low;
    high -= other.high;
    return *this;
  }
};

/// A part and its figures; a figure that nobody publishes is not set.
struct PartFigures {
  catalog::Part part;
  std::optional<Interval<Watts>> power;
  std::optional<Interval<Dollars>> price;
  std::string family;           ///< the module with a processor whose components it has, or itself
  Interval<Watts> host_saving;  ///< of the chip beside an engine
  /// Of the lasers where they lie apart; not in power and price then.
  std::optional<Interval<Watts>> laser_power;
  std::optional<Interval<Dollars>> laser_price;
};

class PartSet {
 public:
  /// Reads every part; mistakes of a user's folder become findings.
  PartSet(const catalog::Catalog& catalog, Findings& findings);

  /// By id; null when there is none.
  [[nodiscard]] const PartFigures* find(std::string_view id) const;
  /// What takes a module's place under a variant: a part of the same family and rate. The module
  /// itself where the catalog has none, and for engines away from switches its pluggable form.
  [[nodiscard]] const PartFigures& in_place_of(const PartFigures& module, OpticsVariant variant,
                                               bool at_switch) const;

 private:
  std::map<std::string, PartFigures, std::less<>> parts_;
};

}  // namespace penstock::network

template <>
struct penstock::EnumText<penstock::network::OpticsVariant> {
  using V = penstock::network::OpticsVariant;
  static constexpr std::array<std::pair<V, std::string_view>, 4> kNames = {
      {{V::kAsBuilt, "as_built"},
       {V::kPluggable, "pluggable"},
       {V::kLpo, "lpo"},
       {V::kCpo, "cpo"}}};
};
