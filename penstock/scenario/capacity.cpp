#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "penstock/base/parallel.h"
#include "penstock/base/text.h"
#include "penstock/scenario/estimate.h"

namespace penstock::scenario {
namespace {

using Metrics = std::vector<Metric>;

double value_of(const Metrics& metrics, std::string_view name) {
  for (const Metric& m : metrics) {
    if (m.name == name) return m.value_factor;
  }
  return 0.0;
}

/// Loads tried so far, in order of load.
class Search {
 public:
  Search(const ScenarioText& text, const catalog::Catalog& catalog, const CapacityQuery& query)
      : text_(text), catalog_(catalog), query_(query) {}

  /// Runs the loads that are not known yet, side by side.
  void try_loads(const std::vector<double>& loads) {
    std::vector<double> fresh;
    for (const double load : loads) {
      if (!tried_.contains(load)) fresh.push_back(load);
    }
    std::vector<std::variant<Metrics, Infeasible>> answers(fresh.size());
    parallel_for(fresh.size(), query_.thread_count, [&](size_t i) {
      const Scenario scenario =
          text_.with({fmt::format("workload.load_factor={:.6g}", fresh[i])}, catalog_);
      answers[i] = run_metrics(scenario);
    });
    for (size_t i = 0; i < fresh.size(); ++i) {
      if (auto* reason = std::get_if<Infeasible>(&answers[i])) {
        infeasible_ = reason->reason;
        return;
      }
      tried_[fresh[i]] = std::get<Metrics>(std::move(answers[i]));
      if (query_.progress) {
        query_.progress(fmt::format("load x {:.4g}: {}", fresh[i],
                                    good(fresh[i]) ? "meets the SLOs" : "does not"));
      }
    }
  }

  [[nodiscard]] bool good(double load) const {
    const Metrics& metrics = tried_.at(load);
    // requests that never got an answer break any latency limit
    const bool all_served = value_of(metrics, "serving.requests.rejected") +
                                value_of(metrics, "serving.requests.timed_out") ==
                            0.0;
    return all_served && std::all_of(query_.limits.begin(), query_.limits.end(),
                                     [&](const SloLimit& l) { return l.met(metrics); });
  }

  [[nodiscard]] const std::map<double, Metrics>& tried() const { return tried_; }
  [[nodiscard]] const std::optional<std::string>& infeasible() const { return infeasible_; }

