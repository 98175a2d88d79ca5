#include "penstock/calibration/dispatch_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "penstock/base/parallel.h"
#include "penstock/base/rng.h"
#include "penstock/base/text.h"
#include "penstock/calibration/coefficients.h"
#include "penstock/calibration/least_squares.h"
#include "penstock/calibration/quantile.h"

namespace penstock::calibration {
namespace {

using network::DispatchCoefficients;
using network::DispatchFit;
using network::ExchangeKernel;
using network::ExchangeOp;

constexpr size_t kRowsOfOwn = 40;  // fewer cannot carry all coefficients of a kernel
constexpr int kFolds = 5;

/// Rows of one library's kernel and call on one accelerator.
struct Group {
  std::string set;
  std::string library;
  std::string release;
  std::string accelerator;
  ExchangeKernel kernel = ExchangeKernel::kNormal;
  ExchangeOp op = ExchangeOp::kDispatch;
  std::vector<DispatchCall> calls;
  std::set<std::string> sources;
  DispatchCoefficients start;
  std::set<std::string> free;
  DispatchFit fit;
  double seen_fraction = 0.0;  ///< median error of the fit itself
  double p90_fraction = 0.0;   ///< of unseen rows

  [[nodiscard]] bool few() const { return calls.size() < kRowsOfOwn; }
};

/// Least and greatest of a count over calls.
template <class Count>
network::MeasuredRange range_of(const std::vector<DispatchCall>& calls, const Count& count) {
  network::MeasuredRange range{count(calls[0]), count(calls[0])};
  for (const DispatchCall& call : calls) {
    range.least = std::min(range.least, count(call));
    range.greatest = std::max(range.greatest, count(call));
  }
  return range;
}

int64_t domains_of(const DispatchCall& call) {
  return static_cast<int64_t>(network::dispatch_traffic(call.question).domain_count_factor);
}

bool varies(const network::MeasuredRange& range) { return range.least < range.greatest; }

void describe(Group& group) {
  DispatchFit& fit = group.fit;
  fit.accelerator = group.accelerator;
  fit.kernel = group.kernel;
  fit.op = group.op;
  const auto& calls = group.calls;
  fit.copies = calls[0].question.copies;
  fit.routing = calls[0].question.routing;
  fit.ranks_per_accelerator = calls[0].ranks_per_accelerator;
  std::set<network::ExchangePayload> payloads;
  for (const DispatchCall& call : calls) payloads.insert(call.question.payload);
  fit.payloads.assign(payloads.begin(), payloads.end());
  fit.ranks = range_of(calls, [](const DispatchCall& c) { return c.question.rank_count; });
  fit.domains = range_of(calls, domains_of);
  fit.tokens = range_of(calls, [](const DispatchCall& c) { return c.question.tokens; });
  fit.hidden = range_of(calls, [](const DispatchCall& c) { return c.question.hidden; });
  fit.topk = range_of(calls, [](const DispatchCall& c) { return c.question.topk; });
  fit.experts = range_of(calls, [](const DispatchCall& c) { return c.question.expert_count; });
  const auto given =
      range_of(calls, [](const DispatchCall& c) { return c.question.multiprocessors; });
  if (given.least > 0) fit.multiprocessors = given;
  fit.rows = static_cast<int64_t>(calls.size());
}

void add(std::set<std::string>& to, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) to.emplace(name);
}

/// What a kernel is slowed by, as far as the rows vary it.
std::set<std::string> free_of(const Group& group) {
  const DispatchFit& f = group.fit;
  std::set<std::string> free;
  add(free, {"base", "overlap"});
  const bool low_latency = group.kernel == ExchangeKernel::kLowLatency ||
                           group.kernel == ExchangeKernel::kLowLatencyRdma;
  if (group.op == ExchangeOp::kPrepare) {
    free.insert("token");
  } else if (low_latency) {
    add(free, {"scale_up", "token", "kib"});
    if (varies(f.experts)) free.insert("per_expert");
  } else if (group.kernel == ExchangeKernel::kNormal) {
    add(free, {"scale_up", "token", "copy_of_one", "kib"});
    if (varies(f.hidden)) free.insert("per_value");
  } else {
    add(free, {"scale_up", "copy"});
    if (group.kernel == ExchangeKernel::kNvlinkTwoSided) add(free, {"peer_copy", "peer_kib"});
  }
  if (f.domains.greatest > 1) {
    free.insert("per_domain_doubling");
    if (group.op != ExchangeOp::kPrepare) free.insert("scale_out");
  } else if (varies(f.ranks)) {
    free.insert("per_doubling");
  }
  return free;
}

/// Where a search begins: the size that such times have on any machine of the 2020s.
DispatchCoefficients usual(const Group& group) {
  DispatchCoefficients c;
  std::vector<double> times;
  for (const DispatchCall& call : group.calls) times.push_back(call.measured.value());
  constexpr double kFloorShare = 0.7;
  c.base = Seconds(kFloorShare * quantile_factor(times, 0.1));
  c.per_doubling = c.per_domain_doubling = 2_us;
  c.per_expert = Seconds(1e-8);
  c.per_value = Seconds(1e-9);
  c.token = group.op == ExchangeOp::kPrepare ? Seconds(5e-9) : Seconds(3e-7);
  c.copy_of_one = Seconds(5e-8);
  c.kib = Seconds(4e-8);
  c.copy = Seconds(1e-9);
  c.copy_per_rank = Seconds(3e-10);
  c.peer_copy = Seconds(3e-8);
  c.peer_kib = Seconds(2e-9);
  c.overlap_factor = 1.1;
  return c;
}

/// Numbers of all coefficients, and back.
std::vector<Coefficient> numbers_of(const DispatchCoefficients& c) {
  return CoefficientList::of(c);
}

DispatchCoefficients with_numbers(const std::vector<Coefficient>& numbers) {
  std::vector<double> values;
  for (const Coefficient& n : numbers) values.push_back(n.value_factor);
  DispatchCoefficients c;
  CoefficientSetter::set(c, values);
  return c;
}

/// Coefficients that are not free stay as they are.
class Problem {
 public:
  Problem(const Group& group, const DispatchCoefficients& start, const std::set<std::string>& free)
      : calls_(group.calls), numbers_(numbers_of(start)) {
    std::vector<int32_t> all(calls_.size());
    std::iota(all.begin(), all.end(), 0);
    constexpr double kSmallest = 1e-13;
    for (size_t i = 0; i < numbers_.size(); ++i) {
      const Coefficient& n = numbers_[i];
      if (!free.contains(std::string(n.name))) continue;
      places_.push_back(i);
      problem_.start.push_back(std::log(std::max(n.value_factor, kSmallest)));
      problem_.low.push_back(std::log(std::max(n.bounds.min, kSmallest)));
      problem_.high.push_back(std::log(n.bounds.max));
      problem_.rows_of.push_back(all);
    }
    problem_.residuals = [this](std::span<const double> x, std::span<const int32_t> rows,
                                std::span<double> out) { residuals(at(x, false), rows, out); };
  }

