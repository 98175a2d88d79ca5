/// The bill of materials of a machine: what its fabrics are built of, counted on their graphs.
///
/// Models: switches, cards, optical ends, cables and fibres of every class of vertices and links,
/// with watts and dollars between the ends that the catalog knows.
/// Does not model: racks, cold plates, spare parts, discounts, labour.
///
/// A link of a class runs on the board, over copper or over light. Copper takes `cables_per_link`
/// cables, or shares one with others; light takes a module at each end and fibres between, which
/// `links_per_cable` links share. Costs O(classes), whatever the number of machines.
#pragma once

#include <string>
#include <vector>

#include "penstock/network/machine.h"
#include "penstock/network/part_set.h"

namespace penstock::network {

/// What one class of vertices or links needs of one part.
struct BillLine {
  std::string fabric;
  std::string place;  ///< the class
  std::string part;
  catalog::PartKind kind = catalog::PartKind::kSwitchChip;
  int64_t count = 0;
  int64_t chip_count = 0;   ///< of switches
  int64_t box_count = 0;    ///< of switches: boxes or trays; 0 on a node's board
  int64_t fibre_count = 0;  ///< of cables of fibres
  std::optional<Interval<Watts>> power;
  std::optional<Interval<Dollars>> cost;
};

/// A class that no part is counted for, and why.
struct NotCounted {
  std::string fabric;
  std::string place;
  int64_t count = 0;
  std::string reason;
};

struct Bill {
  OpticsVariant variant = OpticsVariant::kAsBuilt;
  std::vector<BillLine> lines;
  std::vector<NotCounted> not_counted;
  Interval<Watts> host_saving;     ///< of switch chips beside engines; not in the lines
  std::vector<std::string> notes;  ///< what the counts take for granted

  /// Of everything, less what switch chips save.
  [[nodiscard]] Interval<Watts> power() const;
  [[nodiscard]] Interval<Dollars> cost() const;
  /// Sums over lines of kinds that `wanted` takes; figures that are not known count as nothing.
  template <class Wanted>
  [[nodiscard]] Interval<Watts> power_of(Wanted wanted) const {
    Interval<Watts> sum{};
    for (const BillLine& line : lines) {
      if (line.power && wanted(line.kind)) sum += *line.power;
    }
    return sum;
  }
  template <class Wanted>
  [[nodiscard]] Interval<Dollars> cost_of(Wanted wanted) const {
    Interval<Dollars> sum{};
    for (const BillLine& line : lines) {
      if (line.cost && wanted(line.kind)) sum += *line.cost;
    }
    return sum;
  }
  [[nodiscard]] int64_t count_of(catalog::PartKind kind) const {
    int64_t count = 0;
    for (const BillLine& line : lines) count += line.kind == kind ? line.count : 0;
    return count;
  }
};

/// Modules, engines and their lasers.
bool is_optics(catalog::PartKind kind);

/// Chips and boxes that switch packets.
bool is_switch(catalog::PartKind kind);

/// The bill of all fabrics of a machine. Part ids that the catalog lacks are findings at `mark`,
/// each once.
Bill make_bill(const Machine& machine, const PartSet& parts, const catalog::Catalog& catalog,
               OpticsVariant variant, const Mark& mark, Findings& findings);

}  // namespace penstock::network
