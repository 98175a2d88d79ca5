/// Mixture-of-experts dispatch and combine: what ranks send each other, and how long it takes.
///
/// A token of `hidden` values goes to `topk` of `experts` experts, which lie on `ranks` ranks; each
/// scale-up domain has `domain_ranks` of them. Per rank and call:
///   duration = soft_max(floor, stream; overlap),  soft_max(a, b; p) = (a^p + b^p)^(1/p)
///   floor  = base + per_doubling log2(ranks) + per_domain_doubling log2(domains)
///            + per_expert experts + per_value hidden
///   stream = max(link, network, multiprocessors, peer)
///   link    = scale-up bytes / (bandwidth * scale_up) + copies (copy + copy_per_rank ranks)
///   network = scale-out bytes / (bandwidth * scale_out)
///   multiprocessors = tokens / m * (token + copies a token * (copy_of_one + bytes * kib / 1024))
///   peer    = copies / ranks * (peer_copy + bytes * peer_kib / 1024)
/// Copies: a low-latency kernel sends one a selected expert. The others send one a distinct rank,
/// and over the network one a distinct domain, forwarded inside it. With uniform choice of k of E
/// experts, E/n a rank, distinct ranks are n (1 - C(E - E/n, k) / C(E, k)), in the limit of many
/// experts n (1 - (1 - 1/n)^k). m is given, or for low-latency kernels, which have one group of
/// warps an expert, E / ceil(E / multiprocessors of the chip). `imbalance` multiplies the stream:
/// the fullest rank is waited for.
/// Does not model: contention inside a switch fabric, ranks of unlike speed, waiting for a late
/// rank.
/// Source: DeepEP (deepseek-ai), for what kernels send; coefficients by `penstock calibrate
/// dispatch`. docs/formulas/dispatch.md has the errors.
#pragma once

#include <cstdint>

#include "penstock/base/fields.h"
#include "penstock/base/units.h"
#include "penstock/catalog/exchange.h"

