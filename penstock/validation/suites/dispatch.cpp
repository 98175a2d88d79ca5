#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "penstock/base/parallel.h"
#include "penstock/calibration/dispatch_calls.h"
#include "penstock/calibration/dispatch_fit.h"
#include "penstock/network/dispatch_set.h"
#include "penstock/validation/suite.h"

namespace penstock::validation {
namespace {

using calibration::DispatchCall;
using network::DispatchFit;
using network::DispatchSet;
using network::ExchangeOp;

constexpr std::array<std::string_view, 2> kFiles = {"moe_dispatch_combine.csv",
                                                    "published_network.csv"};
constexpr size_t kChunk = 512;  // rows a thread takes at a time
constexpr std::string_view kByKin = "by kin";
constexpr std::string_view kNotify = "notify phase";

/// A prediction with its band.
struct Price {
  Seconds duration;
  double low_factor = 1.0;
  double high_factor = 1.0;
};

Price price_of(const DispatchFit& fit, const DispatchCall& call, double spread_factor) {
  network::DispatchQuestion q = network::question_for(fit, call.question);
  q.copies = call.question.copies;
  const auto time = network::dispatch_duration(q, call.machine, fit.coefficients);
  return {time.duration, fit.low_factor / spread_factor, fit.high_factor * spread_factor};
}

bool same_payload_kind(const DispatchFit& fit, const DispatchCall& call) {
  return std::find(fit.payloads.begin(), fit.payloads.end(), call.question.payload) !=
         fit.payloads.end();
}

class Dispatch final : public Suite {
 public:
  [[nodiscard]] std::span<const std::string_view> files() const override { return kFiles; }
  [[nodiscard]] size_t needed() const override { return 1; }
  [[nodiscard]] std::vector<std::string> keys() const override {
    return {"library", "accelerator", "kernel", "op", "dtype", "ranks"};
  }
  [[nodiscard]] std::vector<std::string> groups() const override {
    return {"accelerator", "kernel"};
  }

  void read(const SuiteInput& input, Findings& findings) override {
    exchanges_ = measurement::read_exchanges(input.directory, *input.catalog, findings);
  }

  [[nodiscard]] std::vector<Observation> predict(const SuiteInput& input) const override {
    Findings findings;
    const std::vector<DispatchSet> sets = network::dispatch_sets(*input.catalog, findings);
    findings.throw_if_any();
    calibration::DispatchCalls maker(*input.catalog);
    std::vector<Item> items;
    for (const measurement::DispatchRow& row : exchanges_.rows) {
      for (DispatchCall& call : maker.of(row)) items.push_back({&row, std::move(call)});
    }
    const size_t chunks = (items.size() + kChunk - 1) / kChunk;
    std::vector<std::vector<Observation>> parts(chunks);
    parallel_for(chunks, input.thread_count, [&](size_t chunk) {
      const size_t end = std::min(items.size(), (chunk + 1) * kChunk);
      for (size_t i = chunk * kChunk; i < end; ++i) {
        observe(items[i], sets, *input.catalog, parts[chunk]);
      }
    });
    std::vector<Observation> all;
    for (std::vector<Observation>& part : parts) {
      std::move(part.begin(), part.end(), std::back_inserter(all));
    }
    if (input.progress) input.progress(1.0);
    return all;
  }

  [[nodiscard]] std::vector<std::string> notes() const override {
    return {
        "A row with a bandwidth and no latency is compared as the bytes that its table counts over "
        "that bandwidth.",
        "Calls are compared without the notify phase before a dispatch over several nodes, which "
        "is a part of its own; that before a combine is waiting for others and is not predicted.",
        fmt::format("published_network.csv adds {} rows; {} more repeat a number of "
                    "moe_dispatch_combine.csv and are not counted twice.",
                    published_count(), exchanges_.duplicate_count)};
  }

 private:
  struct Item {
    const measurement::DispatchRow* row;
    DispatchCall call;
  };

  [[nodiscard]] int64_t published_count() const {
    return std::count_if(exchanges_.rows.begin(), exchanges_.rows.end(),
                         [](const measurement::DispatchRow& row) { return row.published; });
  }

