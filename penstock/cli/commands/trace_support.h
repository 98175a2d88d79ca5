/// What the trace commands share: a file or a preset to a trace in memory, its notes told.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "penstock/cli/command.h"
#include "penstock/workload/trace.h"
#include "penstock/workload/workload.h"

namespace penstock::cli {

/// "--from NAME": the format of the file that is read.
OptionSpec from_option();

/// Options that `draw_trace` reads: --requests, --duration, --load-factor, --seed.
std::vector<OptionSpec> draw_options();

/// Reads a trace file in the format of --from, else recognised; mistakes go to the arguments.
workload::Trace read_trace_file(const std::string& path, Arguments& arguments);

/// A preset of the catalog, or one in a YAML file as `trace fit` writes it. A mistake throws.
workload::WorkloadPreset read_preset(const std::string& name, Arguments& arguments);

/// Draws the requests that the draw options ask for; without an end, a pass of the profile,
/// or `endless_count` requests where it has none and that is above 0. Mistakes throw.
workload::Trace draw_trace(const workload::WorkloadPreset& preset, Arguments& arguments,
                           int64_t endless_count = 0);

/// Prints notes to standard error, unless --quiet.
void tell_notes(const std::vector<std::string>& notes, const Arguments& arguments);

/// The trace in the format, to the file of --out or else to standard output; what the format cannot
/// hold is told on standard error.
void put_trace(const workload::Trace& trace, const std::string& format, Arguments& arguments);

}  // namespace penstock::cli
