#include "penstock/network/tiered.h"

#include <algorithm>
#include <utility>

#include "penstock/base/check.h"

namespace penstock::network {
namespace {

/// Counts the flows that leave and enter each unit. Exact for any placement: O(members x tiers).
class TieredCounter final : public LoadCounter {
 public:
  TieredCounter(const TieredTopology& topology, int64_t domain_size)
      : topology_(topology), domain_size_(domain_size) {
    leaving_.resize(topology.tiers().size());
    entering_.resize(topology.tiers().size());
    most_.assign(topology.links().size(), 0.0);
  }

  void add_flow(int64_t from, int64_t to) override {
    if (from / domain_size_ == to / domain_size_) return;
    const size_t meeting = topology_.meeting_tier(from, to);
    for (size_t tier = 0; tier < meeting; ++tier) {
      load(leaving_[tier], tier, topology_.unit(from, tier), 1.0);
      load(entering_[tier], tier, topology_.unit(to, tier), 1.0);
    }
    highest_ = std::max(highest_, meeting);
    ++flow_count_;
  }

  /// Members of unit u and domain D, c of them, each send to all g but the M of the unit and the N
  /// of the domain, of which c are the same: c (g - M - N + c) flows leave u.
  void add_all_pairs(std::span<const int64_t> members) override {
    const auto all = static_cast<int64_t>(members.size());
    std::vector<std::pair<int64_t, int64_t>> cells(members.size());  // domain, unit
    for (size_t i = 0; i < members.size(); ++i) cells[i] = {members[i] / domain_size_, members[i]};
    const std::vector<int64_t> in_domain = run_lengths(cells);
    for (size_t tier = 0; tier < leaving_.size(); ++tier) {
      count_tier(members, tier, in_domain);
    }
    for (size_t i = 0; i < members.size(); ++i) flow_count_ += all - in_domain[i];
  }

  [[nodiscard]] Loads loads() const override {
    Loads loads;
    loads.flows_of_class = most_;
    loads.flow_count = flow_count_;
    if (highest_ > 0) loads.latency = topology_.tiers()[highest_ - 1].latency;
    return loads;
  }

 private:
  /// Loads only grow, so the highest so far is the highest.
  void load(std::vector<double>& side, size_t tier, int64_t unit, double added) {
    if (side.empty()) {
      const int64_t hosts = tier == 0 ? topology_.host_count() : 0;
      side.assign(static_cast<size_t>(topology_.unit_count(tier) + hosts), 0.0);
    }
    double& flows = side[static_cast<size_t>(unit)];
    flows += added;
    const bool host = tier == 0 && unit >= topology_.accelerator_count();
    double& most = most_[host ? topology_.host_links() : tier];
    most = std::max(most, flows);
  }

  /// For each member, how many share its domain. Members of a domain need not be neighbours.
  static std::vector<int64_t> run_lengths(std::vector<std::pair<int64_t, int64_t>> cells) {
    std::vector<int64_t> lengths(cells.size());
    std::vector<std::pair<int64_t, size_t>> order(cells.size());
    for (size_t i = 0; i < cells.size(); ++i) order[i] = {cells[i].first, i};
    if (!std::is_sorted(order.begin(), order.end())) std::sort(order.begin(), order.end());
    for (size_t begin = 0; begin < order.size();) {
      size_t end = begin;
      while (end < order.size() && order[end].first == order[begin].first) ++end;
      for (size_t i = begin; i < end; ++i) {
        lengths[order[i].second] = static_cast<int64_t>(end - begin);
      }
      begin = end;
    }
    return lengths;
  }

  void count_tier(std::span<const int64_t> members, size_t tier,
                  const std::vector<int64_t>& in_domain) {
    struct Cell {
      int64_t unit;
      int64_t domain;
      int64_t domain_members;
    };
    std::vector<Cell> cells(members.size());
    for (size_t i = 0; i < members.size(); ++i) {
      cells[i] = {topology_.unit(members[i], tier), members[i] / domain_size_, in_domain[i]};
    }
    const auto before = [](const Cell& a, const Cell& b) {
      return std::pair(a.unit, a.domain) < std::pair(b.unit, b.domain);
    };
    if (!std::is_sorted(cells.begin(), cells.end(), before)) {
      std::sort(cells.begin(), cells.end(), before);
    }
    const auto all = static_cast<int64_t>(members.size());
    for (size_t begin = 0; begin < cells.size();) {
      size_t end = begin;
      while (end < cells.size() && cells[end].unit == cells[begin].unit) ++end;
      const auto in_unit = static_cast<int64_t>(end - begin);
      int64_t flows = 0;
      for (size_t i = begin; i < end;) {
        size_t next = i;
        while (next < end && cells[next].domain == cells[i].domain) ++next;
        const auto both = static_cast<int64_t>(next - i);
        flows += both * (all - in_unit - cells[i].domain_members + both);
        i = next;
      }
      if (flows > 0) {
        load(leaving_[tier], tier, cells[begin].unit, static_cast<double>(flows));
        load(entering_[tier], tier, cells[begin].unit, static_cast<double>(flows));
        highest_ = std::max(highest_, tier + 1);
      }
      begin = end;
    }
  }

