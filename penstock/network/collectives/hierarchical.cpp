#include <fmt/format.h>

#include "penstock/network/collective.h"

namespace penstock::network {
namespace {

/// A group split along the units of the fabric, from the inside out: factors whose product is its
/// size.
std::vector<int64_t> split(const Topology& topology, const Group& group) {
  std::vector<int64_t> factors;
  int64_t done = 1;
  for (const Level& level : topology.levels()) {
    if (level.endpoint_count % group.stride != 0) continue;
    const int64_t members = level.endpoint_count / group.stride;
    if (members <= done || members >= group.size) continue;
    if (members % done != 0 || group.size % members != 0) continue;
    factors.push_back(members / done);
    done = members;
  }
  factors.push_back(group.size / done);
  return factors;
}

/// Tier by tier: each tier works on what the tier inside it leaves. All-reduce adds up outwards and
/// gathers inwards; bytes over a tier shrink with every tier below it.
class Hierarchical final : public Algorithm {
 public:
  [[nodiscard]] std::optional<std::string> refusal(const Topology& topology,
                                                   const Collective& c) const override {
    if (c.operation == Operation::kSendReceive) return "one message has no tiers";
    if (split(topology, c.placement.group).size() < 2) {
      return fmt::format("{} ranks {} apart do not fill units of '{}' evenly",
                         c.placement.group.size, c.placement.group.stride, topology.name());
    }
    return std::nullopt;
  }

  [[nodiscard]] std::vector<Phase> phases(const Topology& topology,
                                          const Collective& c) const override {
    const std::vector<int64_t> factors = split(topology, c.placement.group);
    const bool reduces =
        c.operation == Operation::kAllReduce || c.operation == Operation::kReduceScatter;
    const bool gathers =
        c.operation == Operation::kAllReduce || c.operation == Operation::kAllGather;
    std::vector<Phase> out;
    std::vector<Phase> back;
    int64_t stride = 1;  // in members
    Bytes held = c.payload;
    for (const int64_t factor : factors) {
      const auto n = static_cast<double>(factor);
      const Group tier{factor, stride};
      const Traffic all{Pattern::kAllPairs, c.placement, 1, tier};
      const std::string where = fmt::format("{} ranks {} apart", factor, stride);
      if (c.operation == Operation::kAllToAll) {
        out.push_back({"exchange among " + where, all, 1, c.payload / n, Bytes()});
      } else if (c.operation == Operation::kBroadcast) {
        back.insert(back.begin(), {"spread among " + where,
                                   {Pattern::kChain, c.placement, 1, tier},
                                   factor - 1,
                                   held,
                                   Bytes()});
      } else {
        if (reduces) {
          out.push_back(
              {"reduce-scatter among " + where, all, 1, held / n, held * (1.0 - 1.0 / n)});
        }
        if (gathers) {
          back.insert(back.begin(), {"all-gather among " + where, all, 1, held / n, Bytes()});
        }
        held = held / n;
      }
      stride *= factor;
    }
    for (Phase& phase : back) out.push_back(std::move(phase));
    return out;
  }
};

PENSTOCK_REGISTER(Algorithm, Hierarchical,
                  "Tier by tier, each on the part the tier inside leaves.");

}  // namespace
}  // namespace penstock::network
