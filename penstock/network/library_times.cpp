#include "penstock/base/check.h"
#include "penstock/network/library_price.h"

namespace penstock::network {
namespace {

/// Stands where phases want a fabric and look at none: those of rings, switches and direct sends
/// depend on the group alone.
class NoFabric final : public Topology {
 public:
  void route(int64_t, int64_t, std::vector<Hop>&) const override {}
  [[nodiscard]] Seconds latency(int64_t, int64_t) const override { return {}; }
  [[nodiscard]] BytesPerSecond bisection() const override { return {}; }
  [[nodiscard]] int64_t diameter() const override { return 0; }
};

/// Rounds of an algorithm and the bytes that a rank sends in them.
struct Shape {
  int64_t round_count = 0;
  Bytes sent;
};

Shape shape_of(std::string_view algorithm, const Collective& collective) {
  const auto* entry = Registry<Algorithm>::find(algorithm);
  PENSTOCK_CHECK(entry != nullptr, "no algorithm '{}'", algorithm);
  const std::unique_ptr<Algorithm> made = entry->make();
  const auto peers = static_cast<double>(collective.placement.group.size - 1);
  Shape shape;
  for (const Phase& phase : made->phases(NoFabric(), collective)) {
    const bool to_all =
        phase.traffic.pattern == Pattern::kAllPairs || phase.traffic.pattern == Pattern::kFromRoot;
    shape.round_count += phase.round_count;
    shape.sent += phase.flow_bytes * (to_all ? peers : 1.0);
  }
  return shape;
}

bool is_exchange(Operation operation) {
  return operation == Operation::kAllToAll || operation == Operation::kSendReceive;
}

}  // namespace

FabricTimes flat_times(const LibraryCall& call, BytesPerSecond bandwidth) {
  const Collective collective{call.op, {{call.rank_count, 1}, 1}, call.payload};
  FabricTimes times;
  times.direct = shape_of("direct", collective).sent / bandwidth;
  if (is_exchange(call.op)) return times;
  const Shape ring = shape_of("ring", collective);
  times.ring_round_count = ring.round_count;
  times.ring_bytes = ring.sent;
  times.ring = ring.sent / bandwidth;
  if (call.op == Operation::kAllReduce) {
    times.in_switch = shape_of("in_switch", collective).sent / bandwidth;
  }
  return times;
}

}  // namespace penstock::network
