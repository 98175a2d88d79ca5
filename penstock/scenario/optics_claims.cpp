#include "penstock/scenario/optics_claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "penstock/base/text.h"

namespace penstock::scenario {
namespace {

using catalog::PartKind;
using network::Bill;
using network::Interval;
using network::OpticsVariant;
using network::PartFigures;
using network::PartSet;

template <class Q>
SavedShare saved(Interval<Q> before, Interval<Q> after) {
  const double low = before.low > Q() ? 1.0 - after.low / before.low : 0.0;
  const double high = before.high > Q() ? 1.0 - after.high / before.high : 0.0;
  return {std::min(low, high), std::max(low, high)};
}

std::string share_text(SavedShare share) {
  const auto percent = [](double fraction) { return std::llround(100.0 * fraction); };
  if (percent(share.from_fraction) == percent(share.to_fraction)) {
    return fmt::format("{} %", percent(share.to_fraction));
  }
  return fmt::format("{} to {} %", percent(share.from_fraction), percent(share.to_fraction));
}

template <class Q>
std::string interval_text(Interval<Q> i) {
  const std::string low = to_text(i.low, 3);
  const std::string high = to_text(i.high, 3);
  return low == high ? low : fmt::format("{} to {}", low, high);
}

/// A pluggable module and the engine that takes its place at a switch.
struct Port {
  const PartFigures* module = nullptr;
  const PartFigures* engine = nullptr;

