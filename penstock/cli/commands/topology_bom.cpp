#include "penstock/scenario/topology_bom.h"

#include "penstock/cli/session.h"

namespace penstock::cli {
namespace {

class TopologyBom final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "topology bom";
    spec.description =
        "Counts what the fabrics of a machine are built of: switch chips and boxes, interface "
        "cards, optical modules, copper cables, fibres, circuit switches, with watts and dollars "
        "from the catalog, in total and per accelerator. NAME is a system, a cluster or "
        "SYSTEM_xN. Beside the chosen optics stand pluggable modules with a DSP, linear pluggable "
        "modules (LPO) and co-packaged engines (CPO).";
    spec.positionals = {{"NAME", "System, cluster or SYSTEM_xN.", ValueKind::kText}};
    spec.options = {{"--optics", "WORD",
                     "as_built, pluggable, lpo or cpo (as_built: the parts the fabrics name).",
                     ValueKind::kText}};
    spec.examples = {"penstock topology bom cloudmatrix384_x432 --optics cpo"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    scenario::BomQuery query;
    query.machine = arguments.positional(0);
    query.optics = arguments.text("--optics").value_or(query.optics);
    arguments.check();
    const catalog::Catalog catalog = open_catalog(arguments);
    return answer(scenario::topology_bom(query, catalog), arguments, true);
  }
};

PENSTOCK_REGISTER(Command, TopologyBom,
                  "What a machine's network is built of: parts, watts, dollars, other optics.");

}  // namespace
}  // namespace penstock::cli
