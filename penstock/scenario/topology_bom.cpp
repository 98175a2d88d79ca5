#include "penstock/scenario/topology_bom.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "penstock/base/text.h"
#include "penstock/network/parts.h"
#include "penstock/scenario/optics_claims.h"
#include "penstock/scenario/run.h"

namespace penstock::scenario {
namespace {

using catalog::PartKind;
using network::Bill;
using network::BillLine;
using network::Interval;
using network::OpticsVariant;

std::string_view kind_text(PartKind kind) {
  switch (kind) {
    case PartKind::kSwitchChip: return "switch chip";
    case PartKind::kSwitchBox: return "switch";
    case PartKind::kNic: return "interface card";
    case PartKind::kOpticalModule: return "optical module";
    case PartKind::kOpticalEngine: return "optical engine";
    case PartKind::kLaserSource: return "laser source";
    case PartKind::kCopperCable: return "copper cable";
    case PartKind::kFibre: return "fibre cable";
    case PartKind::kOpticalCircuitSwitch: return "circuit switch";
  }
  return "";
}

Cell figure(double value) { return value; }

template <class Q>
void add_figures(const std::optional<Interval<Q>>& figures, std::vector<Cell>& row) {
  for (const bool low : {true, false}) {
    if (figures) {
      row.push_back(figure((low ? figures->low : figures->high).value()));
    } else {
      row.emplace_back(std::string("unknown"));
    }
  }
}

/// Lines of one part together.
std::vector<BillLine> by_part(const Bill& bill) {
  std::vector<BillLine> parts;
  for (const BillLine& line : bill.lines) {
    auto found = std::find_if(parts.begin(), parts.end(),
                              [&](const BillLine& p) { return p.part == line.part; });
    if (found == parts.end()) {
      parts.push_back(line);
      continue;
    }
    found->count += line.count;
    found->chip_count += line.chip_count;
    found->box_count += line.box_count;
    found->fibre_count += line.fibre_count;
    if (line.power) *found->power += *line.power;
    if (line.cost) *found->cost += *line.cost;
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const BillLine& a, const BillLine& b) { return a.kind < b.kind; });
  return parts;
}

Table parts_table(const Bill& bill) {
  Table table{"parts",
              "Parts, with both ends of what is known of their power and price",
              {{"part", ""},
               {"what", ""},
               {"count", ""},
               {"power from", "W"},
               {"to", "W"},
               {"cost from", "$"},
               {"to", "$"}},
              {}};
  for (const BillLine& part : by_part(bill)) {
    std::vector<Cell> row = {part.part, std::string(kind_text(part.kind)), part.count};
    add_figures(part.power, row);
    add_figures(part.cost, row);
    table.rows.push_back(std::move(row));
  }
  if (bill.host_saving.high > Watts()) {
    table.rows.push_back({std::string("saved in switch chips"), std::string("shorter signals"),
                          std::string(), figure(-bill.host_saving.low.value()),
                          figure(-bill.host_saving.high.value()), std::string(), std::string()});
  }
  return table;
}

Table switches_table(const Bill& bill) {
  Table table{"switches",
              "Switches: chips, and the boxes or trays that hold them",
              {{"fabric", ""}, {"tier", ""}, {"part", ""}, {"chips", ""}, {"boxes", ""}},
              {}};
  for (const BillLine& line : bill.lines) {
    if (!network::is_switch(line.kind)) continue;
    table.rows.push_back(
        {line.fabric, line.place, line.part, line.chip_count,
         line.box_count > 0 ? Cell(line.box_count) : Cell(std::string("on boards"))});
  }
  return table;
}

Table places_table(const Bill& bill) {
  Table table{"places",
              "Where the parts are",
              {{"fabric", ""}, {"place", ""}, {"part", ""}, {"count", ""}},
              {}};
  for (const BillLine& line : bill.lines) {
    table.rows.push_back({line.fabric, line.place, line.part, line.count});
  }
  return table;
}

Table not_counted_table(const Bill& bill) {
  Table table{"not_counted",
              "Not counted",
              {{"fabric", ""}, {"place", ""}, {"count", ""}, {"why", ""}},
              {}};
  for (const network::NotCounted& n : bill.not_counted) {
    table.rows.push_back({n.fabric, n.place, n.count, n.reason});
  }
  return table;
}

Table variants_table(const std::vector<Bill>& bills) {
  Table table{"variants",
              "The same network with other optics",
              {{"optics", ""},
               {"modules", ""},
               {"engines", ""},
               {"optics from", "W"},
               {"to", "W"},
               {"network to", "W"},
               {"optics from", "$"},
               {"to", "$"},
               {"network to", "$"}},
              {}};
  for (const Bill& bill : bills) {
    const Interval<Watts> optics = bill.power_of(network::is_optics);
    const Interval<Dollars> price = bill.cost_of(network::is_optics);
    table.rows.push_back({std::string(enum_name(bill.variant)),
                          bill.count_of(PartKind::kOpticalModule),
                          bill.count_of(PartKind::kOpticalEngine), optics.low.value(),
                          optics.high.value(), bill.power().high.value(), price.low.value(),
                          price.high.value(), bill.cost().high.value()});
  }
  return table;
}

/// A bar for each group of parts and optics; what switch chips save shortens theirs.
Plot power_plot(const std::vector<Bill>& bills) {
  Plot plot;
  plot.id = "power_by_part";
  plot.title = "Power by kind of part and optics, high ends";
  plot.kind = PlotKind::kBars;
  plot.x_name = "parts";
  plot.y_name = "power";
  plot.y_unit = "W";
  plot.lines.push_back({"power", {}, {}, false, {}});
  const auto add = [&](std::string_view name, auto power_of) {
    std::vector<Watts> power;
    for (const Bill& bill : bills) power.push_back(std::max(power_of(bill), Watts()));
    if (*std::max_element(power.begin(), power.end()) == Watts()) return;
    for (size_t i = 0; i < bills.size(); ++i) {
      plot.lines[0].x.push_back(static_cast<double>(plot.categories.size()));
      plot.lines[0].y.push_back(power[i].value());
      plot.categories.push_back(fmt::format("{}, {}", name, enum_name(bills[i].variant)));
    }
  };
  add("optics", [](const Bill& bill) { return bill.power_of(network::is_optics).high; });
  add("switches", [](const Bill& bill) {
    return bill.power_of(network::is_switch).high - bill.host_saving.high;
  });
  add("cards and copper", [](const Bill& bill) {
    return bill
        .power_of([](PartKind k) { return !network::is_optics(k) && !network::is_switch(k); })
        .high;
  });
  return plot;
}

template <class Q>
void add_metric(Result& result, std::string name, Interval<Q> figures, double divisor = 1.0) {
  const double low = figures.low.value() / divisor;
  const double high = figures.high.value() / divisor;
  result.metrics.push_back({std::move(name), (low + high) / 2.0, unit_symbol(Q::kDim), low, high});
  result.headline.push_back(result.metrics.back().name);
}

void add_count(Result& result, std::string name, std::string unit, int64_t count,
               bool headline = true) {
  result.metrics.push_back({std::move(name), static_cast<double>(count), std::move(unit), {}, {}});
  if (headline) result.headline.push_back(result.metrics.back().name);
}

void add_metrics(const Bill& bill, int64_t accelerators, Result& result) {
  const auto each = static_cast<double>(accelerators);
  const Interval<Watts> light = bill.power_of(network::is_optics);
  // a sum of nothing known is no answer
  if (bill.power().high > Watts()) {
    add_metric(result, "network.bom.power", bill.power());
    add_metric(result, "network.bom.power_per_accelerator", bill.power(), each);
  }
  if (light.high > Watts()) add_metric(result, "network.bom.optics_power", light);
  if (bill.cost().high > Dollars()) {
    add_metric(result, "network.bom.cost", bill.cost());
    add_metric(result, "network.bom.cost_per_accelerator", bill.cost(), each);
  }
  if (light.high > Watts()) {
    add_metric(result, "network.bom.optics_cost", bill.cost_of(network::is_optics));
  }
  int64_t chips = 0;
  int64_t boxes = 0;
  int64_t fibres = 0;
  for (const BillLine& line : bill.lines) {
    chips += line.chip_count;
    boxes += line.box_count;
    fibres += line.fibre_count;
  }
  add_count(result, "network.bom.optical_modules", "module",
            bill.count_of(PartKind::kOpticalModule));
  add_count(result, "network.bom.optical_engines", "engine",
            bill.count_of(PartKind::kOpticalEngine), bill.count_of(PartKind::kOpticalEngine) > 0);
  add_count(result, "network.bom.copper_cables", "cable", bill.count_of(PartKind::kCopperCable));
  add_count(result, "network.bom.fibres", "fibre", fibres);
  add_count(result, "network.bom.switch_chips", "chip", chips);
  add_count(result, "network.bom.switch_boxes", "box", boxes);
  add_count(result, "network.bom.nics", "card", bill.count_of(PartKind::kNic));
  add_count(result, "network.bom.optical_circuit_switches", "switch",
            bill.count_of(PartKind::kOpticalCircuitSwitch),
            bill.count_of(PartKind::kOpticalCircuitSwitch) > 0);
}

/// Names of parts whose figure is not set.
template <class Known>
std::string unknown_parts(const Bill& bill, Known known) {
  std::vector<std::string> names;
  for (const BillLine& line : by_part(bill)) {
    if (!known(line)) names.push_back(line.part);
  }
  return join(names);
}

void add_notes(const Bill& bill, Result& result) {
  const std::string power =
      unknown_parts(bill, [](const BillLine& l) { return l.power.has_value(); });
  const std::string price =
      unknown_parts(bill, [](const BillLine& l) { return l.cost.has_value(); });
  if (!power.empty()) {
    result.notes.push_back(fmt::format("Without a published power, not in the watts: {}.", power));
  }
  if (!price.empty()) {
    result.notes.push_back(fmt::format("Without a known price, not in the dollars: {}.", price));
  }
  const bool blind = std::any_of(bill.lines.begin(), bill.lines.end(), [](const BillLine& l) {
    return network::is_switch(l.kind) && !l.power;
  });
  if (blind && bill.power_of(network::is_optics).high > Watts()) {
    result.notes.push_back(
        "Some switches are not in the watts, so what optics save of the whole network is an upper "
        "bound.");
  }
  for (const std::string& note : bill.notes) result.notes.push_back(note);
}

/// Whole dollars with commas, as a range.
std::string price_text(Interval<Dollars> price) {
  if (price.low == price.high) {
    return fmt::format("${}", with_commas(std::llround(price.low.value())));
  }
  return fmt::format("${} to ${}", with_commas(std::llround(price.low.value())),
                     with_commas(std::llround(price.high.value())));
}

void add_inputs(const Bill& bill, const network::PartSet& parts, Result& result) {
  for (const BillLine& line : by_part(bill)) {
    const network::PartFigures* figures = parts.find(line.part);
    const catalog::Part& part = figures->part;
    const auto add = [&](const char* key, const std::string& value,
                         const catalog::Provenance& provenance) {
      result.inputs.push_back({part.id + "." + key, value, provenance.source, provenance.date,
                               std::string(enum_name(provenance.confidence))});
    };
    if (figures->power && !part.passive) {
      const std::string low = to_text(figures->power->low);
      const std::string high = to_text(figures->power->high);
      add("power", low == high ? low : fmt::format("{} to {}", low, high),
          part.power_low ? part.power_low->provenance : part.provenance);
    }
    if (figures->price) {
      add("price", price_text(*figures->price),
          part.price_low ? part.price_low->provenance : part.provenance);
    }
  }
}

std::optional<OpticsVariant> variant_named(const std::string& word, Findings& findings) {
  std::vector<std::string> names;
  for (const auto& [variant, name] : EnumText<OpticsVariant>::kNames) {
    if (word == name) return variant;
    names.emplace_back(name);
  }
  findings.add("--optics",
               fmt::format("no optics '{}'{}", word.substr(0, 80), suggestion(word, names)));
  return std::nullopt;
}

}  // namespace