  Minimum fit(std::vector<int32_t> rows, std::span<const double> from) {
    problem_.rows = std::move(rows);
    return minimise(problem_, from.empty() ? std::span<const double>(problem_.start) : from);
  }

  /// Rounded: the digits that files show.
  [[nodiscard]] DispatchCoefficients at(std::span<const double> x, bool rounded) const {
    std::vector<Coefficient> numbers = numbers_;
    for (size_t i = 0; i < places_.size(); ++i) {
      const double value = std::exp(x[i]);
      numbers[places_[i]].value_factor = rounded ? rounded_factor(value) : value;
    }
    return with_numbers(numbers);
  }

  /// log(predicted / measured)
  void residuals(const DispatchCoefficients& c, std::span<const int32_t> rows,
                 std::span<double> out) const {
    for (size_t j = 0; j < rows.size(); ++j) {
      const DispatchCall& call = calls_[static_cast<size_t>(rows[j])];
      const auto time = network::dispatch_duration(call.question, call.machine, c);
      out[j] = std::log(time.duration / call.measured);
    }
  }

 private:
  const std::vector<DispatchCall>& calls_;
  std::vector<Coefficient> numbers_;
  std::vector<size_t> places_;
  LeastSquares problem_;
};

/// Equal shapes are kept from a fit together; few rows are dealt out one by one.
int fold_of(const Group& group, size_t i) {
  if (group.few()) return static_cast<int>(i % kFolds);
  const network::DispatchQuestion& q = group.calls[i].question;
  const std::string shape =
      fmt::format("{}/{}/{}/{}/{}", q.rank_count, q.tokens, q.hidden, q.topk, q.expert_count);
  return static_cast<int>(hash_text(shape) % kFolds);
}

double error_quantile(const std::vector<double>& logs, double share) {
  std::vector<double> errors;
  for (const double log : logs) errors.push_back(std::abs(std::exp(log) - 1.0));
  return quantile_factor(std::move(errors), share);
}

void set_band(Group& group, const std::vector<double>& unseen) {
  std::vector<double> ratios;  // measured over predicted
  for (const double log : unseen) ratios.push_back(std::exp(-log));
  // the ends of a handful are its extremes
  const double tail = group.few() ? 0.0 : 0.1;
  group.fit.low_factor = rounded_factor(std::min(1.0, quantile_factor(ratios, tail)));
  group.fit.high_factor = rounded_factor(std::max(1.0, quantile_factor(ratios, 1.0 - tail)));
  group.fit.error_fraction = rounded_factor(error_quantile(unseen, 0.5));
}

void fit_group(Group& group) {
  Problem problem(group, group.start, group.free);
  std::vector<int32_t> every(group.calls.size());
  std::iota(every.begin(), every.end(), 0);
  const Minimum all = problem.fit(every, {});
  group.fit.coefficients = problem.at(all.x, true);
  std::vector<double> seen(every.size());
  problem.residuals(group.fit.coefficients, every, seen);
  std::vector<double> unseen = seen;
  for (int fold = 0; fold < kFolds; ++fold) {
    std::vector<int32_t> kept;
    std::vector<int32_t> left;
    for (const int32_t i : every) {
      (fold_of(group, static_cast<size_t>(i)) == fold ? left : kept).push_back(i);
    }
    if (left.empty() || kept.empty()) continue;
    // a handful starts anew, so that what it has not seen does not guide it
    const Minimum part =
        problem.fit(kept, group.few() ? std::span<const double>{} : std::span<const double>(all.x));
    std::vector<double> out(left.size());
    problem.residuals(problem.at(part.x, false), left, out);
    for (size_t j = 0; j < left.size(); ++j) unseen[static_cast<size_t>(left[j])] = out[j];
  }
  group.seen_fraction = error_quantile(seen, 0.5);
  group.p90_fraction = error_quantile(unseen, 0.9);
  set_band(group, unseen);
}

/// Narrow results are a kernel of their own: they are quantised on the way.
bool narrow(const DispatchCall& call) {
  return call.question.op == ExchangeOp::kCombine &&
         call.question.payload != network::ExchangePayload::kBf16;
}

std::vector<Group> groups_of(const std::vector<measurement::DispatchRow>& rows,
                             const catalog::Catalog& catalog) {
  DispatchCalls calls(catalog);
  std::map<std::tuple<std::string, std::string, ExchangeKernel, ExchangeOp, bool>, Group> groups;
  for (const measurement::DispatchRow& row : rows) {
    for (const DispatchCall& call : calls.of(row)) {
      Group& group = groups[{dispatch_set_id(row), row.accelerator, row.kernel, call.question.op,
                             narrow(call)}];
      group.set = dispatch_set_id(row);
      group.library = row.library;
      group.release = row.release;
      group.accelerator = row.accelerator;
      group.kernel = row.kernel;
      group.op = call.question.op;
      group.calls.push_back(call);
      if (!row.source.empty()) group.sources.insert(row.source);
    }
  }
  std::vector<Group> list;
  for (auto& [key, group] : groups) {
    if (group.calls.size() < kDispatchRowsMin) continue;
    describe(group);
    list.push_back(std::move(group));
  }
  return list;
}

/// The fit that a handful of rows starts from: of the same kernel and call, over the network if
/// those rows are, on the nearest accelerator.
const Group* kin_of(const Group& group, const std::vector<Group>& groups,
                    const catalog::Catalog& catalog) {
  const Group* best = nullptr;
  std::tuple<bool, network::Kinship, size_t> best_rank;
  Findings none;
  const auto own = catalog.accelerator(group.accelerator, {}, none);
  const ExchangeKernel kernel =
      group.kernel == ExchangeKernel::kLowLatencyRdma ? ExchangeKernel::kLowLatency : group.kernel;
  for (const Group& other : groups) {
    const bool alike = !other.few() && other.kernel == kernel && other.op == group.op &&
                       other.library == group.library;
    if (!alike) continue;
    const auto accelerator = catalog.accelerator(other.accelerator, {}, none);
    const std::tuple rank(group.fit.domains.greatest > 1 && other.fit.domains.greatest < 2,
                          network::kinship_of(*own, *accelerator), SIZE_MAX - other.calls.size());
    if (best != nullptr && !(rank < best_rank)) continue;
    best = &other;
    best_rank = rank;
  }
  return best;
}

/// Half of the quickest call of any kernel there: what a start may be where no row shows it.
Seconds start_of_quickest(const Group& group, const std::vector<Group>& groups) {
  Seconds quickest = group.calls[0].measured;
  for (const Group& other : groups) {
    if (other.accelerator != group.accelerator || other.op != group.op) continue;
    for (const DispatchCall& call : other.calls) quickest = std::min(quickest, call.measured);
  }
  return quickest / 2.0;
}

/// A handful moves the base and the shares of a kernel that others were fitted well for; where no
/// such kernel is known, start and transfer in the simplest form.
void prepare_handful(Group& group, const std::vector<Group>& groups,
                     const catalog::Catalog& catalog) {
  const Group* kin = kin_of(group, groups, catalog);
  const bool low_latency = group.kernel != ExchangeKernel::kNormal;
  if (kin != nullptr) {
    group.start = kin->fit.coefficients;
    add(group.free, {"base", "scale_up"});
    if (!low_latency) group.free.insert("kib");
    if (group.fit.domains.greatest > 1) group.free.insert("scale_out");
    return;
  }
  const DispatchCoefficients usually = usual(group);
  group.start = {};
  if (low_latency) {
    // one count of tokens cannot tell the link from the start: its share stays the usual one
    group.start.base = usually.base;
    group.start.per_doubling = usually.per_doubling;
    add(group.free, {"base", "per_doubling"});
  } else {
    group.start.base = start_of_quickest(group, groups);
    group.start.copy = usually.copy;
    group.start.copy_per_rank = usually.copy_per_rank;
    add(group.free, {"scale_up", "copy", "copy_per_rank"});
  }
}

/// Only free coefficients start from their usual size; the others do not limit.
void prepare_own(Group& group) {
  group.free = free_of(group);
  std::vector<Coefficient> numbers = numbers_of({});
  const std::vector<Coefficient> usually = numbers_of(usual(group));
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (group.free.contains(std::string(numbers[i].name))) {
      numbers[i].value_factor = usually[i].value_factor;
    }
  }
  group.start = with_numbers(numbers);
}

