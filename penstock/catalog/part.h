/// What a network is built of: switches, cards, optical modules, cables, fibres, and their watts
/// and dollars.
///
/// An optical module may list its components. Linear modules and co-packaged engines then name the
/// module they are made from and what they leave out, so that every figure has one owner.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "penstock/base/units.h"
#include "penstock/catalog/provenance.h"

namespace penstock::catalog {

enum class PartKind : uint8_t {
  kSwitchChip,  ///< bought as silicon: on a board, or in trays of several
  kSwitchBox,   ///< bought as a box of one or more chips
  kNic,
  kOpticalModule,  ///< pluggable, at one end of a link
  kOpticalEngine,  ///< co-packaged with the chip, at one end of a link
  kLaserSource,    ///< external, for several engines
  kCopperCable,
  kFibre,  ///< a cable of fibres between two optical ends
  kOpticalCircuitSwitch,
};

/// How light is driven: by a retiming processor, straight from the host, or inside its package.
enum class OpticsDrive : uint8_t { kRetimed, kLinear, kCoPackaged };

/// How far an optical link goes, by the letters of its standards.
enum class Reach : uint8_t { kSr, kDr, kFr, kLr };

/// What an optical end is made of.
enum class OpticsComponentKind : uint8_t {
  kLaser,
  kRetimer,  ///< DSP or CDR
  kAnalog,   ///< driver, modulator, photodiode, amplifier
  kHousing,  ///< board, controller, shell, assembly and test
};

struct OpticsComponent {
  OpticsComponentKind component = OpticsComponentKind::kLaser;
  Sourced<Watts> power_low;
  Sourced<Watts> power_high;
  MaybeSourced<Dollars> price_low;
  MaybeSourced<Dollars> price_high;
};

struct Part {
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
  Provenance provenance;  ///< of every figure that has none of its own
  PartKind kind = PartKind::kSwitchChip;
  std::string vendor;
  MaybeSourced<BytesPerSecond> rate;  ///< of one port, one end or one cable, one direction
  MaybeSourced<int64_t> port_count;
  MaybeSourced<int64_t> chip_count;  ///< a box: chips inside; a chip: how many share a box
  std::optional<Reach> reach;
  std::optional<OpticsDrive> drive;
  MaybeSourced<int64_t> fibre_count;  ///< between two ends, or in a cable
  std::string fibre_part;             ///< id of the cable between two ends
  MaybeSourced<Watts> power_low;      ///< alone: a switch without its modules
  MaybeSourced<Watts> power_high;
  MaybeSourced<Dollars> price_low;
  MaybeSourced<Dollars> price_high;
  bool passive = false;                      ///< takes no power
  std::vector<OpticsComponent> components;   ///< they make up power and price
  std::string made_from;                     ///< id of the module whose components it has
  std::vector<OpticsComponentKind> without;  ///< those it leaves out
  std::string laser_part;                    ///< id of the source that holds its lasers
  /// What the chip beside an engine saves, since its signals no longer cross a board.
  MaybeSourced<Watts> host_saving_low;
  MaybeSourced<Watts> host_saving_high;
  std::string notes;
};

}  // namespace penstock::catalog

template <>
struct penstock::EnumText<penstock::catalog::PartKind> {
  using K = penstock::catalog::PartKind;
  static constexpr std::array<std::pair<K, std::string_view>, 9> kNames = {
      {{K::kSwitchChip, "switch_chip"},
       {K::kSwitchBox, "switch_box"},
       {K::kNic, "nic"},
       {K::kOpticalModule, "optical_module"},
       {K::kOpticalEngine, "optical_engine"},
       {K::kLaserSource, "laser_source"},
       {K::kCopperCable, "copper_cable"},
       {K::kFibre, "fibre"},
       {K::kOpticalCircuitSwitch, "optical_circuit_switch"}}};
};

template <>
struct penstock::EnumText<penstock::catalog::OpticsDrive> {
  using D = penstock::catalog::OpticsDrive;
  static constexpr std::array<std::pair<D, std::string_view>, 3> kNames = {
      {{D::kRetimed, "retimed"}, {D::kLinear, "linear"}, {D::kCoPackaged, "co_packaged"}}};
};

template <>
struct penstock::EnumText<penstock::catalog::Reach> {
  using R = penstock::catalog::Reach;
  static constexpr std::array<std::pair<R, std::string_view>, 4> kNames = {
      {{R::kSr, "sr"}, {R::kDr, "dr"}, {R::kFr, "fr"}, {R::kLr, "lr"}}};
};

template <>
struct penstock::EnumText<penstock::catalog::OpticsComponentKind> {
  using C = penstock::catalog::OpticsComponentKind;
  static constexpr std::array<std::pair<C, std::string_view>, 4> kNames = {
      {{C::kLaser, "laser"},
       {C::kRetimer, "retimer"},
       {C::kAnalog, "analog"},
       {C::kHousing, "housing"}}};
};

namespace penstock::catalog {

template <class Visitor>
void fields(Visitor& v, OpticsComponent& c) {
  v.required("component", c.component, "Laser, retimer, analog or housing.");
  v.required("power_low", c.power_low, "Low end of its power.");
  v.required("power_high", c.power_high, "High end of its power.");
  v.optional("price_low", c.price_low, "Its share of the low end of the price.");
  v.optional("price_high", c.price_high, "Its share of the high end of the price.");
}

template <class Visitor>
void fields(Visitor& v, Part& p) {
  head_fields(v, p);
  v.required("kind", p.kind, "What it is.");
  v.optional("vendor", p.vendor, "Who makes it.");
  v.optional("rate", p.rate, "Of one port, one end or one cable, one direction.");
  v.optional("port_count", p.port_count, "Ports of a switch.");
  v.optional("chip_count", p.chip_count, "Chips of a box, or how many of this chip share one.");
  v.optional("reach", p.reach, "Letters of the standard: sr 100 m, dr 500 m, fr 2 km, lr 10 km.");
  v.optional("drive", p.drive, "How the light is driven.");
  v.optional("fibre_count", p.fibre_count, "Fibres between two ends, or of a cable.");
  v.optional("fibre_part", p.fibre_part, "Id of the cable between two ends.");
  v.optional("power_low", p.power_low, "Low end of its power; of a switch without modules.");
  v.optional("power_high", p.power_high, "High end of its power.");
  v.optional("price_low", p.price_low, "Low end of its price.");
  v.optional("price_high", p.price_high, "High end of its price.");
  v.optional("passive", p.passive, "Whether it takes no power at all.");
  v.optional("components", p.components, "What an optical end is made of.");
  v.optional("made_from", p.made_from, "Id of the module whose components it has.");
  v.optional("without", p.without, "Components of that module which it leaves out.");
  v.optional("laser_part", p.laser_part, "Id of the external source that holds its lasers.");
  v.optional("host_saving_low", p.host_saving_low,
             "Low end of what the chip beside an engine saves for each end.");
  v.optional("host_saving_high", p.host_saving_high, "High end of that saving.");
  v.optional("notes", p.notes, "What a reader must know to use the entry.");
}

/// Reads an entry of data/parts. Components must make the power and price of their module.
Part read_part(const Node& node, Findings& findings);

}  // namespace penstock::catalog
