#include "penstock/calibration/collectives.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "penstock/base/parallel.h"
#include "penstock/calibration/library_fit.h"

namespace penstock::calibration {
namespace {

using network::ChannelModel;
using network::LibraryEntry;
using network::SharedBufferModel;

constexpr size_t kRowsMin = 20;  // fewer cannot carry a library's coefficients

/// What NCCL's estimate takes on an architecture. LL's most and NVLS's share: src/graph/tuning.cc;
/// link shares: src/graph/topo.h, 20 of 25 GB/s a link on Ampere, 20.6 of 25 on Hopper. On
/// Blackwell the measured changes of protocol lie one size below those of 40.1 of 50 GB/s.
struct ArchitectureFacts {
  std::string_view architecture;
  network::TunerFacts tuner;
  bool wide_line;  ///< no change of protocol on Blackwell tells of LL128
};

constexpr std::array<ArchitectureFacts, 3> kArchitectures = {
    {{"ampere", {network::Wire::kNvlink, 0.8, 87.7_GBps, 0.0, 8}, true},
     {"hopper", {network::Wire::kNvlink, 0.82, 141.0_GBps, 0.85, 8}, true},
     {"blackwell", {network::Wire::kNvlink, 0.89, 282.0_GBps, 0.74, 8}, false}}};
// PCI Express 5.0: 24 of 64 GB/s, topo.h; LL's most is that of Blackwell
constexpr network::TunerFacts kPcieFacts{network::Wire::kPcie, 0.375, 282.0_GBps, 0.0, 8};

enum class Kind : uint8_t { kChannels, kSharedBuffer, kPlain };

Kind kind_of(std::string_view library) {
  if (library == "nccl") return Kind::kChannels;
  const bool kernels = library.ends_with("_custom") || library == "trtllm_allreduce";
  return kernels ? Kind::kSharedBuffer : Kind::kPlain;
}

struct Fitted {
  LibraryEntry entry;
  size_t coefficient_count = 0;
  std::vector<double> seen_ratios;
  std::vector<double> unseen_ratios;
};

double error_quantile(const std::vector<double>& ratios, double share_fraction) {
  std::vector<double> errors;
  for (const double ratio : ratios) errors.push_back(std::abs(1.0 / ratio - 1.0));
  return quantile_factor(std::move(errors), share_fraction);
}

/// Points of a group; a size is in the same fold for every rank count.
std::vector<LibraryPoint> points_of(const CollectiveGroup& group, BytesPerSecond link) {
  std::map<double, int> folds;
  for (const auto& row : group.rows) folds.emplace(row.payload.value(), 0);
  int next = 0;
  for (auto& [payload, fold] : folds) fold = next++ % 5;
  std::vector<LibraryPoint> points;
  for (const auto& row : group.rows) {
    const network::LibraryCall call = library_call(row);
    points.push_back(
        {call, row.latency, network::flat_times(call, link), {}, folds.at(row.payload.value())});
  }
  return points;
}

/// What every entry says of itself.
LibraryEntry head_of(const CollectiveGroup& group, const catalog::Catalog& catalog,
                     const CollectiveFitOptions& options) {
  LibraryEntry entry;
  entry.id = group.id();
  const std::string release = group.version.empty() ? "" : " " + group.version;
  entry.summary =
      fmt::format("{}{} on {}, fitted to measured calls", group.library, release, group.system);
  entry.source = fmt::format("{}, {} timings, fitted by penstock calibrate collectives",
                             options.source, group.rows.size());
  entry.date = options.date;
  entry.library = group.library;
  entry.version = group.version.empty() ? "unknown" : group.version;
  entry.current = group.current;
  entry.system = group.system;
  entry.link_bandwidth = link_of(group, catalog);
  if (catalog.canonical_id("accelerators", group.system)) {
    Findings findings;
    entry.architecture = catalog.accelerator(group.system, {}, findings)->architecture;
  }
  entry.rank_max = 0;
  for (const auto& row : group.rows) {
    entry.rank_max = std::max(entry.rank_max, row.rank_count);
    entry.payload_max = std::max(entry.payload_max, row.payload);
  }
  return entry;
}

template <class Model>
Fitted finish(LibraryEntry entry, const LibraryFit<Model>& fit,
              const std::vector<LibraryPoint>& points) {
  std::map<network::Operation, std::vector<double>> by_op;
  for (size_t i = 0; i < points.size(); ++i) {
    by_op[points[i].call.op].push_back(fit.unseen_ratios[i]);
  }
  for (const auto& [op, ratios] : by_op) {
    entry.residuals.push_back({op, rounded_factor(quantile_factor(ratios, 0.1)),
                               rounded_factor(quantile_factor(ratios, 0.9)),
                               rounded_factor(error_quantile(ratios, 0.5)),
                               static_cast<int64_t>(ratios.size())});
  }
  const double worst = error_quantile(fit.unseen_ratios, 0.5);
  using catalog::Confidence;
  constexpr double kGood = 0.08;
  constexpr double kFair = 0.2;
  entry.confidence = worst < kGood   ? Confidence::kHigh
                     : worst < kFair ? Confidence::kMedium
                                     : Confidence::kLow;
  return {std::move(entry), fit.coefficient_count, fit.seen_ratios, fit.unseen_ratios};
}

Fitted fit_channels(LibraryEntry entry, const std::vector<LibraryPoint>& points) {
  ChannelModel start;
  start.tuner = kPcieFacts;
  start.ring.crowding_factor = 0.3;
  for (const ArchitectureFacts& facts : kArchitectures) {
    if (entry.architecture != facts.architecture) continue;
    start.tuner = facts.tuner;
    start.ring.crowding_factor = network::RingCoefficients{}.crowding_factor;
    if (facts.wide_line) start.wide_line.emplace();
  }
  const bool switched = std::any_of(points.begin(), points.end(), [&](const LibraryPoint& p) {
    return p.call.op == network::Operation::kAllReduce && p.call.floating &&
           p.call.rank_count >= start.tuner.in_switch_ranks_min;
  });
  if (switched && start.tuner.in_switch_fraction > 0.0) start.in_switch.emplace();
  ChannelModel sharp = start;
  start.ring.bend_factor = 0.6;
  sharp.ring.bend_factor = 1.6;
  const auto fit = fit_library<ChannelModel>({start, sharp}, points);
  entry.channels = fit.model;
  return finish(std::move(entry), fit, points);
}

/// Sizes at which such kernels change over, all powers of two: the best by a short fit.
SharedBufferModel best_switches(const SharedBufferModel& start,
                                const std::vector<LibraryPoint>& points) {
  constexpr int kShort = 10;
  const Bytes first_one_shot(std::exp2(18));
  const Bytes first_payload(std::exp2(20));
  constexpr int kOneShotSteps = 8;
  constexpr int kPayloadSteps = 11;
  SharedBufferModel best = start;
  double best_loss = HUGE_VAL;
  for (const int64_t rank_max : {int64_t{2}, int64_t{8}}) {
    for (int p = 0; p < kPayloadSteps; ++p) {
      for (int o = 0; o < kOneShotSteps; ++o) {
        SharedBufferModel trial = start;
        trial.rank_max = rank_max;
        trial.payload_max = first_payload * std::exp2(p);
        trial.one_shot_max = first_one_shot * std::exp2(o);
        LibraryProblem<SharedBufferModel> problem(trial, points);
        const double loss = problem.fit(-1, {}, kShort).loss_factor;
        if (loss < best_loss) {
          best = trial;
          best_loss = loss;
        }
      }
    }
  }
  return best;
}

Fitted fit_shared_buffer(LibraryEntry entry, std::vector<LibraryPoint> points,
                         const network::Library& fallback) {
  SharedBufferModel start;
  start.fallback = fallback.entry().id;
  for (LibraryPoint& point : points) {
    if (point.call.eager) start.eager.emplace();
    const network::LibraryPrice price = fallback.price(point.call, entry.link_bandwidth);
    point.fallback = {price.duration, price.algorithm, price.protocol};
  }
  const SharedBufferModel switched = best_switches(start, points);
  const auto fit = fit_library<SharedBufferModel>({switched}, points);
  entry.shared_buffer = fit.model;
  return finish(std::move(entry), fit, points);
}

Fitted fit_plain(LibraryEntry entry, const std::vector<LibraryPoint>& points) {
  network::PlainModel start;
  for (const LibraryPoint& point : points) {
    const bool message = point.call.op == network::Operation::kSendReceive;
    (message ? start.message : start.ring).emplace();
  }
  const auto fit = fit_library<network::PlainModel>({start}, points);
  entry.plain = fit.model;
  return finish(std::move(entry), fit, points);
}

/// The library that a system's kernels hand large calls to: NCCL, else what the system has.
const network::Library* fallback_on(const std::string& system,
                                    const std::map<std::string, network::Library>& others) {
  for (const std::string_view name : {"nccl", "oneccl"}) {
    const auto found = others.find(fmt::format("{}_{}", name, system));
    if (found != others.end()) return &found->second;
  }
  return nullptr;
}

Result report_of(const std::vector<Fitted>& fits) {
  Table table{"libraries",
              "Errors of each library on each system; unseen: on sizes kept from the fit",
              {{"library", ""},
               {"version", ""},
               {"system", ""},
               {"rows", ""},
               {"coefficients", ""},
               {"median error, seen", ""},
               {"median error, unseen", ""},
               {"p90 error, unseen", ""}},
              {}};
  Table ops{"collectives",
            "Measured over predicted by collective, on sizes kept from the fit",
            {{"library", ""},
             {"version", ""},
             {"system", ""},
             {"collective", ""},
             {"rows", ""},
             {"median error", ""},
             {"p10", ""},
             {"p90", ""}},
            {}};
  for (const Fitted& fit : fits) {
    const LibraryEntry& e = fit.entry;
    table.rows.push_back(
        {e.library, e.version, e.system, static_cast<int64_t>(fit.seen_ratios.size()),
         static_cast<int64_t>(fit.coefficient_count), error_quantile(fit.seen_ratios, 0.5),
         error_quantile(fit.unseen_ratios, 0.5), error_quantile(fit.unseen_ratios, 0.9)});
    for (const network::LibraryResiduals& r : e.residuals) {
      ops.rows.push_back({e.library, e.version, e.system, std::string(enum_name(r.op)), r.rows,
                          r.error_fraction, r.low_factor, r.high_factor});
    }
  }
  Result result;
  result.name = "calibration of collectives";
  result.tables = {std::move(table), std::move(ops)};
  return result;
}

}  // namespace

CollectiveCalibration calibrate_collectives(const std::vector<measurement::CollectiveRow>& rows,
                                            const catalog::Catalog& catalog,
                                            const CollectiveFitOptions& options) {
  std::vector<CollectiveGroup> groups = collective_groups(rows);
  std::erase_if(groups, [](const CollectiveGroup& g) { return g.rows.size() < kRowsMin; });
  if (groups.empty()) {
    Findings findings;
    findings.add("--data", fmt::format("holds no library with {} rows on a system", kRowsMin));
    findings.throw_if_any();
  }
  std::vector<Fitted> fits(groups.size());
  const auto run = [&](bool with_fallback, const std::map<std::string, network::Library>& others) {
    parallel_for(groups.size(), options.thread_count, [&](size_t i) {
      const CollectiveGroup& group = groups[i];
      const network::Library* fallback = fallback_on(group.system, others);
      const Kind kind = kind_of(group.library);
      if ((kind == Kind::kSharedBuffer) != with_fallback) return;
      LibraryEntry entry = head_of(group, catalog, options);
      const std::vector<LibraryPoint> points = points_of(group, entry.link_bandwidth);
      if (kind == Kind::kChannels) {
        fits[i] = fit_channels(std::move(entry), points);
      } else if (kind == Kind::kSharedBuffer && fallback != nullptr) {
        fits[i] = fit_shared_buffer(std::move(entry), points, *fallback);
      } else {
        fits[i] = fit_plain(std::move(entry), points);
      }
      if (options.progress) options.progress(group.id());
    });
  };
  run(false, {});
  std::map<std::string, network::Library> others;
  for (const Fitted& fit : fits) {
    if (!fit.entry.id.empty()) others.emplace(fit.entry.id, network::Library(fit.entry, nullptr));
  }
  run(true, others);
  CollectiveCalibration out;
  for (const Fitted& fit : fits) out.entries.push_back(fit.entry);
  out.report = report_of(fits);
  return out;
}

std::string library_yaml(const LibraryEntry& entry) {
  Node tree = ConfigWriter::write(entry);
  const auto drop = [](Node& node, const auto& self) -> void {
    std::erase_if(node.entries, [](const NodeEntry& e) { return e.value.is_null(); });
    for (NodeEntry& e : node.entries) self(e.value, self);
    for (Node& item : node.items) self(item, self);
  };
  drop(tree, drop);
  return to_yaml(tree);
}

}  // namespace penstock::calibration
