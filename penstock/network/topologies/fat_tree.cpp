#include "penstock/network/tiers.h"

namespace penstock::network {
namespace {

class FatTree final : public TopologyKind {
 public:
  std::unique_ptr<Topology> build(const catalog::Fabric& fabric, const FabricContext& context,
                                  Findings& findings) const override {
    auto options = tiers_by_ports(fabric, context, 1, findings);
    if (!options) return nullptr;
    return std::make_unique<TieredTopology>(std::move(*options));
  }
};

PENSTOCK_REGISTER(TopologyKind, FatTree,
                  "The fewest tiers of equal switches, up to three, that hold the endpoints.");

}  // namespace
}  // namespace penstock::network
