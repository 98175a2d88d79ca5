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

/// Steps of a ring.
double ring_steps(const LibraryCall& call) {
  const double rounds = call.op == LibraryOp::kAllReduce ? 2.0 : 1.0;
  return rounds * (as_double(call.rank_count) - 1.0);
}

BytesPerSecond crowded(BytesPerSecond bandwidth, int64_t rank_count, double crowding_factor) {
  return bandwidth * std::pow(as_double(rank_count) / 2.0, -crowding_factor);
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
                         BytesPerSecond bandwidth) {
  const TunerFacts& tuner = model.tuner;
  const double steps = ring_steps(call);
  const double per_payload = as_double(call.rank_count) / steps;
  const BytesPerSecond bus = bandwidth * tuner.link_fraction;
  std::vector<Way> ways;
  for (const ProtocolFacts& protocol : kProtocols) {
    if (protocol.name == "LL128" && !model.wide_line) continue;
    BytesPerSecond rate = bus;
    if (protocol.name == "LL") rate = std::min(tuner.low_latency_max, bus * 0.5);
    if (protocol.name == "LL128") rate = bus * 0.92;
    const Seconds step = tuner.wire == Wire::kPcie ? protocol.step_pcie : protocol.step_nvlink;
    ways.push_back({"ring", protocol.name, protocol.base + step * steps, rate * per_payload});
  }
  const bool in_switch = call.op == LibraryOp::kAllReduce && call.floating && model.in_switch &&
                         call.rank_count >= tuner.in_switch_ranks_min;
  if (in_switch && tuner.in_switch_fraction > 0.0) {
    // both directions of the switch work at once, one of sixteen channels synchronises
    const double both = 2.0 * 15.0 / 16.0;
    ways.push_back({"in_switch", "Simple", kInSwitchLatency,
                    bus * (tuner.in_switch_fraction * both * per_payload)});
  }
  return ways;
}

Seconds low_latency_ring(const RingCoefficients& c, const LibraryCall& call,
                         BytesPerSecond bandwidth) {
  const double steps = ring_steps(call);
  const Bytes part = call.payload / as_double(call.rank_count);
  // up to a channel's fill one channel works, then more join, then all of them have more to do
  const Bytes load = std::max(std::min(part, kLowLatencyChannel) * c.channel_factor, part);
  // own data is copied like that of others
  return c.launch + c.step * steps + load * (steps + 1.0) / (bandwidth * c.fraction);
}

/// Time of a way that the library takes, whatever its estimate was.
Seconds time_of(const Way& way, const ChannelModel& model, const LibraryCall& call,
                BytesPerSecond bandwidth) {
  const RingCoefficients& ring = model.ring;
  const BytesPerSecond shared = crowded(bandwidth, call.rank_count, ring.crowding_factor);
  if (way.algorithm == "in_switch") {
    return bent_sum(model.in_switch->launch,
                    bytes_on_link(call, true) / (shared * model.in_switch->fraction),
                    model.pairwise.bend_factor);
  }
  if (way.protocol == "LL") return low_latency_ring(ring, call, shared);
  const bool wide = way.protocol == "LL128";
  const double steps = ring_steps(call);
  const Seconds launch = wide ? ring.launch : ring.simple_launch;
  const Seconds step = wide ? model.wide_line->step : ring.simple_step;
  const double fraction = wide ? model.wide_line->fraction : ring.simple_fraction;
  const Bytes part = call.payload / as_double(call.rank_count);
  return launch +
         bent_sum(step * steps, bytes_on_link(call, false) / (shared * fraction),
                  ring.bend_factor) +
         part / ring.own_part;
}

Taken ring_or_switch(const ChannelModel& model, const LibraryCall& call, BytesPerSecond bandwidth) {
  std::vector<Way> ways = ways_of(model, call, bandwidth);
  // small calls go the way of least latency
  auto way = std::min_element(ways.begin(), ways.end(),
                              [](const Way& a, const Way& b) { return a.latency < b.latency; });
  Taken taken;
  // the library's choice may cost more than the way it leaves: a larger call is never quicker
  for (;;) {
    auto next = ways.end();
    Bytes leave = call.payload;
    for (auto other = ways.begin(); other != ways.end(); ++other) {
      if (other->rate <= way->rate) continue;
      const double saved = 1.0 / way->rate.value() - 1.0 / other->rate.value();  // seconds a byte
      const Bytes crossing((other->latency - way->latency).value() / saved);
      if (crossing < leave) {
        leave = crossing;
        next = other;
      }
    }
    LibraryCall part = call;
    part.payload = std::max(leave, Bytes());
    taken.duration = std::max(taken.duration, time_of(*way, model, part, bandwidth));
    taken.algorithm = way->algorithm;
    taken.protocol = way->protocol;
    if (next == ways.end()) return taken;
    way = next;
  }
}

