/// Measured serving runs in the form that calibration fits engines to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "penstock/calibration/engine_fit.h"
#include "penstock/catalog/catalog.h"
#include "penstock/measurement/serving.h"

namespace penstock::validation {

/// Runs of the published sweeps by engine. Models that ship modules for multi-token prediction stay
/// out: whether it was on is not recorded. They are predicted like any other, so their rows show
/// what a fit is worth elsewhere.
std::map<std::string, std::vector<calibration::EngineRun>> engine_runs(
    const std::vector<measurement::StaticRow>& rows, const catalog::Catalog& catalog);

}  // namespace penstock::validation
