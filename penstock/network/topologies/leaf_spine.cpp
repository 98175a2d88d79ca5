#include <fmt/format.h>

#include "penstock/network/tiers.h"

namespace penstock::network {
namespace {

class LeafSpine final : public TopologyKind {
 public:
  std::unique_ptr<Topology> build(const catalog::Fabric& fabric, const FabricContext& context,
                                  Findings& findings) const override {
    if (fabric.tiers.size() != 2) {
      findings.add(context.mark, fmt::format("fabric '{}' has {} tiers; leaf and spine are two",
                                             fabric.id, fabric.tiers.size()));
      return nullptr;
    }
    auto options = tiers_by_ports(fabric, context, 1, findings);
    if (!options) return nullptr;
    return std::make_unique<TieredTopology>(std::move(*options));
  }
};

PENSTOCK_REGISTER(TopologyKind, LeafSpine,
                  "Two tiers, leaves below spines, oversubscribed as the entry says.");

}  // namespace
}  // namespace penstock::network
