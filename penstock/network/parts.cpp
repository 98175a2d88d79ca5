#include "penstock/network/parts.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "penstock/base/text.h"
#include "penstock/network/cluster.h"

namespace penstock::network {
namespace {

using catalog::Medium;
using catalog::PartKind;

/// Walks the classes of one graph and adds what they need to a bill.
class Walk {
 public:
  Walk(const PartSet& parts, const catalog::Catalog& catalog, const Mark& mark, Bill& bill,
       Findings& findings)
      : parts_(parts), catalog_(catalog), mark_(mark), bill_(bill), findings_(findings) {}

  /// Classes of a cluster come from two fabrics: those of the domain first.
  void add(const Topology& topology) {
    const auto* cluster = dynamic_cast<const Cluster*>(&topology);
    topology_ = &topology;
    has_circuit_switches_ = false;
    for (size_t i = 0; i < topology.vertices().size(); ++i) {
      const bool domain = cluster != nullptr && i < cluster->domain().vertices().size();
      fabric_ = cluster == nullptr ? topology.name()
                : domain           ? cluster->domain().name()
                                   : cluster->scale_out().name();
      add_vertices(i);
    }
    for (size_t i = 0; i < topology.links().size(); ++i) {
      const bool domain = cluster != nullptr && i < cluster->first_scale_out_link();
      fabric_ = cluster == nullptr ? topology.name()
                : domain           ? cluster->domain().name()
                                   : cluster->scale_out().name();
      add_links(topology.links()[i]);
    }
  }

 private:
  /// The part; null where it is not to be counted, which is said, or unknown, which is a finding.
  const PartFigures* part_of(const std::string& id, const std::string& place, int64_t count,
                             const std::string& without) {
    if (id.empty() || count == 0) {
      bill_.not_counted.push_back(
          {fabric_, place, count,
           id.empty() ? without : fmt::format("the fabric gives no count of '{}'", id)});
      return nullptr;
    }
    const PartFigures* part = parts_.find(id);
    if (part == nullptr && unknown_.insert(id).second) {
      findings_.add(mark_,
                    fmt::format("fabric '{}' is built of '{}', which is no part of the catalog{}",
                                fabric_, id, suggestion(id, catalog_.ids("parts"))));
    }
    return part;
  }

  BillLine& add_line(const PartFigures& figures, const std::string& place, int64_t count) {
    BillLine line{fabric_, place, figures.part.id, figures.part.kind, count, 0, 0, 0, {}, {}};
    const auto factor = static_cast<double>(count);
    if (figures.power) line.power = *figures.power * factor;
    if (figures.price) line.cost = *figures.price * factor;
    bill_.lines.push_back(std::move(line));
    return bill_.lines.back();
  }

  void add_vertices(size_t index) {
    const VertexClass& vertices = topology_->vertices()[index];
    const bool compute =
        vertices.kind == VertexKind::kAccelerator || vertices.kind == VertexKind::kHost;
    const PartFigures* figures =
        part_of(vertices.part, vertices.name, vertices.count,
                compute ? "bought as compute, not as network" : "the fabric names no part");
    if (figures == nullptr) return;
    BillLine& line = add_line(*figures, vertices.name, vertices.count);
    const catalog::MaybeSourced<int64_t>& chips = figures->part.chip_count;
    if (figures->part.kind == PartKind::kSwitchBox) {
      line.box_count = line.count;
      line.chip_count = line.count * (chips ? chips->value : 1);
    } else if (figures->part.kind == PartKind::kSwitchChip) {
      line.chip_count = line.count;
      if (chips && !on_board(index)) line.box_count = ceil_divide(line.count, chips->value);
    } else if (figures->part.kind == PartKind::kOpticalCircuitSwitch) {
      has_circuit_switches_ = true;
    }
  }

  /// Whether all links from below reach these vertices over a board.
  [[nodiscard]] bool on_board(size_t index) const {
    for (const LinkClass& links : topology_->links()) {
      if (links.to == index && links.medium != Medium::kBoard) return false;
    }
    return true;
  }

  void add_links(const LinkClass& links) {
    const int64_t optical =
        links.medium == Medium::kOptical ? links.bundle_count : links.optical_bundle_count;
    const int64_t copper = links.medium == Medium::kCopper ? links.bundle_count - optical : 0;
    if (copper > 0) {
      const int64_t cables = copper * ceil_divide(links.links_per_bundle * links.cables_per_link,
                                                  links.links_per_cable);
      const PartFigures* cable =
          part_of(links.cable_part, links.name, cables, "the fabric names no cable");
      if (cable != nullptr) add_line(*cable, links.name, cables);
    }
    if (optical == 0) return;
    const int64_t pairs = optical * ceil_divide(links.links_per_bundle, links.links_per_cable);
    const PartFigures* module =
        part_of(links.module_part, links.name, 2 * pairs, "the fabric names no module");
    if (module != nullptr) add_light(links, *module, pairs);
  }

