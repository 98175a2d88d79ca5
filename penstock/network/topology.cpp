#include "penstock/network/topology.h"

#include <fmt/format.h>

#include <algorithm>

#include "penstock/base/check.h"
#include "penstock/base/text.h"

namespace penstock::network {
namespace {

/// The reference: every flow along its way, hop by hop.
class WalkingCounter final : public LoadCounter {
 public:
  WalkingCounter(const Topology& topology, int64_t domain_size)
      : topology_(topology),
        domain_size_(domain_size),
        flows_of_channel_(static_cast<size_t>(topology.channel_count()), 0.0),
        even_flows_(topology.links().size(), 0.0) {}

  void add_flow(int64_t from, int64_t to) override {
    if (from / domain_size_ == to / domain_size_) return;
    way_.clear();
    topology_.route(from, to, way_);
    for (const Hop& hop : way_) {
      flows_of_channel_[static_cast<size_t>(hop.channel)] += hop.share_fraction;
    }
    latency_ = std::max(latency_, topology_.latency(from, to));
    ++flow_count_;
  }

  void add_all_pairs(std::span<const int64_t> members) override {
    const auto count = static_cast<int64_t>(members.size());
    const bool all = count == topology_.accelerator_count() && count > 1;
    if (topology_.is_symmetric() && all && domain_size_ == 1) {
      add_from_one(members);
      return;
    }
    for (const int64_t from : members) {
      for (const int64_t to : members) {
        if (from != to) add_flow(from, to);
      }
    }
  }

  [[nodiscard]] Loads loads() const override {
    Loads loads;
    loads.flows_of_class = even_flows_;
    loads.flow_count = flow_count_;
    loads.latency = latency_;
    std::vector<double> most(even_flows_.size(), 0.0);
    for (size_t i = 0; i < flows_of_channel_.size(); ++i) {
      if (flows_of_channel_[i] == 0.0) continue;
      double& flows = most[topology_.class_of_channel(static_cast<int64_t>(i))];
      flows = std::max(flows, flows_of_channel_[i]);
    }
    for (size_t c = 0; c < most.size(); ++c) loads.flows_of_class[c] += most[c];
    return loads;
  }

 private:
  /// All accelerators are alike, so the flows of one, times their number, lie evenly on a class.
  void add_from_one(std::span<const int64_t> members) {
    const auto count = static_cast<double>(members.size());
    for (const int64_t to : members.subspan(1)) {
      way_.clear();
      topology_.route(members[0], to, way_);
      for (const Hop& hop : way_) {
        const size_t link_class = topology_.class_of_channel(hop.channel);
        const auto bundles = static_cast<double>(topology_.links()[link_class].bundle_count);
        even_flows_[link_class] += count * hop.share_fraction / (2.0 * bundles);
      }
      latency_ = std::max(latency_, topology_.latency(members[0], to));
    }
    flow_count_ += static_cast<int64_t>(members.size() * (members.size() - 1));
  }

  const Topology& topology_;
  int64_t domain_size_;
  std::vector<double> flows_of_channel_;
  std::vector<double> even_flows_;
  std::vector<Hop> way_;
  int64_t flow_count_ = 0;
  Seconds latency_;
};

}  // namespace

LinkClass links_of_tier(const catalog::FabricTier& tier, std::string name, size_t from, size_t to,
                        int64_t bundle_count, int64_t links_per_bundle) {
  return {.name = std::move(name),
          .from = from,
          .to = to,
          .bundle_count = bundle_count,
          .links_per_bundle = links_per_bundle,
          .link_bandwidth_each_way = tier.link_bandwidth_each_way.value,
          .medium = tier.medium,
          .cable_part = tier.cable_part,
          .module_part = tier.module_part,
          .links_per_cable = tier.links_per_cable,
          .cables_per_link = tier.cables_per_link};
}

size_t Topology::class_of_channel(int64_t channel) const {
  const auto after = std::upper_bound(first_bundle_.begin(), first_bundle_.end(), channel / 2);
  return static_cast<size_t>(after - first_bundle_.begin()) - 1;
}

std::unique_ptr<LoadCounter> Topology::counter_between(int64_t domain_size) const {
  return std::make_unique<WalkingCounter>(*this, domain_size);
}

size_t Topology::add_vertices(VertexClass vertices) {
  PENSTOCK_CHECK(vertices.count >= 0, "{} vertices of '{}'", vertices.count, vertices.name);
  vertices_.push_back(std::move(vertices));
  return vertices_.size() - 1;
}

size_t Topology::add_links(LinkClass links) {
  PENSTOCK_CHECK(links.bundle_count >= 0 && links.links_per_bundle > 0,
                 "{} bundles of {} links '{}'", links.bundle_count, links.links_per_bundle,
                 links.name);
  first_bundle_.push_back(first_bundle_.back() + links.bundle_count);
  links_.push_back(std::move(links));
  return links_.size() - 1;
}

std::unique_ptr<Topology> build_topology(const catalog::Fabric& fabric,
                                         const FabricContext& context, Findings& findings) {
  const auto* entry = Registry<TopologyKind>::find(fabric.topology);
  if (entry == nullptr) {
    findings.add(
        context.mark,
        fmt::format("fabric '{}' is wired as '{}', which is no topology{}", fabric.id,
                    fabric.topology, suggestion(fabric.topology, Registry<TopologyKind>::names())));
    return nullptr;
  }
  if (context.endpoint_count < 1) {
    findings.add(context.mark, fmt::format("fabric '{}' joins {} endpoints; it takes at least 1",
                                           fabric.id, context.endpoint_count));
    return nullptr;
  }
  if (fabric.endpoint_count && fabric.endpoint_count->value < context.endpoint_count) {
    findings.add(context.mark,
                 fmt::format("fabric '{}' has {} endpoints, fewer than the {} accelerators to join",
                             fabric.id, fabric.endpoint_count->value, context.endpoint_count));
    return nullptr;
  }
  return entry->make()->build(fabric, context, findings);
}

}  // namespace penstock::network
