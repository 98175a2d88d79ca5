#include "penstock/scenario/catalog_checks.h"

#include <array>

#include "penstock/compute/efficiency.h"
#include "penstock/network/dispatch_set.h"
#include "penstock/network/library.h"
#include "penstock/serving/config.h"
#include "penstock/workload/workload.h"

namespace penstock::scenario {
namespace {

template <class Config>
void check(const Node& tree, Findings& findings) {
  static_cast<void>(read_config<Config>(tree, findings));
}

/// The id names the entry; a preset itself has no field for it.
void check_workload(const Node& tree, Findings& findings) {
  Node rest = tree;
  std::erase_if(rest.entries, [](const NodeEntry& entry) { return entry.key == "id"; });
  check<workload::WorkloadPreset>(rest, findings);
}

constexpr std::array kChecks = {
    catalog::KindCheck{"efficiency", &check<compute::Efficiency>},
    catalog::KindCheck{"libraries", &check<network::LibraryEntry>},
    catalog::KindCheck{"dispatch", &network::check_dispatch_set},
    catalog::KindCheck{"engines", &check<serving::EngineConfig>},
    catalog::KindCheck{"workloads", &check_workload},
};

}  // namespace

std::span<const catalog::KindCheck> catalog_checks() { return kChecks; }

}  // namespace penstock::scenario
