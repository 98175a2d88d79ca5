#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "penstock/base/text.h"
#include "penstock/network/dispatch_ranks.h"
#include "penstock/network/dispatch_set.h"
#include "penstock/network/machine.h"
#include "penstock/scenario/estimate.h"

namespace penstock::scenario {
namespace {

using catalog::ExchangeOp;
using network::DispatchFit;
using network::DispatchOffer;
using network::DispatchQuestion;
using network::DispatchSet;
using network::DispatchTime;

/// Some systems of one kind.
struct Machines {
  catalog::System system;
  catalog::Accelerator accelerator;
  int64_t count = 1;
  int64_t ranks_per_accelerator = 1;
  network::RankPlaces places;
  network::DispatchMachine rank;

  [[nodiscard]] int64_t rank_count() const {
    return system.accelerator_count.value * ranks_per_accelerator * count;
  }
};

/// Ranks of a package as libraries run on it; one where nobody measured its kin.
int64_t ranks_per_accelerator(const catalog::Accelerator& accelerator,
                              const std::vector<DispatchSet>& sets,
                              const catalog::Catalog& catalog) {
  for (const DispatchSet& set : sets) {
    for (const DispatchFit& fit : set.fits) {
      Findings none;
      const auto other = catalog.accelerator(fit.accelerator, {}, none);
      if (other && network::kinship_of(accelerator, *other) <= network::Kinship::kArchitecture) {
        return fit.ranks_per_accelerator;
      }
    }
  }
  return 1;
}

Machines machines_of(const DispatchQuery& query, const std::vector<DispatchSet>& sets,
                     const catalog::Catalog& catalog, Findings& findings) {
  Machines m;
  const auto machine = network::build_machine(catalog, query.system, {}, findings);
  if (!machine) return m;
  const catalog::System* system = &machine->system;
  m.system = *system;
  m.count = machine->system_count;
  if (!system->accelerator) {
    findings.add("--system", system->id + " names no accelerator of the catalog");
    return m;
  }
  const auto accelerator = catalog.accelerator(*system->accelerator, {}, findings);
  if (!accelerator) return m;
  m.accelerator = *accelerator;
  m.ranks_per_accelerator = ranks_per_accelerator(m.accelerator, sets, catalog);
  m.places = network::rank_places(m.system, m.ranks_per_accelerator);
  m.rank = network::rank_machine(m.accelerator, m.ranks_per_accelerator);
  if (m.system.scale_up.bandwidth_each_way) {
    m.rank.scale_up =
        m.system.scale_up.bandwidth_each_way->value / static_cast<double>(m.ranks_per_accelerator);
  }
  if (query.network) m.rank.scale_out = *query.network;
  return m;
}

void check_group(const DispatchQuery& q, const Machines& m, Findings& findings) {
  if (q.topk > q.experts) {
    findings.add("--topk", fmt::format("{} of {} experts", q.topk, q.experts));
  }
  if (q.experts % q.ranks != 0) {
    findings.add("--ep",
                 fmt::format("{} experts do not divide by {} ranks: {} / {} = {:.2f}", q.experts,
                             q.ranks, q.experts, q.ranks,
                             static_cast<double>(q.experts) / static_cast<double>(q.ranks)));
  }
  if (m.accelerator.id.empty()) return;
  const int64_t have = m.rank_count();
  if (q.ranks > have) {
    const int64_t one = have / m.count;
    findings.add("--ep",
                 fmt::format("{} ranks on {} x {} accelerators x {} = {}; {}_x{} would do", q.ranks,
                             m.count, m.system.accelerator_count.value, m.ranks_per_accelerator,
                             have, m.system.id, (q.ranks + one - 1) / one));
  }
  if (!(m.rank.scale_up.value() > 0.0)) {
    findings.add("--system", m.system.id + " has no published scale-up bandwidth");
  }
  if (q.ranks > m.places.domain_ranks && !(m.rank.scale_out.value() > 0.0)) {
    findings.add("--network", fmt::format("{} ranks cross scale-up domains of {}, and the catalog "
                                          "has no network interface of {}; give its bandwidth",
                                          q.ranks, m.places.domain_ranks, m.accelerator.id));
  }
}

network::DispatchAsk ask_of(const DispatchQuery& query, const Machines& m) {
  network::DispatchAsk ask;
  DispatchQuestion& q = ask.dispatch;
  q.op = ExchangeOp::kDispatch;
  q.payload = query.payload;
  q.rank_count = query.ranks;
  q.domain_ranks = m.places.domain_ranks;
  q.node_ranks = m.places.node_ranks;
  q.node_limit = query.node_limit;
  q.tokens = query.tokens;
  q.hidden = query.hidden;
  q.topk = query.topk;
  q.expert_count = query.experts;
  q.multiprocessors = query.multiprocessors;
  q.imbalance_factor = query.imbalance_ratio;
  ask.combine = q;
  ask.combine.op = ExchangeOp::kCombine;
  ask.combine.payload = query.combine_payload;
  ask.kernel = query.kernel;
  ask.set = query.library;
  return ask;
}

/// One call answered.
struct Call {
  ExchangeOp op = ExchangeOp::kDispatch;
  const DispatchFit* fit = nullptr;
  DispatchQuestion question;
  DispatchTime time;
  Seconds low;
  Seconds high;
};

std::vector<Call> calls_of(const DispatchOffer& offer, const network::DispatchAsk& ask,
                           const Machines& m) {
  // every doubling beyond what was measured moves a prediction by about so much, and a tier that no
  // row crossed by as much as a stranger's fit (docs/formulas/dispatch.md)
  constexpr double kDoublingSpread = 1.05;
  double spread = network::kin_spread_factor(offer.kinship) *
                  std::pow(kDoublingSpread, offer.distance_factor / 2.0);
  if (offer.lacks_network) spread *= network::kin_spread_factor(network::Kinship::kVendor);
  std::vector<Call> calls;
  for (const ExchangeOp op : {ExchangeOp::kPrepare, ExchangeOp::kDispatch, ExchangeOp::kCombine}) {
    Call call;
    call.op = op;
    call.fit = offer.fit(op);
    if (call.fit == nullptr) continue;
    call.question =
        network::question_for(*call.fit, op == ExchangeOp::kCombine ? ask.combine : ask.dispatch);
    call.time = network::dispatch_duration(call.question, m.rank, call.fit->coefficients);
    // no luck beats the links
    const Seconds least = std::max(call.time.link * call.fit->coefficients.scale_up_fraction,
                                   call.time.network * call.fit->coefficients.scale_out_fraction);
    call.low = std::max(least, call.time.duration * (call.fit->low_factor / spread));
    call.high = call.time.duration * (call.fit->high_factor * spread);
    calls.push_back(call);
  }
  return calls;
}

Seconds total_of(const std::vector<Call>& calls) {
  Seconds total;
  for (const Call& call : calls) total += call.time.duration;
  return total;
}

/// The best offer; without a kernel asked for, the fastest of those measured as near as it.
const DispatchOffer& choose(const std::vector<DispatchOffer>& offers,
                            const network::DispatchAsk& ask, const Machines& m) {
  constexpr double kAsNear = 0.5;  // half a doubling
  const DispatchOffer* best = &offers.front();
  if (ask.kernel) return *best;
  for (const DispatchOffer& offer : offers) {
    const bool near = offer.lacks_network == offers.front().lacks_network &&
                      offer.kinship == offers.front().kinship &&
                      offer.distance_factor <= offers.front().distance_factor + kAsNear;
    // of two releases of one kernel the better measured answers
    const bool other_kernel = std::none_of(offers.data(), &offer, [&](const DispatchOffer& before) {
      return before.kernel == offer.kernel;
    });
    if (!near || !other_kernel) continue;
    if (total_of(calls_of(offer, ask, m)) < total_of(calls_of(*best, ask, m))) best = &offer;
  }
  return *best;
}

/// Multiprocessors that a call holds; 0 where its kernel is not known by them.
double held_factor(const Call& call, const Machines& m) {
  const network::DispatchCoefficients& c = call.fit->coefficients;
  const bool counted = call.fit->multiprocessors || c.kib.value() > 0.0;
  return counted ? network::multiprocessors_factor(call.question, m.rank) : 0.0;
}

Table call_table(const std::vector<Call>& calls) {
  Table table{"calls",
              "Calls of one exchange, per rank",
              {{"call", ""},
               {"duration", "s"},
               {"low", "s"},
               {"high", "s"},
               {"copies a token", ""},
               {"bytes a copy", "B"},
               {"scale-up", "B"},
               {"scale-out", "B"},
               {"bound by", ""}},
              {}};
  for (const Call& call : calls) {
    const auto traffic = network::dispatch_traffic(call.question);
    table.rows.push_back({std::string(enum_name(call.op)), call.time.duration.value(),
                          call.low.value(), call.high.value(), traffic.copies_factor,
                          traffic.copy.value(), traffic.scale_up_bytes.value(),
                          traffic.scale_out_bytes.value(),
                          std::string(enum_name(call.time.bound))});
  }
  return table;
}

Table part_table(const std::vector<Call>& calls) {
  Table table{"parts",
              "What each call would take if nothing else held it",
              {{"call", ""},
               {"start and synchronisation", "s"},
               {"scale-up link", "s"},
               {"issuing copies", "s"},
               {"network interface", "s"},
               {"multiprocessors", "s"},
               {"queue of a peer", "s"}},
              {}};
  for (const Call& call : calls) {
    const DispatchTime& t = call.time;
    table.rows.push_back({std::string(enum_name(call.op)), t.floor.value(), t.link.value(),
                          t.issue.value(), t.network.value(), t.multiprocessors.value(),
                          t.peer.value()});
  }
  return table;
}

void add_metrics(Result& result, const std::vector<Call>& calls, const Machines& m) {
  const auto add = [&](std::string name, double value, std::string unit) -> Metric& {
    result.metrics.push_back({std::move(name), value, std::move(unit), {}, {}});
    result.headline.push_back(result.metrics.back().name);
    return result.metrics.back();
  };
  Seconds low;
  Seconds high;
  for (const Call& call : calls) {
    low += call.low;
    high += call.high;
  }
  Metric& whole = add("exchange.duration", total_of(calls).value(), "s");
  whole.low = low.value();
  whole.high = high.value();
  Bytes up;
  Bytes out;
  double held = 0.0;
  for (const Call& call : calls) {
    Metric& one =
        add(fmt::format("exchange.{}", enum_name(call.op)), call.time.duration.value(), "s");
    one.low = call.low.value();
    one.high = call.high.value();
    const auto traffic = network::dispatch_traffic(call.question);
    up += traffic.scale_up_bytes;
    out += traffic.scale_out_bytes;
    held = std::max(held, held_factor(call, m));
  }
  add("exchange.scale_up_bytes", up.value(), "B");
  add("exchange.scale_out_bytes", out.value(), "B");
  if (held > 0.0) {
    add("exchange.multiprocessors", held, "");
    const auto all = static_cast<double>(m.rank.multiprocessor_count);
    add("exchange.multiprocessor_share", std::min(1.0, held / all), "");
  } else {
    result.notes.emplace_back("What the kernel takes of the multiprocessors is not published.");
  }
}

void add_notes(Result& result, const DispatchOffer& offer, const std::vector<Call>& calls,
               const Machines& m) {
  for (const Call& call : calls) {
    result.notes.push_back(
        fmt::format("{}: {} kernel of {} on {}, {} rows, median error {:.1f} % on shapes not seen.",
                    enum_name(call.op), enum_name(offer.kernel), offer.set->id, offer.accelerator,
                    with_commas(call.fit->rows), 100.0 * call.fit->error_fraction));
  }
  if (offer.kinship != network::Kinship::kSelf) {
    result.notes.push_back(fmt::format(
        "No fit on {} answers this: that of {} stands in with a band wider by {:.2g} at both ends.",
        m.accelerator.id, offer.accelerator, network::kin_spread_factor(offer.kinship)));
  }
  if (offer.lacks_network) {
    result.notes.emplace_back(
        "Nothing comparable was measured across scale-up domains: the share of the network "
        "interface is assumed.");
  }
  std::vector<std::string> outside;
  for (const Call& call : calls) {
    for (std::string& what : network::outside_of(*call.fit, call.question)) {
      if (std::find(outside.begin(), outside.end(), what) == outside.end()) {
        outside.push_back(std::move(what));
      }
    }
  }
  if (!outside.empty()) {
    result.notes.push_back("Outside the measured domain: " + join(outside) + ".");
  }
  if (m.ranks_per_accelerator > 1) {
    result.notes.push_back(
        fmt::format("A rank is a die: {} on each {}.", m.ranks_per_accelerator, m.accelerator.id));
  }
}

}  // namespace

Result estimate_dispatch(const DispatchQuery& query, const catalog::Catalog& catalog) {
  Findings findings;
  const std::vector<DispatchSet> sets = network::dispatch_sets(catalog, findings);
  const Machines machines = machines_of(query, sets, catalog, findings);
  check_group(query, machines, findings);
  std::vector<std::string> ids;
  for (const DispatchSet& set : sets) ids.push_back(set.id);
  if (!query.library.empty() && std::find(ids.begin(), ids.end(), query.library) == ids.end()) {
    findings.add("--library", fmt::format("no library '{}'{} (see: penstock catalog list dispatch)",
                                          query.library, suggestion(query.library, ids)));
  }
  findings.throw_if_any();
  const network::DispatchAsk ask = ask_of(query, machines);
  const auto offers = network::dispatch_offers(sets, catalog, machines.accelerator, ask);
  if (offers.empty()) {
    findings.add("--kernel", fmt::format("no measured {} kernel{}",
                                         query.kernel ? enum_name(*query.kernel) : "exchange",
                                         query.library.empty() ? "" : " of " + query.library));
    findings.throw_if_any();
  }
  const DispatchOffer& offer = choose(offers, ask, machines);
  const std::vector<Call> calls = calls_of(offer, ask, machines);
  Result result;
  result.version = version();
  result.name = fmt::format("exchange of {} ranks on {}", query.ranks, query.system);
  add_metrics(result, calls, machines);
  result.tables = {call_table(calls), part_table(calls)};
  add_notes(result, offer, calls, machines);
  return result;
}

}  // namespace penstock::scenario