namespace penstock::network {

using catalog::ExchangeCopies;
using catalog::ExchangeKernel;
using catalog::ExchangeOp;
using catalog::ExchangePayload;
using catalog::ExchangeRouting;

struct DispatchQuestion {
  ExchangeOp op = ExchangeOp::kDispatch;
  ExchangeKernel kernel = ExchangeKernel::kNormal;
  ExchangePayload payload = ExchangePayload::kBf16;
  ExchangeCopies copies = ExchangeCopies::kRanks;  ///< of normal kernels
  ExchangeRouting routing = ExchangeRouting::kUniform;
  int64_t rank_count = 1;
  int64_t domain_ranks = 1;  ///< ranks of a whole scale-up domain
  int64_t node_ranks = 1;    ///< ranks of a node: what a routing limit counts
  int64_t node_limit = 0;    ///< nodes a token may reach (group-limited routing); 0: all
  int64_t tokens = 0;        ///< of each rank
  int64_t hidden = 0;
  int64_t topk = 0;
  int64_t expert_count = 0;       ///< 0: many
  int64_t multiprocessors = 0;    ///< given to the call; 0: as the kernel takes them
  double imbalance_factor = 1.0;  ///< copies for the fullest rank over the mean
};

/// What a rank has.
struct DispatchMachine {
  BytesPerSecond scale_up;   ///< one direction
  BytesPerSecond scale_out;  ///< of its network interface, one direction; 0: none
  int64_t multiprocessor_count = 1;
};

/// What one rank sends in a dispatch, or receives in a combine. Copies are means a token.
struct DispatchTraffic {
  Bytes copy;                        ///< of one token, with its scales
  double copies_factor = 0.0;        ///< those for the rank itself included
  double scale_up_factor = 0.0;      ///< of them over the scale-up link
  double scale_out_factor = 0.0;     ///< of them over the network interface
  double node_visits_factor = 0.0;   ///< distinct scale-up domains, its own included
  Bytes scale_up_bytes;              ///< of the fullest rank
  Bytes scale_out_bytes;             ///< of the fullest rank
  double domain_count_factor = 1.0;  ///< scale-up domains that the ranks lie in
};

/// A few numbers of one library's kernel on one machine. Zero: that does not limit it.
struct DispatchCoefficients {
  Seconds base;
  Seconds per_doubling;
  Seconds per_domain_doubling;
  Seconds per_expert;
  Seconds per_value;
  double scale_up_fraction = 0.75;
  double scale_out_fraction = 0.9;
  Seconds token;
  Seconds copy_of_one;
  Seconds kib;
  Seconds copy;
  Seconds copy_per_rank;
  Seconds peer_copy;
  Seconds peer_kib;
  double overlap_factor = 1.0;
};

template <class Visitor>
void fields(Visitor& v, DispatchCoefficients& c) {
  v.optional("base", c.base, "Time of a call without tokens.", {.min = 0.0, .max = 1e-2});
  v.optional("per_doubling", c.per_doubling, "Added for each doubling of the ranks.",
             {.min = 0.0, .max = 1e-3});
  v.optional("per_domain_doubling", c.per_domain_doubling,
             "Added for each doubling of the scale-up domains.", {.min = 0.0, .max = 1e-3});
  v.optional("per_expert", c.per_expert, "Added for each expert.", {.min = 0.0, .max = 1e-5});
  v.optional("per_value", c.per_value, "Added for each value of a token.",
             {.min = 0.0, .max = 1e-6});
  v.optional("scale_up", c.scale_up_fraction, "Share of the scale-up bandwidth reached.",
             {.min = 0.01, .max = 1.0});
  v.optional("scale_out", c.scale_out_fraction, "Share of the network interface reached.",
             {.min = 0.01, .max = 1.0});
  v.optional("token", c.token, "Time of a token on one multiprocessor.", {.min = 0.0, .max = 1e-3});
  v.optional("copy_of_one", c.copy_of_one, "Time of a copy on one multiprocessor.",
             {.min = 0.0, .max = 1e-3});
  v.optional("kib", c.kib, "Time of 1 KiB through one multiprocessor.", {.min = 0.0, .max = 1e-4});
  v.optional("copy", c.copy, "Time of issuing a copy, beside its bytes on the link.",
             {.min = 0.0, .max = 1e-4});
  v.optional("copy_per_rank", c.copy_per_rank, "Growth of that time with every rank.",
             {.min = 0.0, .max = 1e-6});
  v.optional("peer_copy", c.peer_copy, "Time of a copy in the queue of one peer.",
             {.min = 0.0, .max = 1e-4});
  v.optional("peer_kib", c.peer_kib, "Time of 1 KiB in the queue of one peer.",
             {.min = 0.0, .max = 1e-4});
  v.optional("overlap", c.overlap_factor,
             "How start and stream go together: 1 adds them, more overlaps them, less adds a "
             "third part.",
             {.min = 0.5, .max = 4.0});
}

/// What the duration is made of and which part is the largest.
enum class DispatchBound : uint8_t { kFloor, kScaleUp, kIssue, kScaleOut, kMultiprocessors, kPeer };

struct DispatchTime {
  Seconds duration;
  Seconds floor;  ///< start and synchronisation
  Seconds link;   ///< bytes of the scale-up link alone
  Seconds issue;  ///< issuing its copies
  Seconds network;
  Seconds multiprocessors;
  Seconds peer;
  DispatchBound bound = DispatchBound::kFloor;
};

/// Bytes of a token of `hidden` values.
Bytes exchange_bytes(ExchangePayload payload, int64_t hidden);

/// Mean of distinct ranks that a token reaches, its own included.
double distinct_ranks_factor(const DispatchQuestion& question);

/// A prepare exchanges counts only: it has copies but no bytes.
DispatchTraffic dispatch_traffic(const DispatchQuestion& question);

/// Multiprocessors that the call holds, by its question or by how the kernel is made; 0: not known.
double multiprocessors_factor(const DispatchQuestion& question, const DispatchMachine& machine);

/// Finite for any counts; an error of ours where a copy needs an interface that is not there.
DispatchTime dispatch_duration(const DispatchQuestion& question, const DispatchMachine& machine,
                               const DispatchCoefficients& coefficients);

}  // namespace penstock::network

template <>
struct penstock::EnumText<penstock::network::DispatchBound> {
  using B = penstock::network::DispatchBound;
  static constexpr std::array<std::pair<B, std::string_view>, 6> kNames = {
      {{B::kFloor, "start and synchronisation"},
       {B::kScaleUp, "scale-up link"},
       {B::kIssue, "rate of issuing copies"},
       {B::kScaleOut, "network interface"},
       {B::kMultiprocessors, "work of multiprocessors"},
       {B::kPeer, "queue of each peer"}}};
};
