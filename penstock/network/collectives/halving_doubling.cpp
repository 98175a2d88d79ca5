#include <fmt/format.h>

#include <bit>

#include "penstock/network/collective.h"

namespace penstock::network {
namespace {

/// Pairs at distance n/2, n/4, ..., 1 exchange halves of what is left; then back. As few bytes as a
/// ring in log2 n rounds, but far exchanges cross thin tiers all at once.
/// Source: Thakur et al. 2005, recursive halving and doubling.
class HalvingDoubling final : public Algorithm {
 public:
  [[nodiscard]] std::optional<std::string> refusal(const Topology&,
                                                   const Collective& c) const override {
    if (!std::has_single_bit(static_cast<uint64_t>(c.placement.group.size))) {
      return fmt::format("{} ranks are no power of two", c.placement.group.size);
    }
    switch (c.operation) {
      case Operation::kAllReduce:
      case Operation::kAllGather:
      case Operation::kReduceScatter: return std::nullopt;
      default: return "pairs exchange parts of one buffer: all_reduce, all_gather, reduce_scatter";
    }
  }

  [[nodiscard]] std::vector<Phase> phases(const Topology&, const Collective& c) const override {
    const bool reduces = c.operation != Operation::kAllGather;
    const bool gathers = c.operation != Operation::kReduceScatter;
    std::vector<Phase> phases;
    Bytes part = c.payload * 0.5;
    for (int64_t distance = c.placement.group.size / 2; distance >= 1; distance /= 2) {
      const Traffic pairs{Pattern::kExchange, c.placement, distance};
      if (reduces) {
        phases.push_back({fmt::format("halve at distance {}", distance), pairs, 1, part, part});
      }
      if (gathers) {
        phases.push_back({fmt::format("double at distance {}", distance), pairs, 1, part, Bytes()});
      }
      part = part * 0.5;
    }
    return phases;
  }
};

PENSTOCK_REGISTER(Algorithm, HalvingDoubling,
                  "Pairs exchange halves at halving distances: log2 n rounds, least bytes.");

}  // namespace
}  // namespace penstock::network
