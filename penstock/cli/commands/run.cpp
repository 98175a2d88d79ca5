#include "penstock/scenario/run.h"

#include <fmt/format.h>

#include "penstock/base/text.h"
#include "penstock/cli/session.h"
#include "penstock/report/chrome_trace.h"
#include "penstock/report/html.h"
#include "penstock/report/json.h"
#include "penstock/report/text.h"

namespace penstock::cli {
namespace {

constexpr double kSlowestMax = 10000.0;   // a waterfall nobody reads beyond that
constexpr int64_t kTracedSteps = 200000;  // about 40 MB of trace, what Perfetto opens with ease

class Run final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "run";
    spec.description =
        "Reads and checks the scenario, simulates it, prints a summary, and with --out writes "
        "DIR/result.json and DIR/report.html.";
    spec.positionals = {{"SCENARIO", "Scenario file (YAML).", ValueKind::kFile}};
    spec.options = scenario_options();
    spec.options.insert(
        spec.options.end(),
        {{"--out", "DIR", "Folder for result.json and report.html.", ValueKind::kDirectory},
         {"--chrome-trace", "", "Also write DIR/trace.json: every step, for Perfetto.",
          ValueKind::kText},
         {"--explain-slowest", "N", "Print why the N slowest requests were slow, phase by phase.",
          ValueKind::kNumber},
         {"--bands", "", "Also run at both ends of the efficiency residuals (low and high).",
          ValueKind::kText},
         {"--full", "", "Print every table and plot.", ValueKind::kText}});
    spec.examples = {
        "penstock run scenarios/azure_conversation_hour.yaml --out out/ --set "
        "serving.replicas=4",
        "penstock run scenarios/azure_conversation_hour.yaml --trace-file my.csv"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    const int64_t slowest =
        arguments.integer("--explain-slowest", 10, {.min = 1.0, .max = kSlowestMax});
    const bool chrome = arguments.flag("--chrome-trace");
    const auto out = arguments.text("--out");
    if (chrome && !out) arguments.findings().add("--chrome-trace", "needs --out DIR");
    scenario::RunOptions options;
    options.thread_count = thread_count(arguments);
    const report::TextOptions text = text_options(arguments);
    arguments.check();
    const catalog::Catalog catalog = open_catalog(arguments);
    scenario::ScenarioText source = scenario_text(arguments);
    if (arguments.flag("--bands")) source.options.set.emplace_back("bands=true");
    const scenario::Scenario scenario = source.with({}, catalog);
    options.slowest_count = static_cast<size_t>(slowest);
    if (chrome) options.traced_step_count = kTracedSteps;
    ProgressLine line(!arguments.flag("--quiet"));
    if (line.active()) {
      options.progress = [&](int64_t ended, Seconds simulated) {
        line.show(fmt::format("{} requests ended, {:.0f} s simulated", with_commas(ended),
                              simulated.value()));
      };
    }
    const Result result = scenario::run(scenario, options);
    if (out) write(result, *out, chrome);
    const int code = answer(result, arguments, arguments.flag("--full"));
    const bool told = arguments.flag("--json") || arguments.flag("--quiet");
    if (arguments.flag("--explain-slowest") && !told) print_slowest(result, text);
    if (out && !told) print(fmt::format("\nreport: {}/report.html\n", trimmed(*out)));
    return code;
  }

 private:
  static std::string trimmed(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
  }

  static void write(const Result& result, const std::string& folder, bool chrome) {
    make_folder(folder);
    const std::string base = trimmed(folder);
    write_file(base + "/result.json", report::to_json(result));
    write_file(base + "/report.html", report::to_html(result));
    if (chrome) write_file(base + "/trace.json", report::to_chrome_trace(result.timelines));
  }

  static void print_slowest(const Result& result, const report::TextOptions& text) {
    for (const Timeline& timeline : result.timelines) {
      if (timeline.id == "slowest") print("\n" + report::waterfall_text(timeline, text));
    }
  }
};

PENSTOCK_REGISTER(Command, Run,
                  "Runs a scenario and reports latencies, throughput, energy and cost.");

}  // namespace
}  // namespace penstock::cli
