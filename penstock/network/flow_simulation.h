/// Explicit flows over a fabric, from change to change: what the symmetric solver cannot take.
///
/// Models: fluid flows with start times, latency before the first byte, max-min fair sharing that
/// is solved again for the flows concerned whenever one starts or ends or a link changes; links
/// that fail, degrade and come back.
/// Does not model: packets, queues, congestion control on its way to the fair share; ways that
/// move around a failed bundle (a bundle that loses some of its links goes on with the rest).
/// Validated against: the symmetric solver and SimGrid (tests/differential).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "penstock/base/time.h"
#include "penstock/network/topology.h"

namespace penstock::network {

struct Flow {
  int64_t from = 0;
  int64_t to = 0;
  Bytes payload;
  Time start;
  std::optional<BytesPerSecond> limit = std::nullopt;  ///< what the sender manages, for stragglers
};

/// From `at` on, a bundle has this share of its capacity in both directions.
struct LinkChange {
  Time at;
  size_t link_class = 0;
  int64_t bundle = 0;
  double capacity_fraction = 0.0;
};

struct FlowOutcome {
  std::optional<Time> end;  ///< when the last byte arrives; unset for a flow that never ends
  Bytes delivered;
};

struct FlowReport {
  std::vector<FlowOutcome> flows;  ///< in order of `Flow`s
  Time end;                        ///< of the last flow that ends
  int64_t solve_count = 0;
  int64_t stalled_count = 0;  ///< flows without an end: cut off, or beyond the clock
  std::string stalled_reason;
  /// Bytes over each class of links, both directions; and the highest use of one channel's
  /// capacity at any time.
  std::vector<Bytes> bytes_of_class;
  std::vector<double> peak_fraction_of_class;
};

/// Runs to the end of the last flow. Same input, same bytes. Checks at every solve that no channel
/// carries more than its capacity, and at the end that what arrived is what was sent.
FlowReport simulate_flows(const Topology& topology, const std::vector<Flow>& flows,
                          std::vector<LinkChange> changes = {});

}  // namespace penstock::network
