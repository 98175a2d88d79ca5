/// Tables, plots and timelines of a serving result; see outcome.h.
#pragma once

#include "penstock/base/result.h"
#include "penstock/serving/deployment.h"
#include "penstock/serving/simulation.h"

namespace penstock::serving {

/// Outcomes, memory of one accelerator, replicas, and the operators of a typical decode step.
void add_tables(Deployment& deployment, const SimulationOutput& out, const Work& work,
                Result& result);
/// Latency distributions, the run over time, the breakdown of step time, the roofline.
void add_plots(Deployment& deployment, const SimulationOutput& out, const Work& work,
               Result& result);
/// The slowest requests, phase by phase.
void add_waterfall(const SimulationOutput& out, Result& result);
/// Traced steps, a lane an instance, when the run kept any.
void add_step_trace(const SimulationOutput& out, Result& result);

}  // namespace penstock::serving