  /// The fit of the row's own set.
  static const DispatchFit* own_fit(const std::vector<DispatchSet>& sets, const Item& item) {
    const std::string id = calibration::dispatch_set_id(*item.row);
    for (const DispatchSet& set : sets) {
      if (set.id != id) continue;
      for (const DispatchFit& fit : set.fits) {
        const bool same = fit.accelerator == item.row->accelerator &&
                          fit.kernel == item.row->kernel && fit.op == item.call.question.op;
        if (same && same_payload_kind(fit, item.call)) return &fit;
      }
    }
    return nullptr;
  }

  /// The best fit of the same library's kernel that was made on another accelerator.
  struct Kin {
    const DispatchFit* fit = nullptr;
    network::Kinship kinship = network::Kinship::kStranger;
  };
  static Kin kin_fit(const std::vector<DispatchSet>& sets, const Item& item,
                     const catalog::Catalog& catalog) {
    Kin best;
    Findings none;
    const auto own = catalog.accelerator(item.row->accelerator, {}, none);
    const std::string id = calibration::dispatch_set_id(*item.row);
    for (const DispatchSet& set : sets) {
      if (set.id != id) continue;
      for (const DispatchFit& fit : set.fits) {
        if (fit.accelerator == item.row->accelerator || fit.kernel != item.row->kernel) continue;
        if (fit.op != item.call.question.op || !same_payload_kind(fit, item.call)) continue;
        const auto other = catalog.accelerator(fit.accelerator, {}, none);
        const network::Kinship kinship = network::kinship_of(*own, *other);
        if (best.fit == nullptr || kinship < best.kinship) best = {&fit, kinship};
      }
    }
    return best;
  }

  static void answer(Observation& o, const DispatchFit& fit, const DispatchCall& call,
                     network::Kinship kinship) {
    const Price price = price_of(fit, call, network::kin_spread_factor(kinship));
    o.predicted_factor = price.duration.value();
    o.low = price.duration.value() * price.low_factor;
    o.high = price.duration.value() * price.high_factor;
  }

  static void observe(const Item& item, const std::vector<DispatchSet>& sets,
                      const catalog::Catalog& catalog, std::vector<Observation>& out) {
    const measurement::DispatchRow& row = *item.row;
    const network::DispatchQuestion& q = item.call.question;
    Observation o;
    o.metric = "latency";
    if (q.op == ExchangeOp::kPrepare && row.op != ExchangeOp::kPrepare) o.section = kNotify;
    o.keys = {row.release.empty() ? row.library : row.library + " " + row.release,
              row.accelerator,
              std::string(enum_name(row.kernel)),
              std::string(enum_name(q.op)),
              std::string(enum_name(q.payload)),
              fmt::format("{}", q.rank_count)};
    o.place = row.place;
    o.what = fmt::format("{} {} {} {} ep {} tokens {} hidden {} top {} of {} {}{}", o.keys[0],
                         row.accelerator, o.keys[2], o.keys[3], q.rank_count, q.tokens, q.hidden,
                         q.topk, q.expert_count, o.keys[4],
                         q.multiprocessors > 0 ? fmt::format(" on {} SMs", q.multiprocessors) : "");
    o.measured_factor = item.call.measured.value();
    if (o.section == kNotify) o.hint = "waits for a slow or busy network";
    const Kin kin = kin_fit(sets, item, catalog);
    if (kin.fit != nullptr && o.section.empty()) {
      Observation other = o;
      other.section = kByKin;
      answer(other, *kin.fit, item.call, kin.kinship);
      out.push_back(std::move(other));
    }
    const DispatchFit* fit = own_fit(sets, item);
    if (fit == nullptr) {
      o.unanswered = "fewer than three rows of a library's release: nothing to fit";
    } else {
      answer(o, *fit, item.call, network::Kinship::kSelf);
    }
    out.push_back(std::move(o));
  }

  measurement::PublishedDispatch exchanges_;
};

PENSTOCK_REGISTER(Suite, Dispatch,
                  "Mixture-of-experts exchanges: dispatch and combine of DeepEP, TensorRT-LLM and "
                  "Ascend's operators.");

}  // namespace
}  // namespace penstock::validation
