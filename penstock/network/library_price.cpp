#include "penstock/network/library_price.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "penstock/base/check.h"

namespace penstock::network {
namespace {

// LL carries 8 bytes of payload in a line of 16; a channel of 512 threads sends one line each
constexpr Bytes kLowLatencyChannel{8192.0};

double as_double(int64_t count) { return static_cast<double>(count); }

/// Ranks that share roots or switches get in each other's way.
double crowding_of(int64_t rank_count, double crowding_factor) {
  return std::pow(as_double(rank_count) / 2.0, crowding_factor);
}

/// The same call with another payload.
struct Scaled {
  LibraryCall call;
  FabricTimes times;
};

Scaled scaled(const LibraryCall& call, const FabricTimes& times, Bytes payload) {
  Scaled part{call, times};
  const double factor = payload / call.payload;
  part.call.payload = payload;
  part.times.ring_bytes = times.ring_bytes * factor;
  part.times.ring = times.ring * factor;
  part.times.in_switch = times.in_switch * factor;
  part.times.direct = times.direct * factor;
  return part;
}

/// One way to do a call, with the library's own estimate of it: latency + payload / rate.
struct Way {
  std::string_view algorithm;
  std::string_view protocol;
  Seconds latency;
  BytesPerSecond rate;
};

struct ProtocolFacts {
  std::string_view name;
  Seconds base;
  Seconds step_nvlink;
  Seconds step_pcie;
};

// Source: NCCL src/graph/tuning.cc, base and hardware latencies of the ring
constexpr std::array<ProtocolFacts, 3> kProtocols = {{{"LL", 6.6_us, 0.6_us, 1.0_us},
                                                      {"LL128", 14.0_us, 1.9_us, 2.5_us},
                                                      {"Simple", 8.4_us, 3.4_us, 5.7_us}}};
constexpr Seconds kInSwitchLatency = 25.0_us;  // the same file, NVLS over NVLink

/// What the library weighs up. Source: NCCL src/graph/tuning.cc, ncclTopoTuneModel on one node.
std::vector<Way> ways_of(const ChannelModel& model, const LibraryCall& call,
                         const FabricTimes& times) {
  const TunerFacts& tuner = model.tuner;
  const double steps = as_double(times.ring_round_count);
  const BytesPerSecond ring = call.payload / times.ring * tuner.link_fraction;
  const double per_byte_sent = call.payload / times.ring_bytes;
  std::vector<Way> ways;
  for (const ProtocolFacts& protocol : kProtocols) {
    if (protocol.name == "LL128" && !model.wide_line) continue;
    BytesPerSecond rate = ring;
    if (protocol.name == "LL") rate = std::min(tuner.low_latency_max * per_byte_sent, ring * 0.5);
    if (protocol.name == "LL128") rate = ring * 0.92;
    const Seconds step = tuner.wire == Wire::kPcie ? protocol.step_pcie : protocol.step_nvlink;
    ways.push_back({"ring", protocol.name, protocol.base + step * steps, rate});
  }
  const bool in_switch = call.op == Operation::kAllReduce && call.floating && model.in_switch &&
                         call.rank_count >= tuner.in_switch_ranks_min;
  if (in_switch && tuner.in_switch_fraction > 0.0 && times.in_switch > Seconds()) {
    // both directions of the switch work at once, one of sixteen channels synchronises
    const double both = 2.0 * 15.0 / 16.0;
    ways.push_back(
        {"in_switch", "Simple", kInSwitchLatency, ring * (tuner.in_switch_fraction * both)});
  }
  return ways;
}

Seconds low_latency_ring(const RingCoefficients& c, const LibraryCall& call,
                         const FabricTimes& times) {
  const double steps = as_double(times.ring_round_count);
  const Bytes part = call.payload / as_double(call.rank_count);
  // up to a channel's fill one channel works, then more join, then all of them have more to do
  const double load = std::max(std::min(part, kLowLatencyChannel) * c.channel_factor / part, 1.0);
  // own data is copied like that of others
  return c.launch + c.step * steps + times.ring * (load * (steps + 1.0) / steps / c.fraction);
}

/// Time of a way that the library takes, whatever its estimate was.
Seconds time_of(const Way& way, const ChannelModel& model, const LibraryCall& call,
                FabricTimes times) {
  const RingCoefficients& ring = model.ring;
  const double crowding = crowding_of(call.rank_count, ring.crowding_factor);
  if (way.algorithm == "in_switch") {
    return bent_sum(model.in_switch->launch,
                    times.in_switch * (crowding / model.in_switch->fraction),
                    model.pairwise.bend_factor);
  }
  times.ring = times.ring * crowding;
  if (way.protocol == "LL") return low_latency_ring(ring, call, times);
  const bool wide = way.protocol == "LL128";
  const Seconds launch = wide ? ring.launch : ring.simple_launch;
  const Seconds step = wide ? model.wide_line->step : ring.simple_step;
  const double fraction = wide ? model.wide_line->fraction : ring.simple_fraction;
  const Bytes part = call.payload / as_double(call.rank_count);
  return launch +
         bent_sum(step * as_double(times.ring_round_count), times.ring * (1.0 / fraction),
                  ring.bend_factor) +
         part / ring.own_part;
}

/// Where the library leaves a way for another, and for which; the payload where it stays.
std::vector<Way>::const_iterator next_way(const std::vector<Way>& ways, const Way& way,
                                          Bytes& leave) {
  auto next = ways.end();
  for (auto other = ways.begin(); other != ways.end(); ++other) {
    if (other->rate <= way.rate) continue;
    const double saved = 1.0 / way.rate.value() - 1.0 / other->rate.value();  // seconds a byte
    const Bytes crossing((other->latency - way.latency).value() / saved);
    if (crossing >= leave) continue;
    leave = crossing;
    next = other;
  }
  return next;
}

Taken ring_or_switch(const ChannelModel& model, const LibraryCall& call, const FabricTimes& times) {
  const std::vector<Way> ways = ways_of(model, call, times);
  // small calls go the way of least latency
  auto way = std::min_element(ways.begin(), ways.end(),
                              [](const Way& a, const Way& b) { return a.latency < b.latency; });
  Taken taken;
  // the library's choice may cost more than the way it leaves: a larger call is never quicker
  for (;;) {
    Bytes leave = call.payload;
    const auto next = next_way(ways, *way, leave);
    if (leave > Bytes()) {
      const Scaled part = scaled(call, times, leave);
      taken.duration = std::max(taken.duration, time_of(*way, model, part.call, part.times));
    }
    taken.algorithm = way->algorithm;
    taken.protocol = way->protocol;
    if (next == ways.end()) return taken;
    way = next;
  }
}

Taken pairwise(const ChannelModel& model, const LibraryCall& call, const FabricTimes& times) {
  const PairwiseCoefficients& c = model.pairwise;
  const bool message = call.op == Operation::kSendReceive;
  const double peers = message ? 1.0 : as_double(call.rank_count) - 1.0;
  const Bytes part = message ? call.payload : call.payload / as_double(call.rank_count);
  const Seconds sent = times.direct * crowding_of(call.rank_count, model.ring.crowding_factor);
  const Seconds low_latency =
      c.launch + c.peer * peers + std::max(part / c.low_latency, sent * 2.0);
  const Seconds simple = c.peer * peers +
                         bent_sum(c.start, sent * (1.0 / c.fraction), c.bend_factor) +
                         (message ? Seconds() : part / model.ring.own_part);
  // peers change over one by one: a soft minimum
  constexpr double kSharpness = 6.0;
  return {bent_sum(low_latency, simple, -kSharpness), "pairwise",
          low_latency < simple ? "LL" : "Simple"};
}

}  // namespace

Seconds bent_sum(Seconds a, Seconds b, double bend_factor) {
  const bool minimum = bend_factor < 0.0;
  const Seconds outer = minimum ? std::min(a, b) : std::max(a, b);
  const Seconds inner = minimum ? std::max(a, b) : std::min(a, b);
  if (outer <= Seconds() || inner <= Seconds()) return outer;
  return outer * std::pow(1.0 + std::pow(inner / outer, bend_factor), 1.0 / bend_factor);
}

Taken duration_of(const ChannelModel& model, const LibraryCall& call, const FabricTimes& times) {
  const bool exchange = call.op == Operation::kAllToAll || call.op == Operation::kSendReceive;
  return exchange ? pairwise(model, call, times) : ring_or_switch(model, call, times);
}

bool falls_back(const SharedBufferModel& model, const LibraryCall& call) {
  return call.op != Operation::kAllReduce || call.rank_count > model.rank_max ||
         call.payload > model.payload_max;
}

Taken duration_of(const SharedBufferModel& model, const LibraryCall& call, const FabricTimes& times,
                  const Taken& fallback) {
  const SharedBufferCoefficients& c = model.kernel;
  const double n = as_double(call.rank_count);
  const Seconds barrier = c.step + c.peer * (n - 1.0);
  const auto sent = [&](Bytes payload) { return times.direct * (payload / call.payload); };
  const auto one_shot = [&](Bytes payload) {
    // whole buffers in place of two n-th parts
    return c.launch + barrier + sent(payload) * (n / 2.0 / c.one_shot_fraction);
  };
  const auto two_shot = [&](Bytes payload) {
    return c.launch + barrier * 2.0 + sent(payload) * (1.0 / c.two_shot_fraction);
  };
  const bool within = !falls_back(model, call);
  const Bytes largest = within ? call.payload : std::min(call.payload, model.payload_max);
  const Bytes single = call.rank_count == 2 ? largest : std::min(model.one_shot_max / n, largest);
  Taken taken{Seconds(), "one_shot", ""};
  const bool own = call.op == Operation::kAllReduce && call.rank_count <= model.rank_max;
  if (own) taken.duration = one_shot(single);
  if (own && largest > single) {
    taken.duration = std::max(taken.duration, two_shot(largest));
    taken.algorithm = "two_shot";
  }
  if (!within) {
    taken = {std::max(taken.duration, fallback.duration), fallback.algorithm, fallback.protocol};
  }
  if (call.eager && model.eager) {
    constexpr double kSharpness = 6.0;
    taken.duration = bent_sum(model.eager->launch,
                              taken.duration + call.payload / model.eager->copy, kSharpness);
  }
  return taken;
}

Taken duration_of(const PlainModel& model, const LibraryCall& call, const FabricTimes& times) {
  const bool ring = call.op != Operation::kAllToAll && call.op != Operation::kSendReceive;
  const auto& own = ring ? model.ring : model.message;
  PENSTOCK_CHECK(model.ring || model.message, "a plain library without coefficients for {} ranks",
                 call.rank_count);
  const PlainCoefficients& c = own ? *own : ring ? *model.message : *model.ring;
  const double steps = ring ? as_double(times.ring_round_count) : 1.0;
  const Seconds sent = ring ? times.ring : times.direct;
  return {bent_sum(c.launch + c.step * steps,
                   sent * (crowding_of(call.rank_count, c.crowding_factor) / c.fraction),
                   c.bend_factor),
          ring ? "ring" : "pairwise", ""};
}

}  // namespace penstock::network
