#include <fmt/format.h>

#include <filesystem>

#include "penstock/base/text.h"
#include "penstock/cli/commands/trace_support.h"
#include "penstock/cli/session.h"
#include "penstock/workload/fit.h"
#include "penstock/workload/preset_text.h"
#include "penstock/workload/trace_distance.h"

namespace penstock::cli {
namespace {

constexpr double kKnotsMin = 4.0;
constexpr double kKnotsMax = 200.0;

class TraceFit final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "trace fit";
    spec.description =
        "Prints a preset, as a file of data/workloads: a rate over time, a law of the gaps, and "
        "quantiles of input and output with their correlation. How close it comes goes to standard "
        "error. Put it into DIR/workloads/NAME.yaml and use it with --catalog DIR.";
    spec.positionals = {{"FILE", "Recorded trace.", ValueKind::kFile}};
    spec.options = {
        {"--name", "NAME", "Id of the preset (the file's stem).", ValueKind::kText},
        {"--summary", "TEXT", "The preset's one line.", ValueKind::kText},
        {"--source", "TEXT", "Where the trace comes from (the file's name).", ValueKind::kText},
        {"--date", "DATE", "Date of the source (unknown).", ValueKind::kText},
        {"--licence", "TEXT", "Licence and attribution of the source.", ValueKind::kText},
        {"--piece", "DURATION", "Wanted length of a piece of the rate (180 s).", ValueKind::kText},
        {"--knots", "N", "Most knots of each table (28).", ValueKind::kNumber},
        from_option(),
        {"--out", "FILE", "Write the preset there instead.", ValueKind::kFile}};
    spec.examples = {"penstock trace fit AzureLLMInferenceTrace_conv.csv --name mine"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    const std::string path = arguments.positional(0);
    workload::FitOptions options;
    options.knot_count =
        arguments.integer("--knots", options.knot_count, {.min = kKnotsMin, .max = kKnotsMax});
    options.piece = arguments.quantity<Seconds>("--piece").value_or(options.piece);
    if (options.piece < 1_s) arguments.findings().add("--piece", "must be 1 s or more");
    workload::WorkloadPreset preset;
    preset.id = arguments.text("--name").value_or(id_of(path));
    if (preset.id != id_of(preset.id)) {
      arguments.findings().add("--name", fmt::format("must be lower-case letters, digits and '_', "
                                                     "for example {}; got \"{}\"",
                                                     id_of(preset.id), preset.id));
    }
    const workload::Trace trace = read_trace_file(path, arguments);
    arguments.check();
    preset.generator = workload::fit_generator(trace, options);
    const std::string file = std::filesystem::path(path).filename().string();
    preset.summary = arguments.text("--summary")
                         .value_or(fmt::format("Fitted to {}, {} requests over {}", file,
                                               with_commas(static_cast<int64_t>(trace.size())),
                                               to_text(trace.span())));
    preset.source = arguments.text("--source").value_or(file);
    preset.date = arguments.text("--date").value_or("unknown");
    preset.licence = arguments.text("--licence").value_or("");
    tell(trace, preset.generator, arguments);
    const std::string text = workload::preset_text(preset);
    if (const auto out = arguments.text("--out")) {
      write_file(*out, text);
    } else {
      print(text);
    }
    return kAnswered;
  }

 private:
  /// A path's stem as an id.
  static std::string id_of(const std::string& path) {
    std::string id = lower(std::filesystem::path(path).stem().string());
    for (char& c : id) {
      const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      if (!kept) c = '_';
    }
    return id.empty() ? "trace" : id;
  }

  /// What the fit leaves out, and how far a drawn trace is from the recorded one.
  static void tell(const workload::Trace& trace, const workload::GeneratorConfig& generator,
                   const Arguments& arguments) {
    std::vector<std::string> notes = trace.notes;
    if (trace.prefix_run_tokens != 0) notes.emplace_back("shared prefixes are not fitted");
    if (!trace.priorities.empty()) notes.emplace_back("priorities are not fitted");
    workload::WorkloadConfig config;
    workload::apply_preset(config, generator);
    if (!generator.arrivals->span()) config.requests = static_cast<int64_t>(trace.size());
    const workload::Trace drawn = workload::collect(*workload::make_stream(config, 1));
    if (drawn.size() > 0) {
      const workload::TraceDistance d = workload::distance(trace, drawn);
      notes.push_back(fmt::format(
          "generated against recorded: {:.3f} times the requests; largest difference of the "
          "distributions of gaps {:.3f}, inputs {:.3f}, outputs {:.3f}; rank correlation {:+.3f}",
          d.requests_ratio, d.gaps_fraction, d.inputs_fraction, d.outputs_fraction,
          d.correlation_factor));
    }
    tell_notes(notes, arguments);
  }
};

PENSTOCK_REGISTER(Command, TraceFit,
                  "Fits a generator to a recorded trace and prints it as a preset.");

}  // namespace
}  // namespace penstock::cli
