#include <fmt/format.h>

#include "penstock/network/tiers.h"

namespace penstock::network {
namespace {

class RailOptimized final : public TopologyKind {
 public:
  std::unique_ptr<Topology> build(const catalog::Fabric& fabric, const FabricContext& context,
                                  Findings& findings) const override {
    const int64_t rails = fabric.rail_count > 1 ? fabric.rail_count : context.node_size;
    if (context.endpoint_count % rails != 0) {
      findings.add(context.mark,
                   fmt::format("fabric '{}': {} endpoints do not divide over {} rails", fabric.id,
                               context.endpoint_count, rails));
      return nullptr;
    }
    auto options = tiers_by_ports(fabric, context, rails, findings);
    if (!options) return nullptr;
    return std::make_unique<TieredTopology>(std::move(*options));
  }
};

PENSTOCK_REGISTER(TopologyKind, RailOptimized,
                  "A fat tree whose leaves each serve one card of many nodes.");

}  // namespace
}  // namespace penstock::network
