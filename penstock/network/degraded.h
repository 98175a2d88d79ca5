/// A collective's phases on a fabric that has lost capacity: every flow simulated on its own, since
/// the loss breaks the symmetry that the counted loads rest on.
#pragma once

#include <string>
#include <vector>

#include "penstock/network/collective.h"
#include "penstock/network/flow_simulation.h"

namespace penstock::network {

/// Most flows of a phase that are simulated one by one.
constexpr int64_t kMostExplicitFlows = 2'000'000;

struct DegradedPhase {
  Seconds healthy;   ///< of the slowest flow's bytes, all capacity there
  Seconds degraded;  ///< the same with the capacity that is left
};

struct DegradedReport {
  std::vector<DegradedPhase> phases;
  std::string cut_off;  ///< why it cannot end; empty when it can
};

/// The flows of a traffic pattern, one by one, all starting at once.
std::vector<Flow> flows_of(const Traffic& traffic, Bytes payload);

/// Flows that a pattern has; cheap.
int64_t flow_count_of(const Traffic& traffic);

/// Both simulations of every phase. Phases of more than kMostExplicitFlows flows are a mistake of
/// the caller.
DegradedReport simulate_degraded(const Topology& topology, const std::vector<PhaseCost>& phases,
                                 const std::vector<LinkChange>& changes);

}  // namespace penstock::network
