#include "penstock/cli/session.h"
#include "penstock/scenario/estimate.h"

namespace penstock::cli {
namespace {

class TopologyShow final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "topology show";
    spec.description =
        "The graph of a system, a cluster or SYSTEM_xN: classes of vertices and links of every "
        "fabric, units, latencies, bisection and diameter.";
    spec.positionals = {{"NAME", "System, cluster or SYSTEM_xN.", ValueKind::kText}};
    spec.examples = {"penstock topology show cloudmatrix384",
                     "penstock topology show gb200_nvl72_x8"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    arguments.check();
    const catalog::Catalog catalog = open_catalog(arguments);
    return answer(scenario::show_topology(arguments.positional(0), catalog), arguments, true);
  }
};

PENSTOCK_REGISTER(Command, TopologyShow,
                  "The graph of a machine: what joins what, how fast and how far.");

}  // namespace
}  // namespace penstock::cli