  void add_light(const LinkClass& links, const PartFigures& module, int64_t pairs) {
    const auto at_switch = [&](size_t v) {
      return topology_->vertices()[v].kind == VertexKind::kSwitch;
    };
    const PartFigures& from = parts_.in_place_of(module, bill_.variant, at_switch(links.from));
    const PartFigures& to = parts_.in_place_of(module, bill_.variant, at_switch(links.to));
    note_variant(from, at_switch(links.from));
    note_variant(to, at_switch(links.to));
    if (&from == &to) {
      add_ends(links, from, 2 * pairs);
    } else {
      add_ends(links, from, pairs);
      add_ends(links, to, pairs);
    }
    note_rate(links, module);
    const std::string& fibre = module.part.fibre_part;
    const PartFigures* cable =
        part_of(fibre, links.name, pairs, fmt::format("'{}' names no fibres", module.part.id));
    if (cable == nullptr) return;
    // a circuit switch has a cable to each end of a link
    const int64_t cables = has_circuit_switches_ ? 2 * pairs : pairs;
    BillLine& line = add_line(*cable, links.name, cables);
    if (cable->part.fibre_count) line.fibre_count = cables * cable->part.fibre_count->value;
  }

  void add_ends(const LinkClass& links, const PartFigures& end, int64_t count) {
    add_line(end, links.name, count);
    const auto factor = static_cast<double>(count);
    bill_.host_saving += end.host_saving * factor;
    if (end.part.laser_part.empty()) return;
    const PartFigures* source = parts_.find(end.part.laser_part);
    const std::string& id = end.part.laser_part;
    if (source == nullptr || !source->part.rate) {
      static_cast<void>(part_of(id, links.name, count, "the engine names no source"));
      return;
    }
    const double served = end.part.rate->value / source->part.rate->value;
    BillLine& line =
        add_line(*source, links.name, static_cast<int64_t>(std::ceil(factor * served - 1e-9)));
    if (end.laser_power) line.power = *end.laser_power * factor;
    if (end.laser_price) line.cost = *end.laser_price * factor;
  }

  void note(std::string text) {
    if (noted_.insert(text).second) bill_.notes.push_back(std::move(text));
  }

  /// An end that a variant leaves as it is.
  void note_variant(const PartFigures& end, bool at_switch) {
    using catalog::OpticsDrive;
    if (bill_.variant == OpticsVariant::kAsBuilt) return;
    if (bill_.variant == OpticsVariant::kCpo && !at_switch) {
      note("Optical ends at cards and accelerators stay pluggable.");
      return;
    }
    const OpticsDrive wanted = bill_.variant == OpticsVariant::kCpo   ? OpticsDrive::kCoPackaged
                               : bill_.variant == OpticsVariant::kLpo ? OpticsDrive::kLinear
                                                                      : OpticsDrive::kRetimed;
    if (end.part.drive == wanted) return;
    note(fmt::format("The catalog has no {} form of '{}', which stays.", enum_name(bill_.variant),
                     end.part.id));
  }

  /// Links whose rate is not that of their modules: the fabric's parts are an approximation.
  void note_rate(const LinkClass& links, const PartFigures& module) {
    if (!module.part.rate) return;
    const BytesPerSecond carried =
        links.link_bandwidth_each_way *
        static_cast<double>(std::min(links.links_per_cable, links.links_per_bundle));
    const double ratio = carried / module.part.rate->value;
    if (ratio > 0.55 && ratio < 1.25) return;
    note(
        fmt::format("A pair of '{}' carries {} Gb/s of '{}', not its rate: the fabric names the "
                    "nearest part.",
                    module.part.id, std::llround(carried.value() * 8e-9), links.name));
  }

  const PartSet& parts_;
  const catalog::Catalog& catalog_;
  const Mark& mark_;
  Bill& bill_;
  Findings& findings_;
  const Topology* topology_ = nullptr;
  std::string fabric_;
  bool has_circuit_switches_ = false;
  std::set<std::string> unknown_;
  std::set<std::string> noted_;
};

}  // namespace

Interval<Watts> Bill::power() const {
  Interval<Watts> sum = power_of([](PartKind) { return true; });
  sum -= host_saving;
  return sum;
}

Interval<Dollars> Bill::cost() const {
  return cost_of([](PartKind) { return true; });
}

bool is_optics(PartKind kind) {
  return kind == PartKind::kOpticalModule || kind == PartKind::kOpticalEngine ||
         kind == PartKind::kLaserSource;
}

bool is_switch(PartKind kind) {
  return kind == PartKind::kSwitchChip || kind == PartKind::kSwitchBox;
}

Bill make_bill(const Machine& machine, const PartSet& parts, const catalog::Catalog& catalog,
               OpticsVariant variant, const Mark& mark, Findings& findings) {
  Bill bill;
  bill.variant = variant;
  Walk walk(parts, catalog, mark, bill, findings);
  walk.add(*machine.topology);
  for (const auto& plane : machine.planes) walk.add(*plane);
  return bill;
}

}  // namespace penstock::network
