#include "penstock/network/collective.h"

namespace penstock::network {
namespace {

/// Every rank passes chunks to the next. All-reduce: n - 1 rounds that add up and n - 1 that
/// gather, each of 1/n of the buffer: 2 (n - 1) / n of it over every link.
/// Source: Thakur et al. 2005; Patarasuk and Yuan 2009.
class Ring final : public Algorithm {
 public:
  [[nodiscard]] std::optional<std::string> refusal(const Topology&,
                                                   const Collective& c) const override {
    if (c.operation == Operation::kAllToAll) return "a ring would carry every message n/2 times";
    if (c.operation == Operation::kSendReceive) return "one message needs no ring";
    return std::nullopt;
  }

  [[nodiscard]] std::vector<Phase> phases(const Topology&, const Collective& c) const override {
    const int64_t rounds = c.placement.group.size - 1;
    const double part = static_cast<double>(rounds) / static_cast<double>(rounds + 1);
    const Traffic ring{Pattern::kRing, c.placement};
    switch (c.operation) {
      case Operation::kAllReduce:
        return {{"ring reduce-scatter", ring, rounds, c.payload * part, c.payload * part},
                {"ring all-gather", ring, rounds, c.payload * part, Bytes()}};
      case Operation::kReduceScatter:
        return {{"ring reduce-scatter", ring, rounds, c.payload * part, c.payload * part}};
      case Operation::kBroadcast:
        return {{"ring broadcast", {Pattern::kChain, c.placement}, rounds, c.payload, Bytes()}};
      default: return {{"ring all-gather", ring, rounds, c.payload * part, Bytes()}};
    }
  }
};

PENSTOCK_REGISTER(Algorithm, Ring, "Chunks go round: least bytes, n - 1 rounds.");

}  // namespace
}  // namespace penstock::network