Result topology_bom(const BomQuery& query, const catalog::Catalog& catalog) {
  Findings findings;
  const Mark mark;
  const std::optional<OpticsVariant> variant = variant_named(query.optics, findings);
  const auto machine = network::build_machine(catalog, query.machine, mark, findings);
  const network::PartSet parts(catalog, findings);
  findings.throw_if_any();
  const auto bill_with = [&](OpticsVariant v) {
    return network::make_bill(*machine, parts, catalog, v, mark, findings);
  };
  const Bill bill = bill_with(*variant);
  findings.throw_if_any();
  std::vector<Bill> bills;
  for (const OpticsVariant v :
       {OpticsVariant::kPluggable, OpticsVariant::kLpo, OpticsVariant::kCpo}) {
    bills.push_back(bill_with(v));
  }

  Result result;
  result.version = version();
  result.band_meaning = "low and high ends of the parts' published power and price";
  result.name = fmt::format("{} with {} optics", machine->name, enum_name(*variant));
  auto entries = machine->entries;
  for (const BillLine& line : by_part(bill)) entries.emplace_back("parts", line.part);
  result.catalog_hash = fmt::format("{:016x}", catalog.hash(entries));
  add_metrics(bill, machine->accelerator_count(), result);
  result.tables.push_back(parts_table(bill));
  result.tables.push_back(switches_table(bill));
  if (bill.power_of(network::is_optics).high > Watts()) {
    result.tables.push_back(variants_table(bills));
    result.tables.push_back(savings_table(parts, bills));
    result.plots.push_back(power_plot(bills));
  }
  result.tables.push_back(places_table(bill));
  result.tables.push_back(not_counted_table(bill));
  std::erase_if(result.tables, [](const Table& table) { return table.rows.empty(); });
  if (bill.lines.empty()) {
    result.notes.emplace_back(
        "No part is named by the fabrics: links run on boards that are bought with the "
        "accelerators, or nobody has said what they are made of.");
  }
  add_notes(bill, result);
  for (std::string& note : claim_notes(parts, bills)) {
    result.notes.push_back(std::move(note));
  }
  for (const std::string& assumption : machine->assumptions) result.notes.push_back(assumption);
  add_inputs(bill, parts, result);
  return result;
}

}  // namespace penstock::scenario
