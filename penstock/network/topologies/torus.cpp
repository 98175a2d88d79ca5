#include <fmt/format.h>

#include <algorithm>

#include "penstock/network/topology.h"

namespace penstock::network {
namespace {

/// Rings along each dimension. Messages go dimension by dimension, the shorter way round, and half
/// each way where both are equally long. The tier's latency is that of one hop.
class TorusGraph final : public Topology {
 public:
  TorusGraph(const catalog::Fabric& fabric, const std::vector<int64_t>& sides,
             int64_t links_per_bundle)
      : sides_(sides) {
    const catalog::FabricTier& tier = fabric.tiers[0];
    name_ = fabric.id;
    accelerator_count_ = 1;
    for (const int64_t side : sides) accelerator_count_ *= side;
    if (tier.latency) hop_latency_ = tier.latency->value;
    const size_t here =
        add_vertices({"accelerator", VertexKind::kAccelerator, accelerator_count_, {}, 0});
    for (size_t d = 0; d < sides.size(); ++d) {
      // the two neighbours of a side of two are one, and share one bundle
      const int64_t bundles = sides[d] == 1   ? 0
                              : sides[d] == 2 ? accelerator_count_ / 2
                                              : accelerator_count_;
      LinkClass links = links_of_tier(tier, fmt::format("{} along dimension {}", tier.name, d + 1),
                                      here, here, bundles, links_per_bundle);
      links.optical_bundle_count = optical_bundles(bundles, sides[d], fabric.block_side);
      links.pattern = LinkPattern::kRings;
      links.ring_size = sides[d];
      add_links(std::move(links));
    }
    if (!tier.switch_part.empty()) {
      // circuit switches stand between blocks and join, but never route
      add_vertices({"optical circuit switch", VertexKind::kSwitch,
                    tier.switch_count ? tier.switch_count->value : 0, tier.switch_part, 1});
    }
    levels_.push_back({tier.name, accelerator_count_});
  }

  void route(int64_t from, int64_t to, std::vector<Hop>& way) const override {
    int64_t stride = 1;
    int64_t at = from;
    for (size_t d = 0; d < sides_.size(); ++d) {
      const int64_t side = sides_[d];
      const int64_t here = (at / stride) % side;
      const int64_t there = (to / stride) % side;
      const int64_t ahead = (there - here + side) % side;
      if (2 * ahead < side) {
        walk(at, d, stride, ahead, 1, 1.0, way);
      } else if (2 * ahead > side) {
        walk(at, d, stride, side - ahead, -1, 1.0, way);
      } else if (side == 2) {
        walk(at, d, stride, 1, here == 0 ? 1 : -1, 1.0, way);
      } else {
        walk(at, d, stride, ahead, 1, 0.5, way);
        walk(at, d, stride, ahead, -1, 0.5, way);
      }
      at += (there - here) * stride;
      stride *= side;
    }
  }
  [[nodiscard]] Seconds latency(int64_t from, int64_t to) const override {
    int64_t hops = 0;
    for (const int64_t side : sides_) {
      const int64_t ahead = ((to % side) - (from % side) + side) % side;
      hops += std::min(ahead, side - ahead);
      from /= side;
      to /= side;
    }
    return hop_latency_ * static_cast<double>(hops);
  }
  [[nodiscard]] BytesPerSecond bisection() const override {
    const int64_t longest = *std::max_element(sides_.begin(), sides_.end());
    if (longest == 1) return BytesPerSecond();
    const int64_t rings = accelerator_count_ / longest;
    return links_[0].bandwidth_each_way() * static_cast<double>(rings * (longest == 2 ? 1 : 2));
  }
  [[nodiscard]] int64_t diameter() const override {
    int64_t hops = 0;
    for (const int64_t side : sides_) hops += side / 2;
    return hops;
  }

 private:
  /// One of `block` links along a side leaves its block; none where a side is one block.
  static int64_t optical_bundles(int64_t bundles, int64_t side, int64_t block) {
    return block > 0 && side > block ? bundles / block : 0;
  }

  /// Bundle `i` of a dimension joins endpoint i and its next one; of a side of two, pairs in order.
  void walk(int64_t at, size_t d, int64_t stride, int64_t steps, int sign, double share_fraction,
            std::vector<Hop>& way) const {
    const int64_t side = sides_[d];
    int64_t coordinate = (at / stride) % side;
    const int64_t base = at - coordinate * stride;
    for (int64_t i = 0; i < steps; ++i) {
      const int64_t next = (coordinate + sign + side) % side;
      const int64_t lower = sign > 0 ? coordinate : next;
      const int64_t endpoint = base + lower * stride;
      const int64_t bundle =
          side == 2 ? (endpoint / (2 * stride)) * stride + endpoint % stride : endpoint;
      way.push_back({channel(d, bundle, sign > 0 ? 0 : 1), share_fraction});
      coordinate = next;
    }
  }

  std::vector<int64_t> sides_;
  Seconds hop_latency_;
};

class Torus final : public TopologyKind {
 public:
  std::unique_ptr<Topology> build(const catalog::Fabric& fabric, const FabricContext& context,
                                  Findings& findings) const override {
    int64_t product = 1;
    int64_t rings = 0;
    std::string sides;
    for (const int64_t side : fabric.dimensions) {
      product = side > 0 && product <= context.endpoint_count ? product * side : product;
      rings += side > 1 ? 1 : 0;
      sides += fmt::format("{}{}", sides.empty() ? "" : "x", side);
    }
    if (fabric.dimensions.empty() || product != context.endpoint_count ||
        fabric.tiers.size() != 1) {
      findings.add(context.mark,
                   fmt::format("fabric '{}': a torus has one tier and sides whose product is its "
                               "endpoints; got {} tiers, sides {} and {} endpoints",
                               fabric.id, fabric.tiers.size(), sides.empty() ? "none" : sides,
                               context.endpoint_count));
      return nullptr;
    }
    const catalog::MaybeSourced<int64_t>& links = fabric.tiers[0].link_count;
    const int64_t ends = std::max<int64_t>(2 * rings, 1);
    if (links && links->value % ends != 0) {
      findings.add(context.mark,
                   fmt::format("fabric '{}': {} links of an endpoint do not divide over two ways "
                               "along {} dimensions",
                               fabric.id, links->value, rings));
      return nullptr;
    }
    return std::make_unique<TorusGraph>(fabric, fabric.dimensions, links ? links->value / ends : 1);
  }
};

PENSTOCK_REGISTER(TopologyKind, Torus,
                  "Rings along each of several dimensions (TPU pods, Trainium2).");

}  // namespace
}  // namespace penstock::network
