#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "penstock/base/text.h"
#include "penstock/network/degraded.h"
#include "penstock/network/priced_collective.h"
#include "penstock/scenario/estimate.h"
#include "penstock/scenario/machine_diagram.h"

namespace penstock::scenario {
namespace {

using network::Collective;
using network::Communication;
using network::Machine;
using network::Operation;
using network::PricedCollective;

constexpr double kSmallestPlotted = 1024.0;  // bytes: below it every collective is all latency
constexpr double kPlotStep = 4.0;
constexpr int kPlotPoints = 12;  // 1 KiB to 4 GiB

std::optional<Operation> operation_of(const std::string& name, Findings& findings) {
  for (const auto& [operation, word] : EnumText<Operation>::kNames) {
    if (name == word) return operation;
  }
  findings.add("OPERATION", fmt::format("no collective '{}'{}", name,
                                        suggestion(name, collective_operations())));
  return std::nullopt;
}

void check_placement(const CollectiveQuery& query, const Machine& machine, int64_t ranks,
                     Findings& findings) {
  const int64_t all = machine.accelerator_count();
  if (ranks < 1) {
    findings.add("--stride", fmt::format("{} accelerators apart leave no rank on the {} of '{}'",
                                         query.stride, all, machine.name));
    return;
  }
  if (ranks > all / std::max<int64_t>(query.stride, 1) + (all % query.stride != 0 ? 1 : 0) ||
      network::Placement{{ranks, query.stride}, 1}.span() > all) {
    findings.add("--ranks",
                 fmt::format("{} ranks {} apart need {} accelerators; '{}' has {}", ranks,
                             query.stride, (ranks - 1) * query.stride + 1, machine.name, all));
    return;
  }
  const network::Placement placement{{ranks, query.stride}, query.group_count};
  if (query.group_count > all / ranks || placement.span() > all) {
    findings.add("--groups",
                 fmt::format("{} groups of {} ranks {} apart do not fit the {} accelerators of "
                             "'{}'",
                             query.group_count, ranks, query.stride, all, machine.name));
  }
}

std::optional<Bytes> payload_of(const CollectiveQuery& query, std::optional<Operation> operation,
                                int64_t ranks, Findings& findings) {
  if (query.payload && query.bytes_per_pair) {
    findings.add("--bytes-per-pair", "give --bytes or --bytes-per-pair, not both");
    return std::nullopt;
  }
  if (query.bytes_per_pair) {
    if (operation && *operation != Operation::kAllToAll) {
      findings.add("--bytes-per-pair",
                   fmt::format("only all_to_all has pairs; '{}' takes --bytes", query.operation));
    }
    return *query.bytes_per_pair * static_cast<double>(ranks);
  }
  if (!query.payload) findings.add("--bytes", "is needed, for example --bytes 1GiB");
  return query.payload;
}

void check_algorithm(const CollectiveQuery& query, const Machine& machine,
                     const Collective& collective, Findings& findings) {
  if (!query.algorithm) return;
  const auto* entry = Registry<network::Algorithm>::find(*query.algorithm);
  if (entry == nullptr) {
    findings.add("--algorithm",
                 fmt::format("no algorithm '{}'{}", *query.algorithm,
                             suggestion(*query.algorithm, Registry<network::Algorithm>::names())));
    return;
  }
  const auto refusal = entry->make()->refusal(*machine.topology, collective);
  if (refusal && collective.placement.group.size > 1) {
    findings.add("--algorithm", fmt::format("'{}' cannot do this: {}", *query.algorithm, *refusal));
  }
}

Table phases_table(const Machine& machine, const PricedCollective& priced) {
  Table table{"phases",
              "Phases on the fabric",
              {{"phase", ""},
               {"rounds", ""},
               {"bytes of a flow", "B"},
               {"rate of a flow", "B/s"},
               {"most loaded links", ""},
               {"flows there", ""},
               {"latency", "s"},
               {"transfer", "s"}},
              {}};
  for (const network::PricedPhase& phase : priced.phases) {
    table.rows.push_back({phase.cost.phase.name, phase.cost.phase.round_count,
                          phase.cost.phase.flow_bytes.value(), phase.cost.rate.rate_each.value(),
                          machine.topology->links()[phase.cost.rate.bottleneck].name,
                          phase.cost.rate.flows_on_bottleneck_factor, phase.latency.value(),
                          phase.transfer.value()});
  }
  return table;
}

Table algorithms_table(const std::vector<PricedCollective>& all) {
  Table table{
      "algorithms",
      "Algorithms, fastest first",
      {{"algorithm", ""}, {"duration", "s"}, {"of it latency", "s"}, {"low", "s"}, {"high", "s"}},
      {}};
  for (const PricedCollective& one : all) {
    table.rows.push_back({one.algorithm, one.duration.value(), one.latency().value(),
                          one.low.value(), one.high.value()});
  }
  return table;
}

/// Use of each class of links in the phase that moves bytes longest.
Table loads_table(const Machine& machine, const PricedCollective& priced) {
  Table table{"link_use",
              "Links while the longest phase runs at full rate",
              {{"links", ""}, {"bundles", ""}, {"of each, one way", "B/s"}, {"used", ""}},
              {}};
  const network::PricedPhase* longest = priced.longest();
  if (longest == nullptr) return table;
  for (size_t c = 0; c < machine.topology->links().size(); ++c) {
    const network::LinkClass& links = machine.topology->links()[c];
    table.rows.push_back({links.name, links.bundle_count, links.bandwidth_each_way().value(),
                          longest->cost.rate.use_fraction_of_class[c]});
  }
  return table;
}

Plot size_plot(const Machine& machine, const Communication& communication, Collective collective,
               const std::optional<std::string>& algorithm, network::RateMemo& memo) {
  Plot plot;
  plot.id = "time_against_size";
  plot.title = "Time against message size";
  plot.kind = PlotKind::kScatter;
  plot.x_name = "bytes";
  plot.x_unit = "B";
  plot.y_name = "duration";
  plot.y_unit = "s";
  Line bound{"bytes over an accelerator's links", {}, {}, true, {}};
  Line latency{"latency bound", {}, {}, false, {}};
  Line bandwidth{"bandwidth bound", {}, {}, false, {}};
  double bytes = kSmallestPlotted;
  for (int i = 0; i < kPlotPoints; ++i, bytes *= kPlotStep) {
    collective.payload = Bytes(bytes);
    const PricedCollective priced =
        network::price_collective(machine, communication, collective, algorithm, memo);
    const bool moving = priced.fabric_bound * 2.0 >= priced.duration;
    Line& line = moving ? bandwidth : latency;
    line.x.push_back(bytes);
    line.y.push_back(priced.duration.value());
    bound.x.push_back(bytes);
    bound.y.push_back(priced.fabric_bound.value());
  }
  for (Line* line : {&latency, &bandwidth}) {
    if (!line->x.empty()) plot.lines.push_back(std::move(*line));
  }
  plot.lines.push_back(std::move(bound));
  return plot;
}

void add_metrics(Result& result, const Collective& collective, const PricedCollective& priced) {
  const auto add = [&](std::string name, double value, std::string unit) {
    result.metrics.push_back({std::move(name), value, std::move(unit), {}, {}});
    result.headline.push_back(result.metrics.back().name);
  };
  const auto n = static_cast<double>(collective.placement.group.size);
  add("network.collective.duration", priced.duration.value(), "s");
  result.metrics.back().low = std::min(priced.low, priced.duration).value();
  result.metrics.back().high = std::max(priced.high, priced.duration).value();
  add("network.collective.bytes_per_rank", collective.payload.value(), "B");
  if (collective.operation == Operation::kAllToAll) {
    add("network.collective.bytes_per_pair", collective.payload.value() / n, "B");
  }
  if (priced.duration == Seconds()) return;
  const BytesPerSecond speed = collective.payload / priced.duration;
  add("network.collective.algorithm_bandwidth", speed.value(), "B/s");
  double factor = 1.0;
  if (collective.operation == Operation::kAllReduce) factor = 2.0 * (n - 1.0) / n;
  if (collective.operation == Operation::kAllGather ||
      collective.operation == Operation::kReduceScatter ||
      collective.operation == Operation::kAllToAll) {
    factor = (n - 1.0) / n;
  }
  add("network.collective.bus_bandwidth", (speed * factor).value(), "B/s");
  add("network.collective.link_share", priced.fabric_bound / priced.duration, "");
  add("network.collective.multiprocessor_share", priced.multiprocessor_fraction, "");
}

void add_notes(Result& result, const Machine& machine, const Communication& communication,
               const Collective& collective, const PricedCollective& priced) {
  std::string by = priced.algorithm;
  if (!priced.protocol.empty()) by += ", protocol " + priced.protocol;
  result.notes.push_back(fmt::format("By {}.", by));
  if (const network::PricedPhase* longest = priced.longest()) {
    result.notes.push_back(fmt::format(
        "The cut that binds: '{}', {} flows of {} on each bundle of {} each way.",
        machine.topology->links()[longest->cost.rate.bottleneck].name,
        std::round(longest->cost.rate.flows_on_bottleneck_factor * 100.0) / 100.0,
        to_text(longest->cost.phase.flow_bytes),
        to_text(machine.topology->links()[longest->cost.rate.bottleneck].bandwidth_each_way())));
  }
  const double share = priced.fabric_bound / priced.duration;
  if (priced.duration > Seconds()) {
    result.notes.push_back(
        fmt::format("{} bound: an accelerator's links are busy for {:.0f} % of the time.",
                    share >= 0.5 ? "Bandwidth" : "Latency", share * 100.0));
  }
  result.notes.push_back(communication.note);
  if (priced.measured_library && priced.outside_domain) {
    result.notes.push_back(fmt::format("Outside what was measured: up to {} ranks and {}.",
                                       communication.inside->entry().rank_max,
                                       to_text(communication.inside->entry().payload_max)));
  }
  if (machine.topology->domain_size() < machine.accelerator_count() &&
      collective.placement.group.size > 1) {
    result.notes.push_back(
        "Rounds between domains use constants of NCCL's tuner: not scored against measurements.");
  }
  for (const std::string& assumption : machine.assumptions) result.notes.push_back(assumption);
}

/// "l1 to l2/3=0.5": the bundle of a class of links and the share of its capacity that is left.
std::optional<network::LinkChange> link_change(const std::string& text,
                                               const network::Topology& topology,
                                               Findings& findings) {
  const size_t slash = text.rfind('/');
  const size_t equals = text.rfind('=');
  network::LinkChange change;
  const char* end = text.data() + text.size();
  bool read = slash != std::string::npos && equals != std::string::npos && slash < equals;
  if (read) {
    const auto bundle =
        std::from_chars(text.data() + slash + 1, text.data() + equals, change.bundle);
    const auto share = std::from_chars(text.data() + equals + 1, end, change.capacity_fraction);
    read = bundle.ec == std::errc{} && bundle.ptr == text.data() + equals &&
           share.ec == std::errc{} && share.ptr == end && change.capacity_fraction >= 0.0 &&
           change.capacity_fraction <= 1.0;
  }
  if (!read) {
    findings.add("--degrade", fmt::format("'{}' is not LINKS/BUNDLE=SHARE with a share from 0 to "
                                          "1, such as \"{}/0=0.5\"",
                                          text, topology.links()[0].name));
    return std::nullopt;
  }
  const std::string name = text.substr(0, slash);
  std::vector<std::string> names;
  for (size_t c = 0; c < topology.links().size(); ++c) {
    const network::LinkClass& links = topology.links()[c];
    names.push_back(links.name);
    if (links.name != name) continue;
    change.link_class = c;
    if (change.bundle >= 0 && change.bundle < links.bundle_count) return change;
    findings.add("--degrade", fmt::format("'{}' has bundles 0 to {}; got {}", name,
                                          links.bundle_count - 1, change.bundle));
    return std::nullopt;
  }
  findings.add("--degrade", fmt::format("no links '{}'{}", name, suggestion(name, names)));
  return std::nullopt;
}

/// What a loss of capacity adds: each phase flow by flow, with and without it.
void add_degraded(Result& result, const Machine& machine, const PricedCollective& priced,
                  const std::vector<network::LinkChange>& changes) {
  std::vector<network::PhaseCost> phases;
  for (const network::PricedPhase& phase : priced.phases) phases.push_back(phase.cost);
  const network::DegradedReport report =
      network::simulate_degraded(*machine.topology, phases, changes);
  if (!report.cut_off.empty()) {
    result.infeasible = report.cut_off;
    result.metrics.clear();
    result.headline.clear();
    return;
  }
  Table table{"degraded",
              "Bytes of the slowest flow, simulated one by one",
              {{"phase", ""}, {"all capacity", "s"}, {"what is left", "s"}, {"slower by", ""}},
              {}};
  Seconds more;
  for (size_t i = 0; i < report.phases.size(); ++i) {
    const network::DegradedPhase& phase = report.phases[i];
    const double slower = phase.degraded / phase.healthy;
    more = more + priced.phases[i].transfer * (slower - 1.0);
    table.rows.push_back(
        {priced.phases[i].cost.phase.name, phase.healthy.value(), phase.degraded.value(), slower});
  }
  result.tables.insert(result.tables.begin(), std::move(table));
  const Seconds duration = priced.duration + more;
  result.metrics.push_back({"network.collective.degraded_duration", duration.value(), "s", {}, {}});
  result.headline.push_back(result.metrics.back().name);
}

std::vector<network::LinkChange> read_changes(const CollectiveQuery& query, const Machine& machine,
                                              const PricedCollective& priced, Findings& findings) {
  std::vector<network::LinkChange> changes;
  for (const std::string& text : query.degraded) {
    const auto change = link_change(text, *machine.topology, findings);
    if (change) changes.push_back(*change);
  }
  for (const network::PricedPhase& phase : priced.phases) {
    const int64_t flows = network::flow_count_of(phase.cost.phase.traffic);
    if (changes.empty() || flows <= network::kMostExplicitFlows) continue;
    findings.add("--degrade",
                 fmt::format("'{}' has {} flows; at most {} are simulated one by one",
                             phase.cost.phase.name, flows, network::kMostExplicitFlows));
  }
  return changes;
}

}  // namespace

std::vector<std::string> collective_operations() {
  std::vector<std::string> names;
  for (const auto& [operation, name] : EnumText<Operation>::kNames) names.emplace_back(name);
  return names;
}

Result estimate_collective(const CollectiveQuery& query, const catalog::Catalog& catalog) {
  Findings findings;
  const std::optional<Operation> operation = operation_of(query.operation, findings);
  const Mark mark;
  const std::optional<Machine> machine =
      network::build_machine(catalog, query.system, mark, findings);
  if (query.stride < 1) findings.add("--stride", "must be at least 1");
  findings.throw_if_any();
  const int64_t ranks = query.rank_count.value_or(machine->accelerator_count() / query.stride);
  check_placement(query, *machine, ranks, findings);
  const std::optional<Bytes> payload = payload_of(query, operation, ranks, findings);
  const Communication communication =
      network::choose_communication(catalog, *machine, query.library, findings);
  findings.throw_if_any();
  const Collective collective{*operation, {{ranks, query.stride}, query.group_count}, *payload};
  check_algorithm(query, *machine, collective, findings);
  findings.throw_if_any();

  network::RateMemo memo;
  const PricedCollective priced =
      network::price_collective(*machine, communication, collective, query.algorithm, memo);
  const std::vector<network::LinkChange> changes = read_changes(query, *machine, priced, findings);
  findings.throw_if_any();
  Result result;
  result.version = version();
  result.name = fmt::format("{} over {} ranks of {}", query.operation, ranks, machine->name);
  result.catalog_hash = fmt::format("{:016x}", catalog.hash(machine->entries));
  add_metrics(result, collective, priced);
  add_notes(result, *machine, communication, collective, priced);
  result.tables.push_back(phases_table(*machine, priced));
  result.tables.push_back(
      algorithms_table(network::price_algorithms(*machine, communication, collective, memo)));
  result.tables.push_back(loads_table(*machine, priced));
  if (const network::PricedPhase* longest = priced.longest()) {
    result.diagrams.push_back(load_diagram(*machine, longest->cost.rate.use_fraction_of_class));
    result.diagrams.back().title = fmt::format("Use of links in {}", result.name);
  }
  if (ranks > 1) {
    result.plots.push_back(size_plot(*machine, communication, collective, query.algorithm, memo));
  }
  if (!changes.empty()) add_degraded(result, *machine, priced, changes);
  return result;
}

}  // namespace penstock::scenario
