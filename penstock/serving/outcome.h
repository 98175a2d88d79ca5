/// Turns what a simulation added up into the metrics, tables, plots and books of a result.
#pragma once

#include "penstock/base/result.h"
#include "penstock/catalog/provenance.h"
#include "penstock/serving/deployment.h"
#include "penstock/serving/simulation.h"

namespace penstock::serving {

/// Everything but tables and plots: what bands and sweeps need.
std::vector<Metric> metrics_of(Deployment& deployment, const SimulationOutput& out);

/// Price of an accelerator-hour with its provenance: the config's, else the catalog's rental or
/// ownership price; nullopt when there is none.
catalog::MaybeSourced<DollarsPerSecond> accelerator_price(const DeploymentInput& input);

/// Fills metrics, headline, tables, plots, waterfall, ledger and inputs. The books are checked:
/// an imbalance is our bug and stops the program.
void fill_result(Deployment& deployment, const SimulationOutput& out, Result& result);

}  // namespace penstock::serving
