#include <filesystem>

#include "penstock/cli/commands/trace_support.h"
#include "penstock/cli/session.h"
#include "penstock/version.h"
#include "penstock/workload/trace_summary.h"

namespace penstock::cli {
namespace {

// enough for steady percentiles of traffic that has no length of its own
constexpr int64_t kEndlessRequests = 10'000;

class TraceInfo final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "trace info";
    spec.description =
        "Counts, rate, burstiness, lengths with histograms and prefix reuse of a recorded trace, "
        "or of the requests that a preset generates.";
    spec.positionals = {{"TRACE", "Trace file, workload of the catalog, or preset in a YAML file.",
                         ValueKind::kFile}};
    spec.options = draw_options();
    spec.options.push_back(from_option());
    spec.examples = {"penstock trace info my.csv", "penstock trace info azure_code_2023 --json"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    const std::string name = arguments.positional(0);
    const bool preset = is_preset(name, arguments);
    refuse(preset, arguments);
    const workload::Trace trace =
        preset ? draw_trace(read_preset(name, arguments), arguments, kEndlessRequests)
               : read_trace_file(name, arguments);
    arguments.check();
    Result result = workload::summarize(trace);
    result.version = kVersion;
    return answer(result, arguments, true);
  }

 private:
  /// A file is a trace unless it is YAML; anything else is looked up in the catalog.
  static bool is_preset(const std::string& name, Arguments& arguments) {
    std::error_code error;
    const bool file = std::filesystem::exists(name, error);
    if (file) return name.ends_with(".yaml") || name.ends_with(".yml");
    if (open_catalog(arguments).canonical_id("workloads", name)) return true;
    // something with a folder or an ending was meant as a file
    return name.find_first_of("/.") == std::string::npos;
  }

  static void refuse(bool preset, Arguments& arguments) {
    if (preset && arguments.flag("--from")) {
      arguments.findings().add("--from", "has no effect on a preset");
    }
    for (const OptionSpec& option : draw_options()) {
      if (!preset && arguments.flag(option.name)) {
        arguments.findings().add(option.name, "has no effect on a recorded trace");
      }
    }
  }
};

PENSTOCK_REGISTER(Command, TraceInfo, "Summary of a trace or preset, with histograms.");

}  // namespace
}  // namespace penstock::cli
