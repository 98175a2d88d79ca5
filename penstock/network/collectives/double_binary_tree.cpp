#include <bit>

#include "penstock/network/collective.h"

namespace penstock::network {
namespace {

int64_t depth(int64_t ranks) {
  return static_cast<int64_t>(std::bit_width(static_cast<uint64_t>(ranks - 1)));
}

/// Two binary trees, each with half of the data, in which every rank is a leaf of one and inside
/// the other: log2 n rounds up to add up, as many down to spread, and the whole buffer over every
/// rank's links each way. Source: Sanders, Speck and Traeff 2009; NCCL 2.4.
///
/// Trees follow the domains: inside one first, then between them with the data dealt out over the
/// cards of a domain. One flow leaves and one enters every rank, as in a ring.
class DoubleBinaryTree final : public Algorithm {
 public:
  [[nodiscard]] std::optional<std::string> refusal(const Topology&,
                                                   const Collective& c) const override {
    if (c.operation == Operation::kAllReduce || c.operation == Operation::kBroadcast) {
      return std::nullopt;
    }
    return "trees add up and spread one buffer: all_reduce and broadcast";
  }

  [[nodiscard]] std::vector<Phase> phases(const Topology& topology,
                                          const Collective& c) const override {
    const Group& group = c.placement.group;
    const bool reduces = c.operation == Operation::kAllReduce;
    const int64_t domain = topology.domain_size();
    int64_t inner = domain % group.stride == 0 ? domain / group.stride : 1;
    if (inner >= group.size || group.size % inner != 0) inner = group.size;
    const Traffic inside{Pattern::kRing, c.placement, 1, Group{inner, 1}};
    const Traffic between{Pattern::kRing, c.placement, 1, Group{group.size / inner, inner}};
    const Bytes dealt = c.payload / static_cast<double>(inner);
    std::vector<Phase> up;
    std::vector<Phase> down;
    if (inner > 1) {
      up.push_back({"tree up in the domain", inside, depth(inner), c.payload, c.payload});
      down.push_back({"tree down in the domain", inside, depth(inner), c.payload, Bytes()});
    }
    if (group.size > inner) {
      const int64_t rounds = depth(group.size / inner);
      up.push_back({"tree up between domains", between, rounds, dealt, dealt});
      down.insert(down.begin(), {"tree down between domains", between, rounds, dealt, Bytes()});
    }
    if (!reduces) return down;
    for (Phase& phase : down) up.push_back(std::move(phase));
    return up;
  }
};

PENSTOCK_REGISTER(Algorithm, DoubleBinaryTree,
                  "Two trees of half the data each: log2 n rounds at nearly full bandwidth.");

}  // namespace
}  // namespace penstock::network
