#include "penstock/network/cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "penstock/base/check.h"

namespace penstock::network {
namespace {

class ClusterCounter final : public LoadCounter {
 public:
  ClusterCounter(const Cluster& cluster, int64_t domain_size)
      : cluster_(cluster),
        inside_(cluster.domain().counter_between(domain_size)),
        between_(cluster.scale_out().counter_between(cluster.domain_size())) {}

  void add_flow(int64_t from, int64_t to) override {
    const int64_t size = cluster_.domain_size();
    if (from / size != to / size) {
      between_->add_flow(from, to);
    } else if (from < size) {
      inside_->add_flow(from, to);
    }
  }

  void add_all_pairs(std::span<const int64_t> members) override {
    if (members.empty()) return;
    const int64_t domain = members[0] / cluster_.domain_size();
    const bool in_one = std::all_of(members.begin(), members.end(), [&](int64_t member) {
      return member / cluster_.domain_size() == domain;
    });
    if (!in_one) between_->add_all_pairs(members);
    if (in_one && domain != 0) return;  // the first domain stands for all
    std::vector<int64_t> first;
    for (const int64_t member : members) {
      if (member < cluster_.domain_size()) first.push_back(member);
    }
    inside_->add_all_pairs(first);
  }

  [[nodiscard]] Loads loads() const override {
    Loads loads = inside_->loads();
    const Loads between = between_->loads();
    loads.flows_of_class.insert(loads.flows_of_class.end(), between.flows_of_class.begin(),
                                between.flows_of_class.end());
    loads.flow_count = loads.flow_count * cluster_.domain_count() + between.flow_count;
    loads.latency = std::max(loads.latency, between.latency);
    return loads;
  }

 private:
  const Cluster& cluster_;
  std::unique_ptr<LoadCounter> inside_;
  std::unique_ptr<LoadCounter> between_;
};

}  // namespace

Cluster::Cluster(std::string name, std::unique_ptr<Topology> domain, int64_t count,
                 std::unique_ptr<Topology> scale_out)
    : domain_(std::move(domain)), scale_out_(std::move(scale_out)), domain_count_(count) {
  name_ = std::move(name);
  accelerator_count_ = domain_->accelerator_count() * count;
  reduces_in_switch_ = domain_->reduces_in_switch();
  PENSTOCK_CHECK(scale_out_->accelerator_count() == accelerator_count_,
                 "a scale-out network of {} endpoints for {} accelerators",
                 scale_out_->accelerator_count(), accelerator_count_);
  int64_t tiers = 0;
  for (VertexClass vertices : domain_->vertices()) {
    tiers = std::max(tiers, vertices.tier);
    vertices.count *= count;
    add_vertices(std::move(vertices));
  }
  for (LinkClass links : domain_->links()) {
    links.bundle_count *= count;
    add_links(std::move(links));
  }
  // the first class of both are the accelerators, and they are the same
  const size_t offset = vertices_.size() - 1;
  for (size_t i = 1; i < scale_out_->vertices().size(); ++i) {
    VertexClass vertices = scale_out_->vertices()[i];
    if (vertices.kind == VertexKind::kSwitch) {
      vertices.tier += tiers;
    }
    add_vertices(std::move(vertices));
  }
  for (LinkClass links : scale_out_->links()) {
    links.from = links.from == 0 ? 0 : links.from + offset;
    links.to = links.to == 0 ? 0 : links.to + offset;
    add_links(std::move(links));
  }
  for (const Level& level : domain_->levels()) levels_.push_back(level);
  for (const Level& level : scale_out_->levels()) {
    if (level.endpoint_count > levels_.back().endpoint_count) levels_.push_back(level);
  }
}

void Cluster::route(int64_t from, int64_t to, std::vector<Hop>& way) const {
  const int64_t size = domain_size();
  const size_t begin = way.size();
  const bool inside = from / size == to / size;
  const Topology& part = inside ? *domain_ : *scale_out_;
  if (inside) {
    part.route(from % size, to % size, way);
  } else {
    part.route(from, to, way);
  }
  const size_t first_class = inside ? 0 : first_scale_out_link();
  for (size_t i = begin; i < way.size(); ++i) {
    const size_t link_class = part.class_of_channel(way[i].channel);
    int64_t bundle = (way[i].channel - part.channel(link_class, 0, 0)) / 2;
    if (inside) bundle += from / size * part.links()[link_class].bundle_count;
    way[i].channel =
        channel(first_class + link_class, bundle, static_cast<int>(way[i].channel % 2));
  }
}

Seconds Cluster::latency(int64_t from, int64_t to) const {
  const int64_t size = domain_size();
  return from / size == to / size ? domain_->latency(from % size, to % size)
                                  : scale_out_->latency(from, to);
}

int64_t Cluster::diameter() const { return std::max(domain_->diameter(), scale_out_->diameter()); }

std::unique_ptr<LoadCounter> Cluster::counter_between(int64_t domain_size) const {
  return std::make_unique<ClusterCounter>(*this, domain_size);
}

}  // namespace penstock::network