Taken pairwise(const ChannelModel& model, const LibraryCall& call, BytesPerSecond bandwidth) {
  const PairwiseCoefficients& c = model.pairwise;
  const BytesPerSecond shared = crowded(bandwidth, call.rank_count, model.ring.crowding_factor);
  const bool message = call.op == LibraryOp::kSendReceive;
  const double peers = message ? 1.0 : as_double(call.rank_count) - 1.0;
  const Bytes part = message ? call.payload : call.payload / as_double(call.rank_count);
  const Bytes sent = part * peers;
  const Seconds low_latency =
      c.launch + c.peer * peers + std::max(part / c.low_latency, sent / (shared * 0.5));
  const Seconds simple = c.peer * peers +
                         bent_sum(c.start, sent / (shared * c.fraction), c.bend_factor) +
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

Bytes bytes_on_link(const LibraryCall& call, bool in_switch) {
  const double n = as_double(call.rank_count);
  switch (call.op) {
    case LibraryOp::kAllReduce:
      return in_switch ? call.payload * (1.0 + 1.0 / n) : call.payload * (2.0 * (n - 1.0) / n);
    case LibraryOp::kAllGather:
    case LibraryOp::kReduceScatter:
    case LibraryOp::kAllToAll: return call.payload * ((n - 1.0) / n);
    case LibraryOp::kSendReceive: return call.payload;
  }
  PENSTOCK_CHECK(false, "no collective {}", static_cast<int>(call.op));
}

Taken duration_of(const ChannelModel& model, const LibraryCall& call, BytesPerSecond bandwidth) {
  const bool exchange = call.op == LibraryOp::kAllToAll || call.op == LibraryOp::kSendReceive;
  return exchange ? pairwise(model, call, bandwidth) : ring_or_switch(model, call, bandwidth);
}

bool falls_back(const SharedBufferModel& model, const LibraryCall& call) {
  return call.op != LibraryOp::kAllReduce || call.rank_count > model.rank_max ||
         call.payload > model.payload_max;
}

Taken duration_of(const SharedBufferModel& model, const LibraryCall& call, BytesPerSecond bandwidth,
                  const Taken& fallback) {
  const SharedBufferCoefficients& c = model.kernel;
  const double n = as_double(call.rank_count);
  const Seconds barrier = c.step + c.peer * (n - 1.0);
  const auto one_shot = [&](Bytes payload) {
    return c.launch + barrier + payload * (n - 1.0) / (bandwidth * c.one_shot_fraction);
  };
  const auto two_shot = [&](Bytes payload) {
    return c.launch + barrier * 2.0 +
           payload * (2.0 * (n - 1.0) / n) / (bandwidth * c.two_shot_fraction);
  };
  const bool within = !falls_back(model, call);
  const Bytes largest = within ? call.payload : std::min(call.payload, model.payload_max);
  const Bytes single = call.rank_count == 2 ? largest : std::min(model.one_shot_max / n, largest);
  Taken taken{Seconds(), "one_shot", ""};
  const bool own = call.op == LibraryOp::kAllReduce && call.rank_count <= model.rank_max;
  if (own) taken.duration = one_shot(single);
  if (own && largest > single) {
    taken.duration = std::max(taken.duration, two_shot(largest));
    taken.algorithm = "two_shot";
  }
  if (!within)
    taken = {std::max(taken.duration, fallback.duration), fallback.algorithm, fallback.protocol};
  if (call.eager && model.eager) {
    constexpr double kSharpness = 6.0;
    taken.duration = bent_sum(model.eager->launch,
                              taken.duration + call.payload / model.eager->copy, kSharpness);
  }
  return taken;
}

Taken duration_of(const PlainModel& model, const LibraryCall& call, BytesPerSecond bandwidth) {
  const bool ring = call.op != LibraryOp::kAllToAll && call.op != LibraryOp::kSendReceive;
  const auto& own = ring ? model.ring : model.message;
  const PlainCoefficients& c = own ? *own : ring ? *model.message : *model.ring;
  const double steps = ring ? ring_steps(call) : 1.0;
  const BytesPerSecond shared = crowded(bandwidth, call.rank_count, c.crowding_factor);
  return {bent_sum(c.launch + c.step * steps, bytes_on_link(call, false) / (shared * c.fraction),
                   c.bend_factor),
          ring ? "ring" : "pairwise", ""};
}

}  // namespace penstock::network
