#include "penstock/network/part_set.h"

#include <algorithm>

namespace penstock::network {
namespace {

using catalog::OpticsComponent;
using catalog::OpticsComponentKind;
using catalog::OpticsDrive;
using catalog::Part;

/// Adds up the components that the part keeps; lasers go apart where a source holds them.
void add_components(const std::vector<OpticsComponent>& components, PartFigures& figures) {
  const Part& part = figures.part;
  Interval<Watts> power{};
  Interval<Dollars> price{};
  Interval<Watts> laser_power{};
  Interval<Dollars> laser_price{};
  bool priced = !components.empty();
  for (const OpticsComponent& c : components) {
    if (std::find(part.without.begin(), part.without.end(), c.component) != part.without.end()) {
      continue;
    }
    const bool apart = !part.laser_part.empty() && c.component == OpticsComponentKind::kLaser;
    (apart ? laser_power : power) += {c.power_low.value, c.power_high.value};
    priced = priced && c.price_low && c.price_high;
    if (priced) (apart ? laser_price : price) += {c.price_low->value, c.price_high->value};
  }
  figures.power = power;
  if (priced) figures.price = price;
  if (part.laser_part.empty()) return;
  figures.laser_power = laser_power;
  if (priced) figures.laser_price = laser_price;
}

PartFigures figures_of(Part part) {
  PartFigures figures;
  figures.family = part.made_from.empty() ? part.id : part.made_from;
  if (part.passive) figures.power = Interval<Watts>{};
  if (part.power_low) figures.power = {part.power_low->value, part.power_high->value};
  if (part.price_low) figures.price = {part.price_low->value, part.price_high->value};
  if (part.host_saving_low) {
    figures.host_saving = {part.host_saving_low->value, part.host_saving_high->value};
  }
  figures.part = std::move(part);
  return figures;
}

OpticsDrive drive_of(OpticsVariant variant, bool at_switch) {
  if (variant == OpticsVariant::kLpo) return OpticsDrive::kLinear;
  return variant == OpticsVariant::kCpo && at_switch ? OpticsDrive::kCoPackaged
                                                     : OpticsDrive::kRetimed;
}

}  // namespace

PartSet::PartSet(const catalog::Catalog& catalog, Findings& findings) {
  for (const std::string& id : catalog.ids("parts")) {
    std::optional<Part> part = catalog.part(id, {}, findings);
    if (part) parts_.emplace(id, figures_of(std::move(*part)));
  }
  for (auto& [id, figures] : parts_) {
    const std::string& base = figures.part.made_from;
    if (base.empty()) continue;
    const auto found = parts_.find(base);
    if (found == parts_.end() || found->second.part.components.empty()) {
      findings.add(id, fmt::format("is made from '{}', which is no part with components", base));
      continue;
    }
    // figures of its own count before those of its components
    const PartFigures own = figures;
    add_components(found->second.part.components, figures);
    if (own.power) figures.power = own.power;
    if (own.price) figures.price = own.price;
  }
}

const PartFigures* PartSet::find(std::string_view id) const {
  const auto found = parts_.find(id);
  return found == parts_.end() ? nullptr : &found->second;
}

const PartFigures& PartSet::in_place_of(const PartFigures& module, OpticsVariant variant,
                                        bool at_switch) const {
  if (variant == OpticsVariant::kAsBuilt) return module;
  const OpticsDrive drive = drive_of(variant, at_switch);
  for (const auto& [id, other] : parts_) {
    if (other.family == module.family && other.part.drive == drive) return other;
  }
  return module;
}

}  // namespace penstock::network