  const TieredTopology& topology_;
  int64_t domain_size_;
  std::vector<std::vector<double>> leaving_;  // per tier below the bundle, per unit; empty: none
  std::vector<std::vector<double>> entering_;
  std::vector<double> most_;  // per class of links
  size_t highest_ = 0;
  int64_t flow_count_ = 0;
};

}  // namespace

TieredTopology::TieredTopology(Options options) : options_(std::move(options)) {
  PENSTOCK_CHECK(!options_.tiers.empty(), "fabric '{}' has no tier", options_.name);
  name_ = options_.name;
  accelerator_count_ = options_.endpoint_count;
  reduces_in_switch_ = options_.reduces_in_switch;
  size_t below = add_vertices({"accelerator", VertexKind::kAccelerator, accelerator_count_, {}, 0});
  if (!options_.interface_part.empty()) {
    below = add_vertices(
        {"interface", VertexKind::kInterface, accelerator_count_, options_.interface_part, 0});
  }
  for (size_t i = 0; i < options_.tiers.size(); ++i) {
    const Tier& tier = options_.tiers[i];
    const size_t here = add_vertices({tier.name, VertexKind::kSwitch, tier.switch_count,
                                      tier.parts.switch_part, static_cast<int64_t>(i) + 1});
    add_links(links_of_tier(tier.parts, fmt::format("{} to {}", vertices_[below].name, tier.name),
                            below, here, unit_count(i), tier.links_per_unit));
    levels_.push_back({tier.name, std::min(tier.unit_size, accelerator_count_)});
    below = here;
  }
  if (options_.hosts) {
    const catalog::FabricHosts& hosts = *options_.hosts;
    host_count_ = hosts.count_per_unit.value * unit_count(1);
    const size_t host = add_vertices({"host", VertexKind::kHost, host_count_, {}, 0});
    host_links_ = add_links({.name = fmt::format("host to {}", options_.tiers[0].name),
                             .from = host,
                             .to = links_[0].to,
                             .bundle_count = host_count_,
                             .link_bandwidth_each_way = hosts.bandwidth_each_way.value});
  }
}

int64_t TieredTopology::place(int64_t endpoint) const {
  if (!is_host(endpoint)) return options_.order.place(endpoint);
  const int64_t unit = (endpoint - accelerator_count_) / options_.hosts->count_per_unit.value;
  return unit * options_.tiers[0].unit_size;
}

int64_t TieredTopology::unit(int64_t endpoint, size_t tier) const {
  if (tier == 0) return endpoint;
  return place(endpoint) / options_.tiers[tier - 1].unit_size;
}

int64_t TieredTopology::unit_count(size_t tier) const {
  if (tier == 0) return accelerator_count_;
  const int64_t last = options_.order.rail_count == 1
                           ? accelerator_count_
                           : ceil_divide(accelerator_count_, options_.order.rail_count *
                                                                 options_.order.nodes_per_group) *
                                 options_.order.rail_count * options_.order.nodes_per_group;
  return ceil_divide(last, options_.tiers[tier - 1].unit_size);
}

size_t TieredTopology::meeting_tier(int64_t a, int64_t b) const {
  if (a == b) return 0;
  const int64_t place_a = place(a);
  const int64_t place_b = place(b);
  size_t tier = 1;
  while (tier < options_.tiers.size() && place_a / options_.tiers[tier - 1].unit_size !=
                                             place_b / options_.tiers[tier - 1].unit_size) {
    ++tier;
  }
  return tier;
}

void TieredTopology::route(int64_t from, int64_t to, std::vector<Hop>& way) const {
  const size_t meeting = meeting_tier(from, to);
  const auto bundle = [&](int64_t endpoint, size_t tier, int direction) {
    if (tier == 0 && is_host(endpoint)) {
      return channel(host_links_, endpoint - accelerator_count_, direction);
    }
    return channel(tier, unit(endpoint, tier), direction);
  };
  for (size_t tier = 0; tier < meeting; ++tier) way.push_back({bundle(from, tier, 0), 1.0});
  for (size_t tier = meeting; tier-- > 0;) way.push_back({bundle(to, tier, 1), 1.0});
}

Seconds TieredTopology::latency(int64_t from, int64_t to) const {
  const size_t meeting = meeting_tier(from, to);
  if (meeting == 0) return Seconds();
  const Tier& tier = options_.tiers[meeting - 1];
  return is_host(from) || is_host(to) ? tier.host_latency : tier.latency;
}

BytesPerSecond TieredTopology::bisection() const {
  BytesPerSecond least = links_[0].bandwidth_each_way() *
                         static_cast<double>(std::max<int64_t>(accelerator_count_ / 2, 1));
  for (size_t tier = 1; tier < options_.tiers.size(); ++tier) {
    const int64_t half = unit_count(tier) / 2;
    if (half == 0) continue;
    least = std::min(least, links_[tier].bandwidth_each_way() * static_cast<double>(half));
  }
  return least;
}

int64_t TieredTopology::diameter() const {
  return accelerator_count_ < 2 ? 0
                                : 2 * static_cast<int64_t>(meeting_tier(0, accelerator_count_ - 1));
}

std::unique_ptr<LoadCounter> TieredTopology::counter_between(int64_t domain_size) const {
  return std::make_unique<TieredCounter>(*this, domain_size);
}

}  // namespace penstock::network
