#include <fmt/format.h>

#include <algorithm>

#include "penstock/network/topology.h"

namespace penstock::network {
namespace {

struct Shape {
  int64_t endpoints_per_router = 0;
  int64_t routers_per_group = 0;
  int64_t global_links_per_router = 0;
  int64_t local_links_per_pair = 1;
  int64_t group_count = 0;
  int64_t global_links_per_pair = 0;  // of groups
};

/// Groups of fully meshed routers, each two groups joined by the same number of links. Messages
/// take the minimal way: to a router with a link to the other group, across, and on; they spread
/// over all links between two groups.
class DragonflyGraph final : public Topology {
 public:
  DragonflyGraph(const catalog::Fabric& fabric, const FabricContext& context, const Shape& shape)
      : shape_(shape) {
    name_ = fabric.id;
    accelerator_count_ = context.endpoint_count;
    const int64_t routers = shape.group_count * shape.routers_per_group;
    size_t below =
        add_vertices({"accelerator", VertexKind::kAccelerator, accelerator_count_, {}, 0});
    if (!fabric.nic_part.empty()) {
      below = add_vertices(
          {"interface", VertexKind::kInterface, accelerator_count_, fabric.nic_part, 0});
    }
    const size_t router =
        add_vertices({"router", VertexKind::kSwitch, routers, fabric.tiers[0].switch_part, 1});
    const int64_t a = shape.routers_per_group;
    const int64_t g = shape.group_count;
    const auto add = [&](const catalog::FabricTier& tier, size_t from, int64_t bundles,
                         int64_t links, LinkPattern pattern) {
      LinkClass added = links_of_tier(tier, tier.name, from, router, bundles, links);
      added.pattern = pattern;
      add_links(std::move(added));
      latencies_.push_back(tier.latency ? tier.latency->value : Seconds());
    };
    const catalog::MaybeSourced<int64_t>& own = fabric.tiers[0].link_count;
    add(fabric.tiers[0], below, accelerator_count_, own ? own->value : 1, LinkPattern::kTier);
    add(fabric.tiers[1], router, g * (a * (a - 1) / 2), shape.local_links_per_pair,
        LinkPattern::kAllPairs);
    add(fabric.tiers[2], router, g * (g - 1) / 2 * shape.global_links_per_pair, 1,
        LinkPattern::kGroupPairs);
    levels_.push_back({"router", std::min(shape.endpoints_per_router, accelerator_count_)});
    levels_.push_back({"group", std::min(shape.endpoints_per_router * a, accelerator_count_)});
    levels_.push_back({"all", accelerator_count_});
  }

  void route(int64_t from, int64_t to, std::vector<Hop>& way) const override {
    if (from == to) return;
    const int64_t a = from / shape_.endpoints_per_router;
    const int64_t b = to / shape_.endpoints_per_router;
    const int64_t group_a = a / shape_.routers_per_group;
    const int64_t group_b = b / shape_.routers_per_group;
    way.push_back({channel(0, from, 0), 1.0});
    if (group_a == group_b) {
      add_local(a, b, 1.0, way);
    } else {
      const int64_t links = shape_.global_links_per_pair;
      const double share = 1.0 / static_cast<double>(links);
      for (int64_t link = 0; link < links; ++link) {
        add_local(a, gateway(group_a, group_b, link), share, way);
        const int64_t low = std::min(group_a, group_b);
        const int64_t high = std::max(group_a, group_b);
        const int64_t pair = low * (2 * shape_.group_count - low - 1) / 2 + (high - low - 1);
        way.push_back({channel(2, pair * links + link, group_a < group_b ? 0 : 1), share});
        add_local(gateway(group_b, group_a, link), b, share, way);
      }
    }
    way.push_back({channel(0, to, 1), 1.0});
  }
  [[nodiscard]] Seconds latency(int64_t from, int64_t to) const override {
    if (from == to) return Seconds();
    const int64_t a = from / shape_.endpoints_per_router;
    const int64_t b = to / shape_.endpoints_per_router;
    if (a == b) return latencies_[0];
    return a / shape_.routers_per_group == b / shape_.routers_per_group ? latencies_[1]
                                                                        : latencies_[2];
  }
  [[nodiscard]] BytesPerSecond bisection() const override {
    const int64_t groups = shape_.group_count;
    const bool one = groups == 1;
    const int64_t units = one ? shape_.routers_per_group : groups;
    const int64_t half = units / 2;
    const int64_t links = half * (units - half) * (one ? 1 : shape_.global_links_per_pair);
    return links_[one ? 1 : 2].bandwidth_each_way() * static_cast<double>(links);
  }
  [[nodiscard]] int64_t diameter() const override {
    return shape_.group_count > 1 ? 5 : shape_.routers_per_group > 1 ? 3 : 2;
  }
  [[nodiscard]] bool is_symmetric() const override { return false; }

