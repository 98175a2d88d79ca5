/// How the servers of the published sweeps were started, as far as it moves what clients saw.
///
/// Source: launch scripts in the InferenceX (formerly InferenceMAX) repository, benchmarks/, of
/// 2025-08 to 2026-03 (Apache-2.0): token budgets, cache formats, streaming intervals. Scripts of
/// single sweeps are not all on record; a server is taken to be started as its engine's others of
/// the same model and architecture. Where only the runs themselves tell, the line says so.
#pragma once

#include <string>
#include <vector>

#include "penstock/measurement/serving.h"
#include "penstock/validation/serving_run.h"

namespace penstock::validation {

/// Sets budget, chunking, cache format, memory share and streaming of a run of the published
/// sweeps. Not for runs of unknown protocol.
void apply_published_setup(const measurement::StaticRow& row, RunSpec& spec);

/// The rules in words, for docs/validation.md.
std::vector<std::string> setup_rules();

}  // namespace penstock::validation
