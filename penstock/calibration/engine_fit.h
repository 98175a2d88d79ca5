/// Fits what an engine adds to its kernels: host time, shortened launches, fused kernels, arrival.
///
/// Six coefficients an engine, fitted to mean TPOT and TTFT of whole runs, each of which is
/// simulated anew for every trial; no steady-state formula stands in for the run. Four factors on
/// host times then carry what kernels' own bands leave of the residuals: each is the one with which
/// a tenth of the runs, each predicted by a fit without it, lies beyond its end of the band.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "penstock/base/result.h"
#include "penstock/base/units.h"
#include "penstock/serving/config.h"

namespace penstock::calibration {

/// What a client saw, as means over a run's requests.
struct SeenLatencies {
  Seconds ttft;
  Seconds tpot;
};

/// Kernels as calibrated, or they and host times at one end of their bands.
enum class BandEnd : uint8_t { kTypical, kLow, kHigh };

/// A measured run and how to repeat it under other coefficients. `simulate` must be safe to call
/// from several threads.
struct EngineRun {
  std::string what;  ///< runs of one text are kept from a fit together: "llama-3.1-70b h200_sxm"
  SeenLatencies measured;
  std::function<std::optional<SeenLatencies>(const serving::EngineConfig& coefficients, BandEnd)>
      simulate;
};

/// Errors of one quantity over runs.
struct RunErrors {
  double median_fraction = 0.0;
  double p90_fraction = 0.0;
};

/// Share of runs, unseen by the coefficients that predict them, measured beyond an end of the band.
struct RunsBeyond {
  double tpot_fraction = 0.0;
  double ttft_fraction = 0.0;
};

struct EngineFit {
  serving::EngineConfig engine;  ///< the preset with its coefficients replaced
  size_t run_count = 0;
  RunErrors tpot_seen;
  RunErrors ttft_seen;
  RunErrors tpot_unseen;  ///< of runs of models on accelerators that the fit had not seen
  RunErrors ttft_unseen;
  RunsBeyond below;  ///< quicker than the band's low end; a tenth where its factors can reach it
  RunsBeyond above;
};

struct EngineFitOptions {
  size_t runs_max = 240;  ///< evenly thinned beyond
  int folds = 3;          ///< rotations for the unseen errors; 0: none
  size_t thread_count = 1;
  std::function<void(const std::string&)> progress;
};

/// Starts from the preset's own coefficients. Same runs, same bytes, for any number of threads.
EngineFit fit_engine(const serving::EngineConfig& preset, std::vector<EngineRun> runs,
                     const EngineFitOptions& options);

/// Coefficients and errors as tables.
Result engine_report(const std::vector<EngineFit>& fits);

/// A preset as a file of data/engines.
std::string engine_yaml(const serving::EngineConfig& engine);

}  // namespace penstock::calibration
