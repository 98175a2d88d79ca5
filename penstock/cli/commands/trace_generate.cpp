#include "penstock/cli/commands/trace_support.h"
#include "penstock/cli/session.h"
#include "penstock/workload/trace_format.h"

namespace penstock::cli {
namespace {

class TraceGenerate final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "trace generate";
    spec.description =
        "Draws requests from a preset and writes them as a trace file. Without --requests and "
        "--duration the preset's profile is played once. Equal seeds give equal files.";
    spec.positionals = {{"PRESET",
                         "Workload of the catalog, or a YAML file as 'trace fit' writes it.",
                         ValueKind::kText}};
    spec.options = draw_options();
    spec.options.push_back({"--format", "FORMAT", "Format to write (plain_csv).", ValueKind::kText,
                            false, false, Registry<workload::TraceFormat>::names()});
    spec.options.push_back(
        {"--out", "FILE", "File to write; unset: standard output.", ValueKind::kFile});
    spec.examples = {"penstock trace generate azure_conversation_2023 --requests 1000 --out t.csv",
                     "penstock trace generate azure_code_2023 --duration '10 min' --load-factor 2 "
                     "--format azure_csv"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    const workload::WorkloadPreset preset = read_preset(arguments.positional(0), arguments);
    const workload::Trace trace = draw_trace(preset, arguments);
    put_trace(trace, arguments.text("--format").value_or("plain_csv"), arguments);
    return kAnswered;
  }
};

PENSTOCK_REGISTER(Command, TraceGenerate, "Writes synthetic requests of a preset as a trace file.");

}  // namespace
}  // namespace penstock::cli
