#include "penstock/network/collective.h"

namespace penstock::network {
namespace {

/// Every rank sends to every other at once: one round a phase.
class Direct final : public Algorithm {
 public:
  [[nodiscard]] std::optional<std::string> refusal(const Topology&,
                                                   const Collective&) const override {
    return std::nullopt;
  }

  [[nodiscard]] std::vector<Phase> phases(const Topology&, const Collective& c) const override {
    const auto n = static_cast<double>(c.placement.group.size);
    const Bytes part = c.payload / n;
    const Bytes added = part * (n - 1.0);
    const Traffic all{Pattern::kAllPairs, c.placement};
    switch (c.operation) {
      case Operation::kAllReduce:
        return {{"direct reduce-scatter", all, 1, part, added},
                {"direct all-gather", all, 1, part, Bytes()}};
      case Operation::kReduceScatter: return {{"direct reduce-scatter", all, 1, part, added}};
      case Operation::kAllGather: return {{"direct all-gather", all, 1, part, Bytes()}};
      case Operation::kAllToAll: return {{"direct all-to-all", all, 1, part, Bytes()}};
      case Operation::kBroadcast:
        return {{"root to all", {Pattern::kFromRoot, c.placement}, 1, c.payload, Bytes()}};
      case Operation::kSendReceive:
        return {{"message", {Pattern::kPair, c.placement}, 1, c.payload, Bytes()}};
    }
    return {};
  }
};

PENSTOCK_REGISTER(Algorithm, Direct, "Every rank to every other at once: one round.");

}  // namespace
}  // namespace penstock::network
