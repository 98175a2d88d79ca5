#include "penstock/cli/session.h"
#include "penstock/scenario/estimate.h"

namespace penstock::cli {
namespace {

class EstimateCapacity final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "estimate capacity";
    spec.description =
        "Searches the arrival rate by doubling, halving and bisection to within 1 percent, and "
        "shows the curve of every load tried and which limit binds.";
    spec.positionals = {{"SCENARIO", "Scenario file (YAML).", ValueKind::kFile}};
    spec.options = scenario_options();
    spec.options.push_back({"--slo", "LIMITS",
                            "Limits on metrics, for example 'ttft.p99<2s,tpot.p99<50ms'.",
                            ValueKind::kText, false, true});
    spec.examples = {
        "penstock estimate capacity scenarios/azure_conversation_hour.yaml --slo "
        "'ttft.p99<2s,tpot.p99<50ms'"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    scenario::CapacityQuery query;
    query.limits = scenario::parse_slo(arguments.text("--slo").value_or(""), arguments.findings());
    query.thread_count = thread_count(arguments);
    arguments.check();
    const catalog::Catalog catalog = open_catalog(arguments);
    const scenario::ScenarioText text = scenario_text(arguments);
    ProgressLine line(!arguments.flag("--quiet"));
    if (line.active()) query.progress = [&](const std::string& step) { line.show(step); };
    return answer(scenario::estimate_capacity(text, catalog, query), arguments, true);
  }
};

PENSTOCK_REGISTER(Command, EstimateCapacity,
                  "The highest load of a scenario that still meets given SLOs, with the curve.");

}  // namespace
}  // namespace penstock::cli
