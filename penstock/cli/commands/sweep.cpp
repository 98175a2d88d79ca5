#include <fmt/format.h>

#include <algorithm>

#include "penstock/base/text.h"
#include "penstock/cli/session.h"
#include "penstock/scenario/estimate.h"

namespace penstock::cli {
namespace {

class Sweep final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "sweep";
    spec.description = "Every combination of the listed values is one run; runs share the cores.";
    spec.positionals = {{"SCENARIO", "Scenario file (YAML).", ValueKind::kFile}};
    spec.options = scenario_options();
    spec.options.push_back({"--over", "KEY=V1,V2,...",
                            "Values to try, for example workload.load_factor=0.5,1,2.",
                            ValueKind::kText, true, true});
    spec.examples = {
        "penstock sweep scenarios/azure_conversation_hour.yaml --over "
        "workload.load_factor=0.5,1,2 --over serving.replicas=1,2"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    std::vector<scenario::SweepAxis> axes;
    for (const std::string& over : arguments.list("--over")) {
      const size_t equals = over.find('=');
      if (equals == std::string::npos || equals == 0 || equals + 1 == over.size()) {
        arguments.findings().add("--over", fmt::format("\"{}\" is not KEY=V1,V2,...", over));
        continue;
      }
      const auto same = [&](const scenario::SweepAxis& axis) {
        return axis.path == over.substr(0, equals);
      };
      if (std::any_of(axes.begin(), axes.end(), same)) {
        arguments.findings().add("--over", over.substr(0, equals) + " is given twice");
        continue;
      }
      scenario::SweepAxis axis{over.substr(0, equals), {}};
      for (const std::string_view value : split(std::string_view(over).substr(equals + 1), ',')) {
        axis.values.emplace_back(trim(value));
      }
      axes.push_back(std::move(axis));
    }
    const size_t threads = thread_count(arguments);
    arguments.check();
    const catalog::Catalog catalog = open_catalog(arguments);
    const scenario::ScenarioText text = scenario_text(arguments);
    return answer(scenario::sweep(text, catalog, axes, threads), arguments, true);
  }
};

PENSTOCK_REGISTER(Command, Sweep, "Runs a scenario for every combination of listed values.");

}  // namespace
}  // namespace penstock::cli