Result report_of(const std::vector<Group>& groups) {
  Table table{"fits",
              "Fits of exchanges; unseen: shapes kept from the fit",
              {{"set", ""},
               {"accelerator", ""},
               {"kernel", ""},
               {"op", ""},
               {"rows", ""},
               {"free", ""},
               {"median, seen", ""},
               {"median, unseen", ""},
               {"p90", ""},
               {"low", ""},
               {"high", ""}},
              {}};
  for (const Group& g : groups) {
    table.rows.push_back(
        {g.set, g.accelerator, std::string(enum_name(g.kernel)), std::string(enum_name(g.op)),
         g.fit.rows, static_cast<int64_t>(g.free.size()), g.seen_fraction, g.fit.error_fraction,
         g.p90_fraction, g.fit.low_factor, g.fit.high_factor});
  }
  Result result;
  result.name = "calibration of exchanges";
  result.tables = {std::move(table)};
  return result;
}

std::vector<network::DispatchSet> sets_of(const std::vector<Group>& groups,
                                          const DispatchFitOptions& options) {
  std::map<std::string, network::DispatchSet> sets;
  std::map<std::string, std::set<std::string>> sources;
  for (const Group& g : groups) {
    network::DispatchSet& set = sets[g.set];
    set.id = g.set;
    set.library = g.library;
    set.release = g.release;
    sources[g.set].insert(g.sources.begin(), g.sources.end());
    set.date = options.date;
    if (g.few()) set.confidence = catalog::Confidence::kLow;
    set.fits.push_back(g.fit);
  }
  std::vector<network::DispatchSet> list;
  for (auto& [id, set] : sets) {
    set.summary = fmt::format("Dispatch and combine of {}{}{}", set.library,
                              set.release.empty() ? "" : ", ", set.release);
    const std::vector<std::string> said(sources[id].begin(), sources[id].end());
    set.source = options.source.empty() ? join(said, "; ") : options.source;
    list.push_back(std::move(set));
  }
  return list;
}

}  // namespace

