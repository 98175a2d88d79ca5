/// Formulas of the library models: durations from coefficients, for prices and for fits.
#pragma once

#include "penstock/network/library.h"

namespace penstock::network {

/// A duration and what it was taken by.
struct Taken {
  Seconds duration;
  std::string_view algorithm;
  std::string_view protocol;
};

/// Overlap of two spans: (a^p + b^p)^(1/p); p = 1 adds them, a large p takes the longer.
Seconds bent_sum(Seconds a, Seconds b, double bend_factor);

/// A library that chooses by its own estimate.
Taken duration_of(const ChannelModel& model, const LibraryCall& call, BytesPerSecond bandwidth);

/// Whether a shared-buffer library hands the call to what it falls back to.
bool falls_back(const SharedBufferModel& model, const LibraryCall& call);
/// Its own kernels. `fallback` is the duration of the fall-back where that takes the call.
Taken duration_of(const SharedBufferModel& model, const LibraryCall& call, BytesPerSecond bandwidth,
                  const Taken& fallback);

/// One ring, or one message.
Taken duration_of(const PlainModel& model, const LibraryCall& call, BytesPerSecond bandwidth);

}  // namespace penstock::network