 private:
  const ScenarioText& text_;
  const catalog::Catalog& catalog_;
  const CapacityQuery& query_;
  std::map<double, Metrics> tried_;
  std::optional<std::string> infeasible_;
};

/// Rounded so that the load written on a command line is the load that was run.
double tidy_load(double load) {
  const std::string text = fmt::format("{:.4g}", load);
  double tidy = load;
  std::from_chars(text.data(), text.data() + text.size(), tidy);
  return tidy;
}

struct Bracket {
  double good = 0.0;  // 0: none found
  double bad = 0.0;   // 0: none found
};

Bracket find_bracket(Search& search) {
  constexpr double kFarthest = 4096.0;
  Bracket bracket;
  search.try_loads({0.5, 1.0, 2.0});
  if (search.infeasible()) return bracket;
  double low = 0.5;
  double high = 2.0;
  while (search.good(high) && high < kFarthest) {
    search.try_loads({2.0 * high, 4.0 * high});
    high *= 2.0;
    if (search.good(high) && search.tried().contains(2.0 * high)) high *= 2.0;
  }
  while (!search.good(low) && low > 1.0 / kFarthest) {
    search.try_loads({low / 2.0, low / 4.0});
    low /= 2.0;
    if (!search.good(low)) low /= 2.0;
  }
  for (const auto& [load, metrics] : search.tried()) {
    if (search.good(load)) {
      bracket.good = load;
    } else {
      bracket.bad = load;
      break;  // the first load that fails bounds the capacity, whatever passes beyond it
    }
  }
  return bracket;
}

void narrow(Search& search, Bracket& bracket, const CapacityQuery& query) {
  while (bracket.good > 0.0 && bracket.bad > bracket.good * (1.0 + query.precision_fraction)) {
    // two probes a round use two threads and shrink the bracket threefold
    const double step = (bracket.bad - bracket.good) / 3.0;
    const double first = tidy_load(bracket.good + step);
    const double second = tidy_load(bracket.good + 2.0 * step);
    if (first <= bracket.good || second >= bracket.bad || first >= second) return;
    search.try_loads({first, second});
    if (!search.good(first)) {
      bracket.bad = first;
    } else if (!search.good(second)) {
      bracket.good = first;
      bracket.bad = second;
    } else {
      bracket.good = second;
    }
  }
}

Table curve_table(const Search& search, const CapacityQuery& query) {
  Table table{"capacity_curve",
              "Every load tried",
              {{"load factor", "x"}, {"requests", "request/s"}, {"output", "token/s"}},
              {}};
  std::vector<std::string> names = {"serving.ttft.p99", "serving.tpot.p99"};
  for (const SloLimit& limit : query.limits) {
    if (std::find(names.begin(), names.end(), limit.metric) == names.end()) {
      names.push_back(limit.metric);
    }
  }
  for (const std::string& name : names) {
    std::string unit;
    for (const Metric& m : search.tried().begin()->second) {
      if (m.name == name) unit = m.unit;
    }
    const bool serving = name.starts_with("serving.");
    table.columns.push_back({serving ? name.substr(8) : name, unit});
  }
  table.columns.push_back({"utilization", ""});
  table.columns.push_back({"verdict", ""});
  for (const auto& [load, metrics] : search.tried()) {
    std::vector<Cell> row = {load, value_of(metrics, "serving.request_throughput"),
                             value_of(metrics, "serving.output_throughput")};
    for (const std::string& name : names) row.emplace_back(value_of(metrics, name));
    row.emplace_back(value_of(metrics, "serving.utilization"));
    row.emplace_back(std::string(search.good(load) ? "meets" : "fails"));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Plot curve_plot(const Search& search, const SloLimit& limit, std::string unit) {
  Plot plot{"curve_" + limit.metric,
            limit.metric + " over load",
            PlotKind::kLine,
            "request rate",
            "request/s",
            limit.metric,
            std::move(unit),
            {},
            {}};
  Line line{limit.metric, {}, {}, false, {}};
  Line bound{"limit " + limit.text, {}, {}, true, {}};
  for (const auto& [load, metrics] : search.tried()) {
    line.x.push_back(value_of(metrics, "serving.request_throughput"));
    line.y.push_back(value_of(metrics, limit.metric));
    bound.x.push_back(line.x.back());
    bound.y.push_back(limit.limit_factor);
  }
  plot.lines = {std::move(line), std::move(bound)};
  return plot;
}

std::string binding_limits(const Search& search, const Bracket& bracket,
                           const CapacityQuery& query) {
  if (bracket.bad == 0.0) return "none within the loads tried";
  std::vector<std::string> broken;
  for (const SloLimit& limit : query.limits) {
    if (!limit.met(search.tried().at(bracket.bad))) broken.push_back(limit.text);
  }
  return broken.empty() ? "rejections or time-outs" : join(broken);
}

}  // namespace

Result estimate_capacity(const ScenarioText& text, const catalog::Catalog& catalog,
                         const CapacityQuery& query) {
  const Scenario base = text.with({}, catalog);
  Result result;
  result.version = version();
  result.name = base.title + ": capacity";
  result.description = base.config.description;
  result.scenario_yaml = base.resolved_yaml;
  result.scenario_hash = base.scenario_hash;
  result.catalog_hash = base.catalog_hash;
  result.seed = static_cast<uint64_t>(base.config.seed);
  result.notes = base.notes;
  if (base.config.workload.closed_loop) {
    Findings findings;
    findings.add(text.source->name,
                 "capacity varies the arrival rate, which a closed loop does not have; remove "
                 "workload.closed_loop");
    findings.throw_if_any();
  }
  Search search(text, catalog, query);
  Bracket bracket = find_bracket(search);
  if (!search.infeasible()) narrow(search, bracket, query);
  if (search.infeasible()) {
    result.infeasible = search.infeasible();
    return result;
  }
  if (bracket.good == 0.0) {
    result.notes.push_back(fmt::format(
        "No load meets the SLOs: even at load x {:.4g} {} fails.", search.tried().begin()->first,
        binding_limits(search, {0.0, search.tried().begin()->first}, query)));
  } else {
    const Metrics& metrics = search.tried().at(bracket.good);
    result.metrics = {{"capacity.load_factor", bracket.good, "x", {}, bracket.bad},
                      {"capacity.request_throughput",
                       value_of(metrics, "serving.request_throughput"),
                       "request/s",
                       {},
                       {}}};
    for (const Metric& m : metrics) result.metrics.push_back(m);
    result.headline = {"capacity.load_factor",
                       "capacity.request_throughput",
                       "serving.output_throughput",
                       "serving.ttft.p99",
                       "serving.tpot.p99",
                       "serving.utilization",
                       "economics.cost_per_million_output_tokens"};
    if (bracket.bad == 0.0) result.metrics.front().high.reset();
    result.notes.push_back(fmt::format("What binds: {}.", binding_limits(search, bracket, query)));
  }
  result.tables.push_back(curve_table(search, query));
  for (const SloLimit& limit : query.limits) {
    std::string unit;
    for (const Metric& m : search.tried().begin()->second) {
      if (m.name == limit.metric) unit = m.unit;
    }
    result.plots.push_back(curve_plot(search, limit, unit));
  }
  return result;
}

}  // namespace penstock::scenario
