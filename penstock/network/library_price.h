/// Formulas of the library models: durations from coefficients and from the fabric's share, for
/// prices and for fits.
#pragma once

#include "penstock/network/library.h"

namespace penstock::network {

/// The fabric's share of a call by each algorithm, from that algorithm's own phases: bytes at the
/// full rate of the links, without what a library adds. All but the counts grow with the payload.
struct FabricTimes {
  int64_t ring_round_count = 0;
  Bytes ring_bytes;  ///< over each link of the ring; none where no ring can do it
  Seconds ring;
  Seconds in_switch;
  Seconds direct;  ///< every rank to every other at once
};

/// On one domain whose every rank has this bandwidth to all others together.
FabricTimes flat_times(const LibraryCall& call, BytesPerSecond bandwidth);
/// A duration and what it was taken by.
struct Taken {
  Seconds duration;
  std::string_view algorithm;
  std::string_view protocol;
};

/// Overlap of two spans: (a^p + b^p)^(1/p); p = 1 adds them, a large p takes the longer.
Seconds bent_sum(Seconds a, Seconds b, double bend_factor);

/// A library that chooses by its own estimate.
Taken duration_of(const ChannelModel& model, const LibraryCall& call, const FabricTimes& times);

/// Whether a shared-buffer library hands the call to what it falls back to.
bool falls_back(const SharedBufferModel& model, const LibraryCall& call);
/// Its own kernels. `fallback` is the duration of the fall-back where that takes the call.
Taken duration_of(const SharedBufferModel& model, const LibraryCall& call, const FabricTimes& times,
                  const Taken& fallback);

/// One ring, or one message.
Taken duration_of(const PlainModel& model, const LibraryCall& call, const FabricTimes& times);

}  // namespace penstock::network
