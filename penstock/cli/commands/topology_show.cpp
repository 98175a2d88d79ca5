#include "penstock/cli/session.h"
#include "penstock/report/diagram_svg.h"
#include "penstock/report/html.h"
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
    spec.options = {
        {"--svg", "FILE", "Writes the picture of its fabrics.", ValueKind::kFile},
        {"--html", "FILE", "Writes a page with the picture and the tables.", ValueKind::kFile}};
    spec.examples = {"penstock topology show cloudmatrix384 --svg out.svg",
                     "penstock topology show gb200_nvl72_x8"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    arguments.check();
    const catalog::Catalog catalog = open_catalog(arguments);
    const Result result = scenario::show_topology(arguments.positional(0), catalog);
    if (const auto picture = arguments.text("--svg")) {
      write_file(*picture, report::diagram_svg(result.diagrams.at(0)));
    }
    if (const auto page = arguments.text("--html")) write_file(*page, report::to_html(result));
    return answer(result, arguments, true);
  }
};

PENSTOCK_REGISTER(Command, TopologyShow,
                  "The graph of a machine: what joins what, how fast and how far.");

}  // namespace
}  // namespace penstock::cli
