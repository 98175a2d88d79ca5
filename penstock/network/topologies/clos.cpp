#include "penstock/network/tiers.h"

namespace penstock::network {
namespace {

class Clos final : public TopologyKind {
 public:
  std::unique_ptr<Topology> build(const catalog::Fabric& fabric, const FabricContext& context,
                                  Findings& findings) const override {
    auto options = tiers_as_given(fabric, context, findings);
    if (!options) return nullptr;
    return std::make_unique<TieredTopology>(std::move(*options));
  }
};

PENSTOCK_REGISTER(
    TopologyKind, Clos,
    "Tiers of switches whose units and links the entry gives (CloudMatrix384's UB planes).");

}  // namespace
}  // namespace penstock::network
