#include <fmt/format.h>

#include "penstock/network/tiers.h"

namespace penstock::network {
namespace {

class Switched final : public TopologyKind {
 public:
  std::unique_ptr<Topology> build(const catalog::Fabric& fabric, const FabricContext& context,
                                  Findings& findings) const override {
    if (fabric.tiers.size() != 1) {
      findings.add(context.mark, fmt::format("fabric '{}' has {} tiers; one tier is switched",
                                             fabric.id, fabric.tiers.size()));
      return nullptr;
    }
    auto options = tiers_as_given(fabric, context, findings);
    if (!options) return nullptr;
    return std::make_unique<TieredTopology>(std::move(*options));
  }
};

PENSTOCK_REGISTER(TopologyKind, Switched,
                  "One tier of switches that joins every endpoint (NVSwitch, UALink).");

}  // namespace
}  // namespace penstock::network