  [[nodiscard]] Interval<Watts> engine_power() const {
    Interval<Watts> power = *engine->power;
    if (engine->laser_power) power += *engine->laser_power;
    return power;
  }
  [[nodiscard]] std::optional<Interval<Dollars>> engine_price() const {
    if (!engine->price || !module->price) return std::nullopt;
    Interval<Dollars> price = *engine->price;
    if (engine->laser_price) price += *engine->laser_price;
    return price;
  }
};

/// Ports whose module the CPO bill has engines for.
std::vector<Port> ports(const PartSet& parts, const std::vector<Bill>& bills) {
  std::vector<Port> all;
  for (const network::BillLine& line : bills[0].lines) {
    if (line.kind != PartKind::kOpticalModule) continue;
    const PartFigures* module = parts.find(line.part);
    const PartFigures& engine = parts.in_place_of(*module, OpticsVariant::kCpo, true);
    const bool known = std::any_of(all.begin(), all.end(),
                                   [&](const Port& port) { return port.module == module; });
    const bool used = std::any_of(bills[2].lines.begin(), bills[2].lines.end(),
                                  [&](const auto& l) { return l.part == engine.part.id; });
    if (!known && used && &engine != module && engine.power && module->power) {
      all.push_back({module, &engine});
    }
  }
  return all;
}

void add_port_readings(const Port& port, std::vector<SavingReading>& all) {
  const long long gigabits = std::llround(port.module->part.rate->value.value() * 8e-9);
  const Interval<Watts> before = *port.module->power;
  const Interval<Watts> after = port.engine_power();
  std::optional<SavedShare> cost;
  if (const auto price = port.engine_price()) cost = saved(*port.module->price, *price);
  all.push_back({"cpo", fmt::format("a switch's end of a link of {} Gb/s", gigabits),
                 saved(before, after), cost});
  Interval<Watts> with_chip = after;
  with_chip -= port.engine->host_saving;
  all.push_back({"cpo", "the same, with what its chip saves", saved(before, with_chip), cost});
  // the other end of a link to a card stays as it is
  Interval<Watts> link_before = before * 2.0;
  Interval<Watts> link_after = before;
  link_after += after;
  std::optional<SavedShare> link_cost;
  if (const auto price = port.engine_price()) {
    Interval<Dollars> dollars = *port.module->price;
    dollars += *price;
    link_cost = saved(*port.module->price * 2.0, dollars);
  }
  all.push_back({"cpo", fmt::format("both ends of a link of {} Gb/s to a card", gigabits),
                 saved(link_before, link_after), link_cost});
}

void add_bill_readings(const Bill& before, const Bill& after, std::vector<SavingReading>& all) {
  const std::string optics(enum_name(after.variant));
  const Interval<Watts> light = before.power_of(network::is_optics);
  Interval<Watts> less = after.power_of(network::is_optics);
  const SavedShare cost =
      saved(before.cost_of(network::is_optics), after.cost_of(network::is_optics));
  all.push_back({optics, "all optics of the network", saved(light, less), cost});
  if (after.host_saving.high > Watts()) {
    less -= after.host_saving;
    all.push_back({optics, "all optics, with what switch chips save", saved(light, less), cost});
  }
  all.push_back({optics, "the whole network, switches and cards with it",
                 saved(before.power(), after.power()), saved(before.cost(), after.cost())});
}

std::string verdict(const std::vector<SavingReading>& readings, double quoted_fraction,
                    std::optional<SavedShare> (*share_of)(const SavingReading&)) {
  std::vector<std::string> reached;
  std::vector<std::string> in_part;
  std::vector<std::string> missed;
  for (const SavingReading& r : readings) {
    const std::optional<SavedShare> known = share_of(r);
    if (r.optics != "cpo" || !known) continue;
    const SavedShare& share = *known;
    const std::string text = fmt::format("{} ({})", r.reading, share_text(share));
    if (share.from_fraction >= quoted_fraction) {
      reached.push_back(text);
    } else if (share.to_fraction >= quoted_fraction) {
      in_part.push_back(text);
    } else {
      missed.push_back(text);
    }
  }
  std::string text;
  const auto add = [&](std::string_view word, const std::vector<std::string>& list) {
    if (list.empty()) return;
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", word, join(list));
  };
  add("reached by", reached);
  add("by the high end only of", in_part);
  add("not by", missed);
  return text.empty() ? "not known" : text;
}

std::string port_note(const Port& port) {
  Interval<Watts> processor = *port.module->power;
  processor -= port.engine_power();
  std::string text = fmt::format("Arithmetic of '{}': {} less {} of processor leave {}",
                                 port.engine->part.id, interval_text(*port.module->power),
                                 interval_text(processor), interval_text(port.engine_power()));
  if (port.engine->host_saving.high > Watts()) {
    text +=
        fmt::format("; the chip beside it saves {} more", interval_text(port.engine->host_saving));
  }
  if (const auto price = port.engine_price()) {
    Interval<Dollars> less = *port.module->price;
    less -= *price;
    text += fmt::format("; {} less {} leave {}", interval_text(*port.module->price),
                        interval_text(less), interval_text(*price));
  }
  return text + ".";
}

}  // namespace

std::vector<SavingReading> saving_readings(const PartSet& parts, const std::vector<Bill>& bills) {
  std::vector<SavingReading> all;
  for (const Port& port : ports(parts, bills)) add_port_readings(port, all);
  add_bill_readings(bills[0], bills[2], all);
  add_bill_readings(bills[0], bills[1], all);
  return all;
}

Table savings_table(const PartSet& parts, const std::vector<Bill>& bills) {
  Table table{
      "savings",
      "Saved against pluggable modules with a DSP",
      {{"optics", ""}, {"of", ""}, {"power from", ""}, {"to", ""}, {"cost from", ""}, {"to", ""}},
      {}};
  for (const SavingReading& r : saving_readings(parts, bills)) {
    std::vector<Cell> row = {r.optics, r.reading, r.power.from_fraction, r.power.to_fraction};
    for (const bool from : {true, false}) {
      if (r.cost) {
        row.emplace_back(from ? r.cost->from_fraction : r.cost->to_fraction);
      } else {
        row.emplace_back(std::string("unknown"));
      }
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<std::string> claim_notes(const PartSet& parts, const std::vector<Bill>& bills) {
  std::vector<std::string> notes;
  const std::vector<Port> all = ports(parts, bills);
  if (all.empty()) return notes;
  for (const Port& port : all) notes.push_back(port_note(port));
  const std::vector<SavingReading> readings = saving_readings(parts, bills);
  notes.push_back("The quoted saving of co-packaged optics, 30 % or more of the power, is " +
                  verdict(readings, kQuotedPowerFraction,
                          [](const SavingReading& r) { return std::optional(r.power); }) +
                  ".");
  notes.push_back(
      "The quoted 25 % or more of the cost is " +
      verdict(readings, kQuotedCostFraction, [](const SavingReading& r) { return r.cost; }) + ".");
  return notes;
}

}  // namespace penstock::scenario
