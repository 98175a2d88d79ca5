#include <fmt/format.h>

#include "penstock/network/collective.h"

namespace penstock::network {
namespace {

/// The switches of a scale-up domain add up and multicast: every rank sends its buffer once and
/// receives the result once. Modelled as one flow of that many bytes on each rank's links.
/// Source: Klenk et al. 2020 (in-network reduction on NVSwitch); NVLS in NCCL 2.17.
class InSwitch final : public Algorithm {
 public:
  [[nodiscard]] std::optional<std::string> refusal(const Topology& topology,
                                                   const Collective& c) const override {
    if (!topology.reduces_in_switch()) return "the switches of this fabric do not reduce";
    const int64_t reach = (c.placement.group.size - 1) * c.placement.group.stride;
    if (reach >= topology.domain_size()) {
      return fmt::format("a group over {} accelerators leaves the domain of {}", reach + 1,
                         topology.domain_size());
    }
    switch (c.operation) {
      case Operation::kAllReduce:
      case Operation::kAllGather:
      case Operation::kReduceScatter:
      case Operation::kBroadcast: return std::nullopt;
      default: return "nothing to add up or multicast";
    }
  }

  [[nodiscard]] std::vector<Phase> phases(const Topology&, const Collective& c) const override {
    const auto n = static_cast<double>(c.placement.group.size);
    const Traffic once{Pattern::kRing, c.placement};
    switch (c.operation) {
      case Operation::kAllReduce:
        // a rank receives the result while it sends: 1 + 1/n of the buffer, since it also reads
        // and writes its own part through the switch
        return {{"in-switch all-reduce", once, 2, c.payload * (1.0 + 1.0 / n), Bytes()}};
      default: return {{"in-switch", once, 1, c.payload, Bytes()}};
    }
  }
};

PENSTOCK_REGISTER(Algorithm, InSwitch,
                  "Switches add up and multicast (NVLS, SHARP): every byte once up, once down.");

}  // namespace
}  // namespace penstock::network