std::string dispatch_set_id(const measurement::DispatchRow& row) {
  std::string id;
  for (const char c : row.library + (row.release.empty() ? "" : "_") + row.release) {
    const bool digit = c >= '0' && c <= '9';
    const bool lower = c >= 'a' && c <= 'z';
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper) {
      id += static_cast<char>(c - 'A' + 'a');
    } else {
      id += digit || lower ? c : '_';
    }
  }
  return id;
}

DispatchCalibration calibrate_dispatch(const std::vector<measurement::DispatchRow>& rows,
                                       const catalog::Catalog& catalog,
                                       const DispatchFitOptions& options) {
  std::vector<Group> groups = groups_of(rows, catalog);
  if (groups.empty()) {
    Findings findings;
    findings.add("--data", fmt::format("holds no kernel and call with {} rows", kDispatchRowsMin));
    findings.throw_if_any();
  }
  // those with rows of their own first: the others start from them
  for (const bool few : {false, true}) {
    std::vector<Group*> now;
    for (Group& group : groups) {
      if (group.few() != few) continue;
      if (few) {
        prepare_handful(group, groups, catalog);
      } else {
        prepare_own(group);
      }
      now.push_back(&group);
    }
    parallel_for(now.size(), options.thread_count, [&](size_t i) { fit_group(*now[i]); });
  }
  return {sets_of(groups, options), report_of(groups)};
}

std::string dispatch_yaml(const network::DispatchSet& set) {
  Node tree = ConfigWriter::write(set);
  const Node neutral = ConfigWriter::write(DispatchCoefficients{});
  for (NodeEntry& entry : tree.entries) {
    if (entry.key != "fits") continue;
    for (Node& fit : entry.value.items) {
      std::erase_if(fit.entries, [](const NodeEntry& e) { return e.value.is_null(); });
      for (NodeEntry& part : fit.entries) {
        if (part.key != "coefficients") continue;
        std::erase_if(part.value.entries, [&](const NodeEntry& e) {
          return neutral.find(e.key)->text == e.value.text;
        });
      }
    }
  }
  std::erase_if(tree.entries, [](const NodeEntry& e) {
    return e.value.is_null() || (e.key == "aliases" && e.value.items.empty());
  });
  return to_yaml(tree);
}

}  // namespace penstock::calibration
