/// Collectives on small fabrics, against the formulas of the field.
#pragma once

#include "penstock/network/collective.h"
#include "penstock/network/fabric_test_support.h"

namespace penstock::network {

constexpr double kBandwidth = 100e9;  // of an accelerator of the domain below, each way
constexpr double kLatency = 1e-6;

/// `n` accelerators of 100 GB/s each way on one switch, 1 us apart.
inline std::unique_ptr<Topology> one_switch(int64_t n, bool reduces = false) {
  return wire({"switched", {{"sw", 0, 1, 100.0, 1.0}}, 0, 1.0, 1, 0, {}, reduces}, n);
}

/// Domains of 8 such accelerators, each with a card of 50 GB/s on a fabric that does not block,
/// 5 us apart.
inline std::unique_ptr<Topology> domains(int64_t count) {
  return std::make_unique<Cluster>("domains", one_switch(8), count,
                                   wire({"switched", {{"net", 0, 1, 50.0, 5.0}}}, 8 * count));
}

inline Collective whole(const Topology& topology, Operation operation, Bytes payload) {
  return {operation, {{topology.accelerator_count(), 1}, 1}, payload};
}

inline std::string refusal(const Topology& topology, const Collective& collective,
                           std::string_view algorithm) {
  return Registry<Algorithm>::find(algorithm)
      ->make()
      ->refusal(topology, collective)
      .value_or(std::string());
}

}  // namespace penstock::network
