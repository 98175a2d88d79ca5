/// The public C++ surface: read a scenario, run it, look at the result.
///
///     const auto catalog = penstock::catalog::Catalog::built_in();
///     const auto scenario = penstock::scenario::read_scenario("hour.yaml", catalog);
///     const penstock::Result result = penstock::scenario::run(scenario);
///     std::puts(penstock::report::summary_text(result).c_str());
///
/// Everything is a value: a Scenario is immutable and may be run by any number of threads at once.
#pragma once

#include "penstock/base/error.h"
#include "penstock/base/result.h"
#include "penstock/catalog/catalog.h"
#include "penstock/report/json.h"
#include "penstock/report/text.h"
#include "penstock/scenario/estimate.h"
#include "penstock/scenario/run.h"
#include "penstock/scenario/scenario.h"
