#include <fmt/format.h>

#include "penstock/network/tiers.h"

namespace penstock::network {
namespace {

class MultiPlane final : public TopologyKind {
 public:
  std::unique_ptr<Topology> build(const catalog::Fabric& fabric, const FabricContext& context,
                                  Findings& findings) const override {
    if (!fabric.plane_count || fabric.plane_count->value < 2) {
      findings.add(context.mark,
                   fmt::format("fabric '{}' needs a 'plane_count' of at least 2", fabric.id));
      return nullptr;
    }
    auto options = tiers_by_ports(fabric, context, 1, findings);
    if (!options) return nullptr;
    return std::make_unique<TieredTopology>(std::move(*options));
  }
};

PENSTOCK_REGISTER(TopologyKind, MultiPlane,
                  "Several equal fat trees; every card has links into each of them.");

}  // namespace
}  // namespace penstock::network
