#include "penstock/cli/commands/trace_support.h"
#include "penstock/cli/session.h"
#include "penstock/workload/trace_format.h"

namespace penstock::cli {
namespace {

class TraceConvert final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "trace convert";
    spec.description =
        "Reads a trace strictly and writes it in another format. What was mended in reading and "
        "what the format cannot hold is told on standard error.";
    spec.positionals = {{"FILE", "Trace to read.", ValueKind::kFile}};
    spec.options = {{"--to", "FORMAT", "Format to write.", ValueKind::kText, false, true,
                     Registry<workload::TraceFormat>::names()},
                    from_option(),
                    {"--out", "FILE", "File to write; unset: standard output.", ValueKind::kFile}};
    spec.examples = {"penstock trace convert mooncake.jsonl --to plain_csv --out plain.csv"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    const workload::Trace trace = read_trace_file(arguments.positional(0), arguments);
    arguments.check();
    put_trace(trace, *arguments.text("--to"), arguments);
    return kAnswered;
  }
};

PENSTOCK_REGISTER(Command, TraceConvert, "Writes a trace file in another format.");

}  // namespace
}  // namespace penstock::cli