 private:
  /// The router of `group` that holds link `link` to `other`: links are dealt out in order.
  [[nodiscard]] int64_t gateway(int64_t group, int64_t other, int64_t link) const {
    const int64_t turn = (other - group - 1 + shape_.group_count) % shape_.group_count;
    const int64_t slot = turn * shape_.global_links_per_pair + link;
    return group * shape_.routers_per_group + slot / shape_.global_links_per_router;
  }

  void add_local(int64_t a, int64_t b, double share_fraction, std::vector<Hop>& way) const {
    if (a == b) return;
    const int64_t routers = shape_.routers_per_group;
    const int64_t low = std::min(a, b) % routers;
    const int64_t high = std::max(a, b) % routers;
    const int64_t pair = (a / routers) * (routers * (routers - 1) / 2) +
                         low * (2 * routers - low - 1) / 2 + (high - low - 1);
    way.push_back({channel(1, pair, a < b ? 0 : 1), share_fraction});
  }

  Shape shape_;
  std::vector<Seconds> latencies_;
};

class Dragonfly final : public TopologyKind {
 public:
  std::unique_ptr<Topology> build(const catalog::Fabric& fabric, const FabricContext& context,
                                  Findings& findings) const override {
    const auto fail = [&](const std::string& text) {
      findings.add(context.mark, fmt::format("fabric '{}': {}", fabric.id, text));
      return nullptr;
    };
    if (fabric.tiers.size() != 3 || !fabric.tiers[0].unit_count || !fabric.tiers[1].unit_count ||
        !fabric.tiers[2].link_count) {
      return fail(
          "a dragonfly has three tiers: endpoints of a router ('unit_count'), routers of "
          "a group ('unit_count'), global links of a router ('link_count')");
    }
    Shape shape;
    shape.endpoints_per_router = fabric.tiers[0].unit_count->value;
    shape.routers_per_group = fabric.tiers[1].unit_count->value;
    shape.global_links_per_router = fabric.tiers[2].link_count->value;
    if (fabric.tiers[1].link_count) shape.local_links_per_pair = fabric.tiers[1].link_count->value;
    const int64_t group = shape.endpoints_per_router * shape.routers_per_group;
    const int64_t global = shape.routers_per_group * shape.global_links_per_router;
    shape.group_count = (context.endpoint_count + group - 1) / group;
    if (shape.group_count > global + 1) {
      return fail(
          fmt::format("{} endpoints make {} groups of {}; {} global links of a group "
                      "reach {} groups",
                      context.endpoint_count, shape.group_count, group, global, global + 1));
    }
    shape.global_links_per_pair = shape.group_count > 1 ? global / (shape.group_count - 1) : 1;
    return std::make_unique<DragonflyGraph>(fabric, context, shape);
  }
};

PENSTOCK_REGISTER(TopologyKind, Dragonfly,
                  "Groups of fully meshed routers, each two groups joined directly.");

}  // namespace
}  // namespace penstock::network
