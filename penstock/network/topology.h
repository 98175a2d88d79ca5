/// The graph of a fabric, compact: classes of equal vertices and of equal bundles of links.
///
/// Models: endpoints (accelerators, then hosts), switches, and bundles of parallel links. A message
/// is spread evenly over the links of a bundle and over the planes of a fabric, as packet spraying
/// and striping do, so a bundle is one pipe in each direction.
/// Does not model: single packets, queues, hash collisions of flows pinned to one link.
///
/// Counts of parts, drawings, routes and loads all read the same classes: a fabric has one graph.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/registry.h"
#include "penstock/base/result.h"
#include "penstock/base/units.h"
#include "penstock/catalog/fabric.h"

namespace penstock::network {

/// a / b rounded up, of whole numbers that are not negative.
constexpr int64_t ceil_divide(int64_t a, int64_t b) { return (a + b - 1) / b; }

enum class VertexKind : uint8_t { kAccelerator, kHost, kInterface, kSwitch };

struct VertexClass {
  std::string name;
  VertexKind kind = VertexKind::kSwitch;
  int64_t count = 0;
  std::string part = {};  ///< catalog id of what is bought; empty: part of something else
  int64_t tier = 0;       ///< 0 for endpoints, 1 for the switches beside them, ...
};

/// Equal bundles that join vertices of two classes; `from` is the side of the endpoints.
struct LinkClass {
  std::string name;
  size_t from = 0;
  size_t to = 0;
  int64_t bundle_count = 0;
  int64_t links_per_bundle = 1;
  BytesPerSecond link_bandwidth_each_way = {};
  catalog::Medium medium = catalog::Medium::kBoard;
  std::string cable_part = {};
  std::string module_part = {};
  int64_t links_per_cable = 1;
  int64_t cables_per_link = 1;
  /// Bundles over optics although the class is copper: those that leave a block.
  int64_t optical_bundle_count = 0;
  LinkPattern pattern = LinkPattern::kTier;
  int64_t ring_size = 0;  ///< of rings: vertices in one

  [[nodiscard]] BytesPerSecond bandwidth_each_way() const {
    return link_bandwidth_each_way * static_cast<double>(links_per_bundle);
  }
  [[nodiscard]] int64_t link_count() const { return bundle_count * links_per_bundle; }
};

/// Bundles over the links of a tier: its rate, medium and parts; what else is left as it is unset.
LinkClass links_of_tier(const catalog::FabricTier& tier, std::string name, size_t from, size_t to,
                        int64_t bundle_count, int64_t links_per_bundle);

/// A stage of a message's way: one direction of one bundle, and the share of the message on it.
struct Hop {
  int64_t channel = 0;
  double share_fraction = 1.0;
};

/// A unit size of the fabric: endpoints of one switch, of one pod.
struct Level {
  std::string name;
  int64_t endpoint_count = 0;
};

/// What simultaneous equal flows put on a fabric.
struct Loads {
  /// For each class of links, the most flows on one direction of one bundle.
  std::vector<double> flows_of_class;  // tidy: allow double (a count of shared flows)
  int64_t flow_count = 0;
  Seconds latency;  ///< of the longest way among them
};

class Topology;

/// Adds up flows of one message each. Made by the topology, for its own shape.
class LoadCounter {
 public:
  virtual ~LoadCounter() = default;
  virtual void add_flow(int64_t from, int64_t to) = 0;
  /// One flow for each ordered pair of different members.
  virtual void add_all_pairs(std::span<const int64_t> members) = 0;
  [[nodiscard]] virtual Loads loads() const = 0;
};

class Topology {
 public:
  virtual ~Topology() = default;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::span<const VertexClass> vertices() const { return vertices_; }
  [[nodiscard]] std::span<const LinkClass> links() const { return links_; }
  /// Endpoints are numbered from 0: accelerators first, hosts after them.
  [[nodiscard]] int64_t accelerator_count() const { return accelerator_count_; }
  [[nodiscard]] int64_t host_count() const { return host_count_; }
  /// Accelerators of one scale-up domain; all of them unless domains are joined.
  [[nodiscard]] virtual int64_t domain_size() const { return accelerator_count_; }
  /// Sizes of its units, innermost first; the last holds every accelerator.
  [[nodiscard]] std::span<const Level> levels() const { return levels_; }

  /// Channels are numbered by class, bundle and direction (0 away from the endpoints).
  [[nodiscard]] int64_t channel_count() const { return 2 * first_bundle_.back(); }
  [[nodiscard]] int64_t channel(size_t link_class, int64_t bundle, int direction) const {
    return 2 * (first_bundle_[link_class] + bundle) + direction;
  }
  [[nodiscard]] size_t class_of_channel(int64_t channel) const;
  [[nodiscard]] BytesPerSecond capacity(int64_t channel) const {
    return links_[class_of_channel(channel)].bandwidth_each_way();
  }

  /// Appends the way of a message to `way`; none between an endpoint and itself. Shares of hops
  /// that are alternatives sum to 1.
  virtual void route(int64_t from, int64_t to, std::vector<Hop>& way) const = 0;
  /// One way, of a small message.
  [[nodiscard]] virtual Seconds latency(int64_t from, int64_t to) const = 0;
  /// Least bandwidth each way between two halves of the accelerators, over the cuts along units.
  [[nodiscard]] virtual BytesPerSecond bisection() const = 0;
  /// Links on the longest of the shortest ways between accelerators.
  [[nodiscard]] virtual int64_t diameter() const = 0;
  /// Whether every accelerator sees the same fabric around it.
  [[nodiscard]] virtual bool is_symmetric() const { return true; }
  /// Whether switches reduce and multicast.
  [[nodiscard]] virtual bool reduces_in_switch() const { return reduces_in_switch_; }
  [[nodiscard]] std::unique_ptr<LoadCounter> counter() const { return counter_between(1); }
  /// As `counter`, where flows inside a run of `domain_size` accelerators take another fabric and
  /// are left out. Walks the way of every flow, unless all accelerators talk to all of a symmetric
  /// fabric.
  [[nodiscard]] virtual std::unique_ptr<LoadCounter> counter_between(int64_t domain_size) const;

 protected:
  size_t add_vertices(VertexClass vertices);
  size_t add_links(LinkClass links);

  std::string name_;
  std::vector<VertexClass> vertices_;
  std::vector<LinkClass> links_;
  std::vector<int64_t> first_bundle_ = {0};  // per class, and the total
  std::vector<Level> levels_;
  int64_t accelerator_count_ = 0;
  int64_t host_count_ = 0;
  bool reduces_in_switch_ = false;
};

/// Where mistakes of a fabric are reported: the entry that names it.
struct FabricContext {
  Mark mark;
  int64_t endpoint_count = 0;  ///< what the machine needs; a fabric with its own count must match
  int64_t node_size = 1;       ///< endpoints of one host, for rails
};

/// A kind of wiring: reads the figures it needs from a fabric's entry and builds the graph.
class TopologyKind {
 public:
  virtual ~TopologyKind() = default;
  /// Null after findings: figures that are missing or cannot be wired, with the arithmetic.
  virtual std::unique_ptr<Topology> build(const catalog::Fabric& fabric,
                                          const FabricContext& context,
                                          Findings& findings) const = 0;
};

/// The fabric's topology by name; null after findings.
std::unique_ptr<Topology> build_topology(const catalog::Fabric& fabric,
                                         const FabricContext& context, Findings& findings);

}  // namespace penstock::network
