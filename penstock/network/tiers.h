/// Settles the tiers of a switched fabric: from counts that its entry gives, or from the ports of
/// its switches.
#pragma once

#include <optional>

#include "penstock/network/tiered.h"

namespace penstock::network {

/// Tiers whose entry gives units and links; nullopt after findings.
std::optional<TieredTopology::Options> tiers_as_given(const catalog::Fabric& fabric,
                                                      const FabricContext& context,
                                                      Findings& findings);

/// The fewest of the entry's tiers that hold the endpoints, wired by ports, in each plane:
///
/// a switch has k ports; of a first-tier switch, down = k r / (1 + r) face endpoints at an
/// oversubscription r and up = k - down face the second tier, so e = down / links of an endpoint
/// share it. Two tiers hold k leaves. With three, a pod is k/2 leaves and `up` switches over them
/// with k/2 ports each way; k pods fit. Source: Al-Fares et al., SIGCOMM 2008.
std::optional<TieredTopology::Options> tiers_by_ports(const catalog::Fabric& fabric,
                                                      const FabricContext& context,
                                                      int64_t rail_count, Findings& findings);

}  // namespace penstock::network
