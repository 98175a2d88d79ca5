#include <fmt/format.h>

#include "penstock/network/topology.h"

namespace penstock::network {
namespace {

/// One bundle between each two endpoints.
class Mesh final : public Topology {
 public:
  Mesh(const catalog::Fabric& fabric, int64_t endpoints, int64_t links_per_peer) {
    const catalog::FabricTier& tier = fabric.tiers[0];
    name_ = fabric.id;
    accelerator_count_ = endpoints;
    if (tier.latency) latency_ = tier.latency->value;
    const size_t here = add_vertices({"accelerator", VertexKind::kAccelerator, endpoints, {}, 0});
    LinkClass links =
        links_of_tier(tier, tier.name, here, here, endpoints * (endpoints - 1) / 2, links_per_peer);
    links.pattern = LinkPattern::kAllPairs;
    add_links(std::move(links));
    levels_.push_back({tier.name, endpoints});
  }

  void route(int64_t from, int64_t to, std::vector<Hop>& way) const override {
    if (from == to) return;
    const int64_t a = std::min(from, to);
    const int64_t b = std::max(from, to);
    const int64_t pair = a * (2 * accelerator_count_ - a - 1) / 2 + (b - a - 1);
    way.push_back({channel(0, pair, from < to ? 0 : 1), 1.0});
  }
  [[nodiscard]] Seconds latency(int64_t from, int64_t to) const override {
    return from == to ? Seconds() : latency_;
  }
  [[nodiscard]] BytesPerSecond bisection() const override {
    const int64_t half = accelerator_count_ / 2;
    return links_[0].bandwidth_each_way() * static_cast<double>(half * (accelerator_count_ - half));
  }
  [[nodiscard]] int64_t diameter() const override { return accelerator_count_ > 1 ? 1 : 0; }

 private:
  Seconds latency_;
};

class FullMesh final : public TopologyKind {
 public:
  std::unique_ptr<Topology> build(const catalog::Fabric& fabric, const FabricContext& context,
                                  Findings& findings) const override {
    const int64_t peers = context.endpoint_count - 1;
    const catalog::FabricTier& tier = fabric.tiers[0];
    const int64_t links = tier.link_count ? tier.link_count->value : peers;
    if (fabric.tiers.size() != 1 || (peers > 0 && links % peers != 0)) {
      findings.add(context.mark,
                   fmt::format("fabric '{}': a full mesh has one tier, whose links divide over the "
                               "peers; got {} tiers, {} links and {} peers",
                               fabric.id, fabric.tiers.size(), links, peers));
      return nullptr;
    }
    return std::make_unique<Mesh>(fabric, context.endpoint_count,
                                  peers > 0 ? links / peers : links);
  }
};

PENSTOCK_REGISTER(TopologyKind, FullMesh,
                  "A link between each two endpoints (HCCS of 8 cards, MI300X boards).");

}  // namespace
}  // namespace penstock::network
