/// Collective operations as phases of equal flows, one algorithm a file in collectives/, and what a
/// fabric makes of them.
///
/// Bytes are counted as nccl-tests counts its "size": all_reduce and broadcast the buffer of a
/// rank; all_gather the gathered result; reduce_scatter the input of a rank; all_to_all all that a
/// rank sends, its own part included; send_receive the message.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/base/fields.h"
#include "penstock/base/registry.h"
#include "penstock/network/traffic.h"

namespace penstock::network {

enum class Operation : uint8_t {
  kAllReduce,
  kAllGather,
  kReduceScatter,
  kBroadcast,
  kAllToAll,
  kSendReceive,
};

struct Collective {
  Operation operation = Operation::kAllReduce;
  Placement placement;
  Bytes payload;  ///< nccl-tests' size
};

/// Rounds of one pattern, one after another. Data is cut into chunks that follow each other through
/// the rounds, so a phase lasts rounds x latency + bytes of a flow / its rate.
struct Phase {
  std::string name;
  Traffic traffic;
  int64_t round_count = 1;
  Bytes flow_bytes = Bytes();     ///< over all rounds, of one flow
  Bytes reduced_bytes = Bytes();  ///< added up by one accelerator
};

class Algorithm {
 public:
  virtual ~Algorithm() = default;
  /// Why it cannot do this; nullopt when it can.
  [[nodiscard]] virtual std::optional<std::string> refusal(const Topology& topology,
                                                           const Collective& collective) const = 0;
  [[nodiscard]] virtual std::vector<Phase> phases(const Topology& topology,
                                                  const Collective& collective) const = 0;
};

/// What the fabric alone makes of a phase.
struct PhaseCost {
  Phase phase;
  TrafficRate rate;
  Seconds latency;   ///< of all rounds
  Seconds transfer;  ///< bytes of a flow at its rate
};

struct CollectiveCost {
  std::string algorithm;
  std::vector<PhaseCost> phases;
  [[nodiscard]] Seconds latency() const;
  [[nodiscard]] Seconds transfer() const;
  [[nodiscard]] Seconds duration() const { return latency() + transfer(); }
  /// The phase that transfers longest; its bottleneck is the collective's. Null without phases.
  [[nodiscard]] const PhaseCost* longest() const;
};

/// Rates of one topology by traffic, whatever the bytes: counting flows is what costs.
class RateMemo {
 public:
  const std::optional<TrafficRate>& rate(const Topology& topology, const Traffic& traffic);

 private:
  std::vector<std::pair<Traffic, std::optional<TrafficRate>>> rates_;
};

/// The cost of one algorithm by name, which must exist and not refuse. One rank or an empty payload
/// takes no time.
CollectiveCost cost_of(const Topology& topology, const Collective& collective,
                       std::string_view algorithm);
CollectiveCost cost_of(const Topology& topology, const Collective& collective,
                       std::string_view algorithm, RateMemo& memo);

/// The algorithms that can do it, fastest first; ties in order of name.
std::vector<CollectiveCost> rank_algorithms(const Topology& topology, const Collective& collective);
std::vector<CollectiveCost> rank_algorithms(const Topology& topology, const Collective& collective,
                                            RateMemo& memo);

/// What one accelerator can send over all its links of the first `class_count` classes together.
BytesPerSecond accelerator_bandwidth(const Topology& topology, size_t class_count);

/// Least time any algorithm can take by the bytes that must enter and leave every accelerator.
Seconds lower_bound(const Topology& topology, const Collective& collective);

}  // namespace penstock::network

template <>
struct penstock::EnumText<penstock::network::Operation> {
  using O = penstock::network::Operation;
  static constexpr std::array<std::pair<O, std::string_view>, 6> kNames = {
      {{O::kAllReduce, "all_reduce"},
       {O::kAllGather, "all_gather"},
       {O::kReduceScatter, "reduce_scatter"},
       {O::kBroadcast, "broadcast"},
       {O::kAllToAll, "all_to_all"},
       {O::kSendReceive, "send_recv"}}};
};
