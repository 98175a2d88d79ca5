#include "penstock/network/dispatch_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <tuple>

namespace penstock::network {
namespace {

constexpr int64_t kFewRows = 40;  // fewer carry a few coefficients, the rest is kin's

int64_t domains_of(const DispatchQuestion& q) {
  return (q.rank_count + q.domain_ranks - 1) / q.domain_ranks;
}

/// Eight bits with and without scales are near enough to stand in for each other.
bool has_payload(const DispatchFit& fit, ExchangePayload payload) {
  const auto width = [](ExchangePayload p) {
    return p == ExchangePayload::kFp8Tensor || p == ExchangePayload::kInt8 ? ExchangePayload::kFp8
                                                                           : p;
  };
  return std::any_of(fit.payloads.begin(), fit.payloads.end(),
                     [&](ExchangePayload p) { return width(p) == width(payload); });
}

double distance_of(const DispatchFit& fit, const DispatchQuestion& q) {
  double distance = fit.ranks.doublings_outside_factor(q.rank_count) +
                    fit.tokens.doublings_outside_factor(q.tokens) +
                    fit.hidden.doublings_outside_factor(q.hidden) +
                    fit.topk.doublings_outside_factor(q.topk);
  if (q.expert_count > 0) distance += fit.experts.doublings_outside_factor(q.expert_count);
  if (fit.multiprocessors && q.multiprocessors > 0) {
    distance += fit.multiprocessors->doublings_outside_factor(q.multiprocessors);
  }
  return distance + (has_payload(fit, q.payload) ? 0.0 : 1.0);
}

/// The nearest of a set's fits of one call; nullptr when it has none.
const DispatchFit* nearest_fit(const DispatchSet& set, const std::string& accelerator,
                               ExchangeKernel kernel, const DispatchQuestion& q) {
  const DispatchFit* best = nullptr;
  for (const DispatchFit& fit : set.fits) {
    if (fit.accelerator != accelerator || fit.kernel != kernel || fit.op != q.op) continue;
    if (best == nullptr || distance_of(fit, q) < distance_of(*best, q)) best = &fit;
  }
  return best;
}

bool lacks_network(const DispatchFit& fit, const DispatchQuestion& q) {
  return domains_of(q) > 1 && fit.domains.greatest < 2 &&
         fit.kernel != ExchangeKernel::kLowLatencyRdma;
}

std::optional<DispatchOffer> offer_of(const DispatchSet& set, const std::string& accelerator,
                                      ExchangeKernel kernel, const DispatchAsk& ask) {
  DispatchOffer offer;
  offer.set = &set;
  offer.kernel = kernel;
  offer.accelerator = accelerator;
  offer.dispatch = nearest_fit(set, accelerator, kernel, ask.dispatch);
  offer.combine = nearest_fit(set, accelerator, kernel, ask.combine);
  if (offer.dispatch == nullptr || offer.combine == nullptr) return std::nullopt;
  DispatchQuestion prepare = ask.dispatch;
  prepare.op = ExchangeOp::kPrepare;
  offer.prepare = nearest_fit(set, accelerator, kernel, prepare);
  // counts that travel before the call were measured where they cross the network, else they are
  // inside it
  if (offer.prepare != nullptr && offer.prepare->domains.least > domains_of(ask.dispatch)) {
    offer.prepare = nullptr;
  }
  offer.lacks_network = lacks_network(*offer.dispatch, ask.dispatch);
  offer.distance_factor =
      distance_of(*offer.dispatch, ask.dispatch) + distance_of(*offer.combine, ask.combine);
  return offer;
}

/// nullopt where the text is not a whole number from zero on.
std::optional<int64_t> count_of(std::string_view text) {
  int64_t count = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (code != std::errc{} || end != text.data() + text.size() || count < 0) return std::nullopt;
  return count;
}

std::string text_of(const MeasuredRange& range) {
  return range.least == range.greatest ? fmt::format("{}", range.least)
                                       : fmt::format("{} to {}", range.least, range.greatest);
}

}  // namespace

double MeasuredRange::doublings_outside_factor(int64_t count) const {
  const auto number = static_cast<double>(std::max<int64_t>(count, 1));
  if (count < least) return std::log2(static_cast<double>(least) / number);
  if (count > greatest)
    return std::log2(number / static_cast<double>(std::max<int64_t>(greatest, 1)));
  return 0.0;
}

void read_custom(ConfigReader& reader, const Node& node, MeasuredRange& out) {
  constexpr std::string_view kBetween = " to ";
  const std::string_view text = node.text;
  const size_t at = text.find(kBetween);
  const std::string_view first = text.substr(0, at);
  const std::string_view last =
      at == std::string_view::npos ? first : text.substr(at + kBetween.size());
  const auto least = count_of(first);
  const auto greatest = count_of(last);
  if (node.is_scalar() && least && greatest && *least <= *greatest) {
    out = {*least, *greatest};
    return;
  }
  reader.findings().add(node.mark, "a range is one whole number or two, for example \"8 to 32\"",
                        static_cast<int>(std::max<size_t>(text.size(), 1)));
}

Node write_custom(const MeasuredRange& range) { return scalar_node(text_of(range)); }

std::vector<DispatchSet> dispatch_sets(const catalog::Catalog& catalog, Findings& findings) {
  std::vector<DispatchSet> sets;
  for (const catalog::EntryInfo& entry : catalog.list("dispatch")) {
    const size_t before = findings.size();
    auto set = read_config<DispatchSet>(*catalog.tree("dispatch", entry.id), findings);
    if (findings.size() == before) sets.push_back(std::move(set));
  }
  return sets;
}

void check_dispatch_set(const Node& tree, Findings& findings) {
  static_cast<void>(read_config<DispatchSet>(tree, findings));
}

Kinship kinship_of(const catalog::Accelerator& a, const catalog::Accelerator& b) {
  if (a.id == b.id) return Kinship::kSelf;
  const bool extended = a.architecture.starts_with(b.architecture + "_") ||
                        b.architecture.starts_with(a.architecture + "_");
  if (a.architecture == b.architecture || extended) return Kinship::kArchitecture;
  return a.vendor == b.vendor ? Kinship::kVendor : Kinship::kStranger;
}

double kin_spread_factor(Kinship kinship) {
  // H100's fits predict H200's rows with a median error of 4 to 9 %, B200's GB200's with 7 to 24 %,
  // on half the ranks (section "by kin" of docs/validation.md); what is further is a judgement
  switch (kinship) {
    case Kinship::kSelf: return 1.0;
    case Kinship::kArchitecture: return 1.2;
    case Kinship::kVendor: return 1.5;
    case Kinship::kStranger: return 2.0;
  }
  return 1.0;
}

const DispatchFit* DispatchOffer::fit(ExchangeOp op) const {
  if (op == ExchangeOp::kPrepare) return prepare;
  return op == ExchangeOp::kDispatch ? dispatch : combine;
}

std::vector<std::string> outside_of(const DispatchFit& fit, const DispatchQuestion& q) {
  std::vector<std::string> outside;
  const auto compare = [&](std::string_view what, const MeasuredRange& range, int64_t count) {
    if (range.doublings_outside_factor(count) > 0.0) {
      outside.push_back(fmt::format("{} {} (measured: {})", count, what, text_of(range)));
    }
  };
  compare("ranks", fit.ranks, q.rank_count);
  compare("scale-up domains", fit.domains, domains_of(q));
  compare("tokens a rank", fit.tokens, q.tokens);
  compare("values a token", fit.hidden, q.hidden);
  compare("experts a token", fit.topk, q.topk);
  if (q.expert_count > 0) compare("experts", fit.experts, q.expert_count);
  if (fit.multiprocessors && q.multiprocessors > 0) {
    compare("multiprocessors", *fit.multiprocessors, q.multiprocessors);
  }
  if (!has_payload(fit, q.payload)) {
    outside.push_back(fmt::format("payload {}", enum_name(q.payload)));
  }
  return outside;
}

DispatchQuestion question_for(const DispatchFit& fit, const DispatchQuestion& question) {
  DispatchQuestion q = question;
  q.op = fit.op;
  q.kernel = fit.kernel;
  q.copies = fit.copies;
  // a library is given as many as it was measured best with
  if (q.multiprocessors == 0 && fit.multiprocessors) {
    q.multiprocessors = fit.multiprocessors->greatest;
  }
  return q;
}

std::vector<DispatchOffer> dispatch_offers(const std::vector<DispatchSet>& sets,
                                           const catalog::Catalog& catalog,
                                           const catalog::Accelerator& accelerator,
                                           const DispatchAsk& ask) {
  std::vector<DispatchOffer> offers;
  std::map<std::string, Kinship> kin;
  for (const DispatchSet& set : sets) {
    if (!ask.set.empty() && set.id != ask.set) continue;
    for (const DispatchFit& fit : set.fits) {
      // each kernel once, at its dispatch on an accelerator
      const bool first = fit.op == ExchangeOp::kDispatch &&
                         (!ask.kernel || *ask.kernel == fit.kernel) &&
                         &fit == nearest_fit(set, fit.accelerator, fit.kernel, ask.dispatch);
      if (!first) continue;
      auto offer = offer_of(set, fit.accelerator, fit.kernel, ask);
      if (!offer) continue;
      if (!kin.contains(fit.accelerator)) {
        Findings none;
        const auto other = catalog.accelerator(fit.accelerator, {}, none);
        kin[fit.accelerator] = other ? kinship_of(accelerator, *other) : Kinship::kStranger;
      }
      offer->kinship = kin[fit.accelerator];
      offers.push_back(*offer);
    }
  }
  const auto rank = [](const DispatchOffer& o) {
    return std::tuple(o.lacks_network, o.kinship, o.dispatch->rows < kFewRows, o.distance_factor,
                      -o.dispatch->rows);
  };
  std::stable_sort(offers.begin(), offers.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return offers;
}

}  // namespace penstock::network
