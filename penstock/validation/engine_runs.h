/// Measured serving runs in the form that calibration fits engines to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "penstock/calibration/engine_fit.h"
#include "penstock/catalog/catalog.h"
#include "penstock/measurement/serving.h"
#include "penstock/validation/speculation.h"

namespace penstock::validation {

/// Runs by engine: those of the published sweeps. Models that ship modules for multi-token
/// prediction stay out, for whether it was on is not recorded; they are predicted like any other,
/// so their rows show what a fit is worth elsewhere. An engine that the sweeps ran with no other
/// model is fitted to those of them that ran without by the rule for campaigns, under today's
/// presets; one that they did not run at all, to its runs of unknown protocol.
std::map<std::string, std::vector<calibration::EngineRun>> engine_runs(
    const std::vector<measurement::StaticRow>& rows, const SweepEntries& entries,
    const catalog::Catalog& catalog, size_t thread_count);

}  // namespace penstock::validation
