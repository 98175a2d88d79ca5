#include "penstock/network/dispatch.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "penstock/base/check.h"

namespace penstock::network {
namespace {

double as_factor(int64_t count) { return static_cast<double>(count); }

/// Boxes out of `boxes` that k draws hit, each box equally likely every time.
double hit_factor(double boxes, double draws) {
  if (boxes <= 1.0) return std::min(boxes, draws);
  return boxes * (1.0 - std::pow(1.0 - 1.0 / boxes, draws));
}

/// Ranks out of `ranks` that k of `experts` experts lie on, none taken twice.
double hit_without_repeats_factor(double ranks, int64_t k, double experts) {
  const double own = experts / ranks;
  double missed = 1.0;
  for (int64_t j = 0; j < k && missed > 0.0; ++j) {
    const double left = experts - as_factor(j);
    missed *= std::max(0.0, left - own) / left;
  }
  return ranks * (1.0 - missed);
}

/// Nodes a token may reach and nodes there are.
struct Reach {
  double allowed = 1.0;
  double all = 1.0;
};

Reach reach_of(const DispatchQuestion& q) {
  const int64_t all = (q.rank_count + q.node_ranks - 1) / q.node_ranks;
  const int64_t allowed = q.node_limit > 0 ? std::min(q.node_limit, all) : all;
  return {as_factor(allowed), as_factor(all)};
}

double domains_of(const DispatchQuestion& q) {
  return as_factor((q.rank_count + q.domain_ranks - 1) / q.domain_ranks);
}

bool sends_every_copy(const DispatchQuestion& q) {
  return q.kernel == ExchangeKernel::kLowLatency || q.kernel == ExchangeKernel::kLowLatencyRdma ||
         q.copies == ExchangeCopies::kSelected;
}

/// Distinct scale-up domains of a token.
double domain_visits_factor(const DispatchQuestion& q) {
  const double domains = domains_of(q);
  if (domains <= 1.0) return 1.0;
  const Reach reach = reach_of(q);
  if (q.node_ranks == q.domain_ranks) return hit_factor(reach.allowed, as_factor(q.topk));
  return hit_factor(domains, hit_factor(reach.allowed, as_factor(q.topk)));
}

/// (a^p + b^p)^(1/p) without overflow.
Seconds soft_max(Seconds a, Seconds b, double power_factor) {
  const Seconds large = std::max(a, b);
  const Seconds small = std::min(a, b);
  if (!(large.value() > 0.0)) return large;
  return large * std::pow(1.0 + std::pow(small / large, power_factor), 1.0 / power_factor);
}

void find_bound(DispatchTime& time) {
  const std::array<std::pair<DispatchBound, Seconds>, 5> parts = {
      {{DispatchBound::kScaleUp, time.link + time.issue},
       {DispatchBound::kScaleOut, time.network},
       {DispatchBound::kMultiprocessors, time.multiprocessors},
       {DispatchBound::kPeer, time.peer},
       {DispatchBound::kFloor, time.floor}}};
  const auto most = std::max_element(
      parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  time.bound = most->first;
  if (time.bound == DispatchBound::kScaleUp && time.issue > time.link) {
    time.bound = DispatchBound::kIssue;
  }
}

}  // namespace

Bytes exchange_bytes(ExchangePayload payload, int64_t hidden) {
  constexpr double kFp8Group = 128.0;
  constexpr double kNvfp4Group = 16.0;
  constexpr double kInt8Block = 512.0;
  constexpr double kScale = 4.0;
  const double values = as_factor(hidden);
  if (hidden == 0) return {};
  switch (payload) {
    case ExchangePayload::kBf16: return Bytes(2.0 * values);
    case ExchangePayload::kFp8: return Bytes(values + kScale * std::ceil(values / kFp8Group));
    case ExchangePayload::kFp8Tensor: return Bytes(values);
    case ExchangePayload::kNvfp4: return Bytes(values / 2.0 + std::ceil(values / kNvfp4Group));
    case ExchangePayload::kInt8:
      return Bytes(kInt8Block * std::ceil((values + kScale) / kInt8Block));
  }
  return {};
}

double distinct_ranks_factor(const DispatchQuestion& q) {
  const double ranks = as_factor(q.rank_count);
  const double k = as_factor(q.topk);
  if (q.routing == ExchangeRouting::kBalanced) return std::min(ranks, k);
  const Reach reach = reach_of(q);
  const double allowed = std::min(ranks, ranks * reach.allowed / reach.all);
  const double experts = as_factor(q.expert_count) * reach.allowed / reach.all;
  if (experts >= std::max(k, 1.0)) return hit_without_repeats_factor(allowed, q.topk, experts);
  return hit_factor(allowed, k);
}

DispatchTraffic dispatch_traffic(const DispatchQuestion& q) {
  DispatchTraffic t;
  const double ranks = as_factor(q.rank_count);
  const double domains = domains_of(q);
  const double ranks_of_domain = ranks / domains;
  t.domain_count_factor = domains;
  t.node_visits_factor = domain_visits_factor(q);
  if (q.op == ExchangeOp::kPrepare) return t;
  t.copy = exchange_bytes(q.payload, q.hidden);
  if (sends_every_copy(q)) {
    t.copies_factor = as_factor(q.topk);
    const double elsewhere = t.copies_factor * (ranks - 1.0) / ranks;
    const double outside = t.copies_factor * (ranks - ranks_of_domain) / ranks;
    t.scale_out_factor = q.kernel == ExchangeKernel::kLowLatencyRdma ? elsewhere : outside;
    t.scale_up_factor = elsewhere - t.scale_out_factor;
  } else {
    t.copies_factor = distinct_ranks_factor(q);
    // each domain is sent to once and forwards inside, but for the rank that receives
    t.scale_out_factor = domains > 1.0 ? t.node_visits_factor * (domains - 1.0) / domains : 0.0;
    t.scale_up_factor = t.copies_factor * (ranks_of_domain - 1.0) / ranks_of_domain;
  }
  const Bytes all = t.copy * (as_factor(q.tokens) * q.imbalance_factor);
  t.scale_up_bytes = all * t.scale_up_factor;
  t.scale_out_bytes = all * t.scale_out_factor;
  return t;
}

double multiprocessors_factor(const DispatchQuestion& q, const DispatchMachine& machine) {
  if (q.multiprocessors > 0) return as_factor(q.multiprocessors);
  const bool low_latency =
      q.kernel == ExchangeKernel::kLowLatency || q.kernel == ExchangeKernel::kLowLatencyRdma;
  if (!low_latency) return 0.0;
  const double all = as_factor(machine.multiprocessor_count);
  const double experts = q.expert_count > 0 ? as_factor(q.expert_count) : all;
  return experts / std::ceil(experts / all);
}

DispatchTime dispatch_duration(const DispatchQuestion& q, const DispatchMachine& machine,
                               const DispatchCoefficients& c) {
  constexpr double kKib = 1024.0;  // what coefficients are stated for
  const DispatchTraffic t = dispatch_traffic(q);
  const double ranks = as_factor(q.rank_count);
  const double tokens = as_factor(q.tokens) * q.imbalance_factor;
  const double copies = tokens * t.copies_factor;
  const double kib = t.copy.value() / kKib;
  PENSTOCK_CHECK(t.scale_up_bytes.value() == 0.0 || machine.scale_up.value() > 0.0,
                 "{} ranks of a domain without a scale-up link", q.rank_count);
  PENSTOCK_CHECK(t.scale_out_bytes.value() == 0.0 || machine.scale_out.value() > 0.0,
                 "{} domains without a network interface", t.domain_count_factor);
  DispatchTime time;
  time.floor = c.base + c.per_doubling * std::log2(ranks) +
               c.per_domain_doubling * std::log2(t.domain_count_factor) +
               c.per_expert * as_factor(q.expert_count) + c.per_value * as_factor(q.hidden);
  if (t.scale_up_bytes.value() > 0.0) {
    time.link = t.scale_up_bytes / (machine.scale_up * c.scale_up_fraction);
  }
  if (t.scale_out_bytes.value() > 0.0) {
    time.network = t.scale_out_bytes / (machine.scale_out * c.scale_out_fraction);
  }
  time.issue = (c.copy + c.copy_per_rank * ranks) * copies;
  const double held = std::max(1.0, multiprocessors_factor(q, machine));
  time.multiprocessors =
      (c.token + (c.copy_of_one + c.kib * kib) * t.copies_factor) * (tokens / held);
  time.peer = (c.peer_copy + c.peer_kib * kib) * (copies / ranks);
  const Seconds stream =
      std::max({time.link + time.issue, time.network, time.multiprocessors, time.peer});
  time.duration = soft_max(time.floor, stream, c.overlap_factor);
  find_bound(time);
  return time;
}

}  // namespace penstock::network
