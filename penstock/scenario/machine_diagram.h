/// The picture of a machine's fabrics, from the same classes that loads and counts read.
#pragma once

#include <span>

#include "penstock/base/result.h"
#include "penstock/network/machine.h"

namespace penstock::scenario {

/// One plane a fabric: the scale-up domain, the network that joins domains, then the planes that
/// carry other traffic.
Diagram machine_diagram(const network::Machine& machine);

/// The fabrics that collectives run over, with the use of each class of the machine's links.
Diagram load_diagram(const network::Machine& machine, std::span<const double> used_of_class);

/// Size, bisection and diameter of a fabric, as metrics.
std::vector<Metric> fabric_facts(const network::Topology& topology);

}  // namespace penstock::scenario
