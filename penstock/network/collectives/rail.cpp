#include <fmt/format.h>

#include "penstock/network/collective.h"

namespace penstock::network {
namespace {

/// Inside the scale-up domain first, then among accelerators of one place in all domains (a rail),
/// so that every card of a node carries its part. Across domains in a ring.
/// Source: rail-optimised clusters of NVIDIA; two-dimensional all-to-all of DeepEP.
class Rail final : public Algorithm {
 public:
  [[nodiscard]] std::optional<std::string> refusal(const Topology& topology,
                                                   const Collective& c) const override {
    const Group& group = c.placement.group;
    const int64_t domain = topology.domain_size();
    if (c.operation == Operation::kSendReceive || c.operation == Operation::kBroadcast) {
      return "rails carry parts of what all ranks hold";
    }
    if (group.stride >= domain || group.size * group.stride <= domain) {
      return "the group does not span domains with several ranks in each";
    }
    if (domain % group.stride != 0 || group.size % (domain / group.stride) != 0) {
      return fmt::format("{} ranks {} apart do not fill domains of {}", group.size, group.stride,
                         domain);
    }
    return std::nullopt;
  }

  [[nodiscard]] std::vector<Phase> phases(const Topology& topology,
                                          const Collective& c) const override {
    const Group& group = c.placement.group;
    const int64_t inner = topology.domain_size() / group.stride;
    const int64_t outer = group.size / inner;
    const auto n = static_cast<double>(inner);
    const auto m = static_cast<double>(outer);
    const Traffic inside{Pattern::kAllPairs, c.placement, 1, Group{inner, 1}};
    const Group rails{outer, inner};
    const Traffic ring{Pattern::kRing, c.placement, 1, rails};
    const Bytes part = c.payload / n;
    const Bytes over = part * ((m - 1.0) / m);
    if (c.operation == Operation::kAllToAll) {
      // a rank gathers for its rail what its domain sends along it, then every rail exchanges
      return {{"exchange in the domain", inside, 1, part, Bytes()},
              {"exchange along rails",
               {Pattern::kAllPairs, c.placement, 1, rails},
               1,
               c.payload / m,
               Bytes()}};
    }
    std::vector<Phase> phases;
    const bool reduces = c.operation != Operation::kAllGather;
    const bool gathers = c.operation != Operation::kReduceScatter;
    if (reduces) {
      phases.push_back({"reduce-scatter in the domain", inside, 1, part, part * (n - 1.0)});
      phases.push_back({"reduce-scatter along rails", ring, outer - 1, over, over});
    }
    if (gathers) {
      phases.push_back({"all-gather along rails", ring, outer - 1, over, Bytes()});
      phases.push_back({"all-gather in the domain", inside, 1, part, Bytes()});
    }
    return phases;
  }
};

PENSTOCK_REGISTER(Algorithm, Rail,
                  "In the domain, then along rails of equal places, every card with its part.");

}  // namespace
}  // namespace penstock::network
