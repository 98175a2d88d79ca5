#include "penstock/calibration/engine_fit.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <numeric>

#include "penstock/base/parallel.h"
#include "penstock/calibration/least_squares.h"
#include "penstock/calibration/quantile.h"

namespace penstock::calibration {
namespace {

constexpr size_t kCoefficients = 6;
constexpr double kTtftWeight = 0.5;  // a queue's luck moves TTFT more than TPOT
constexpr double kScatter = 0.15;    // of logarithms, beyond which a run counts less
constexpr int kIterations = 12;
constexpr double kPull = 0.1;

struct Limits {
  double start, low, high;
};
// host times of engines of 2025 and 2026 lie well inside; the start is what presets assume
constexpr std::array<Limits, kCoefficients> kLimits = {{{1e-3, 1e-5, 2e-2},
                                                        {3e-6, 1e-8, 1e-4},
                                                        {5e-5, 1e-7, 1e-3},
                                                        {2e-2, 1e-4, 0.5},
                                                        {3e-6, 3e-7, 2e-5},
                                                        {0.6, 0.05, 1.0}}};

serving::EngineConfig with(serving::EngineConfig engine, std::span<const double> x,
                           bool rounds = false) {
  const auto value = [&](size_t i) {
    return rounds ? rounded_factor(std::exp(x[i])) : std::exp(x[i]);
  };
  engine.step_overhead = Seconds(value(0));
  engine.sequence_overhead = Seconds(value(1));
  engine.prefill_overhead = Seconds(value(2));
  engine.request_overhead = Seconds(value(3));
  engine.kernel_gap_max = Seconds(value(4));
  engine.elementwise_fraction = std::min(1.0, value(5));
  return engine;
}

std::vector<EngineRun> thinned(std::vector<EngineRun> runs, size_t count_max) {
  if (runs.size() <= count_max) return runs;
  std::vector<EngineRun> kept;
  for (size_t i = 0; i < count_max; ++i) kept.push_back(runs[i * runs.size() / count_max]);
  return kept;
}

class Problem {
 public:
  Problem(const serving::EngineConfig& preset, const std::vector<EngineRun>& runs, size_t threads)
      : preset_(preset), runs_(runs), threads_(threads) {
    for (const Limits& l : kLimits) {
      problem_.start.push_back(std::log(l.start));
      problem_.low.push_back(std::log(l.low));
      problem_.high.push_back(std::log(l.high));
    }
    std::vector<int32_t> all(2 * runs.size());
    std::iota(all.begin(), all.end(), 0);
    problem_.rows_of.assign(kCoefficients, all);
    problem_.scale_factor = kScatter;
    problem_.pull_factor = kPull;
    problem_.iterations_max = kIterations;
    problem_.residuals = [this](std::span<const double> x, std::span<const int32_t> rows,
                                std::span<double> out) { residuals(x, rows, out); };
  }

  Minimum fit(const std::vector<char>& kept, std::span<const double> from) {
    problem_.rows.clear();
    for (size_t i = 0; i < runs_.size(); ++i) {
      if (kept[i] == 0) continue;
      problem_.rows.push_back(static_cast<int32_t>(2 * i));
      problem_.rows.push_back(static_cast<int32_t>(2 * i + 1));
    }
    return minimise(problem_, from);
  }

  [[nodiscard]] const std::vector<double>& start() const { return problem_.start; }

  /// log(predicted / measured): TPOT and weighted TTFT of each run in turn.
  void residuals(std::span<const double> x, std::span<const int32_t> rows,
                 std::span<double> out) const {
    const serving::EngineConfig engine = with(preset_, x);
    // rows come in pairs of one run
    parallel_for(rows.size() / 2, threads_, [&](size_t j) {
      const EngineRun& run = runs_[static_cast<size_t>(rows[2 * j]) / 2];
      const auto seen = run.simulate(engine, BandEnd::kTypical);
      out[2 * j] = seen ? std::log(seen->tpot / run.measured.tpot) : 0.0;
      out[2 * j + 1] = seen ? kTtftWeight * std::log(seen->ttft / run.measured.ttft) : 0.0;
    });
  }

 private:
  const serving::EngineConfig& preset_;
  const std::vector<EngineRun>& runs_;
  size_t threads_;
  LeastSquares problem_;
};

constexpr double kBeyond = 0.1;  // of the runs, beyond either end of an 80 % band
constexpr double kWidest = 10.0;
constexpr int kHalvings = 7;

/// Fits the factors of one end of the band to runs that `coefficients` (one a run) had not seen.
class BandFit {
 public:
  BandFit(const std::vector<EngineRun>& runs, std::vector<serving::EngineConfig> coefficients,
          size_t threads)
      : runs_(runs), coefficients_(std::move(coefficients)), threads_(threads) {}

  /// Host times of steps first, by TPOT; then those of prompts, by TTFT.
  RunsBeyond fit(bool high, serving::EngineConfig& engine) {
    double& steps = high ? engine.host_high_factor : engine.host_low_factor;
    double& prompts = high ? engine.prompt_high_factor : engine.prompt_low_factor;
    steps = 1.0;
    prompts = 1.0;
    widen(high, engine, steps, &RunsBeyond::tpot_fraction);
    widen(high, engine, prompts, &RunsBeyond::ttft_fraction);
    return beyond(high, engine);
  }

 private:
  /// Moves a factor of `engine` outwards until at most a tenth of the runs lies beyond.
  void widen(bool high, const serving::EngineConfig& engine, double& factor,
             double RunsBeyond::* share) {
    if (beyond(high, engine).*share <= kBeyond) return;
    const double outwards = high ? 1.0 : -1.0;
    double inner = 0.0;
    double outer = std::log(kWidest);
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = (inner + outer) / 2.0;
      factor = std::exp(outwards * middle);
      (beyond(high, engine).*share > kBeyond ? inner : outer) = middle;
    }
    factor = rounded_factor(std::exp(outwards * outer));
  }

  [[nodiscard]] RunsBeyond beyond(bool high, const serving::EngineConfig& factors) const {
    std::vector<std::array<char, 2>> out(runs_.size());
    parallel_for(runs_.size(), threads_, [&](size_t i) {
      serving::EngineConfig engine = coefficients_[i];
      engine.host_low_factor = factors.host_low_factor;
      engine.host_high_factor = factors.host_high_factor;
      engine.prompt_low_factor = factors.prompt_low_factor;
      engine.prompt_high_factor = factors.prompt_high_factor;
      const auto end = runs_[i].simulate(engine, high ? BandEnd::kHigh : BandEnd::kLow);
      if (!end) return;
      const SeenLatencies& measured = runs_[i].measured;
      out[i] = {high ? measured.tpot > end->tpot : measured.tpot < end->tpot,
                high ? measured.ttft > end->ttft : measured.ttft < end->ttft};
    });
    RunsBeyond share;
    for (const auto& [tpot, ttft] : out) {
      share.tpot_fraction += tpot;
      share.ttft_fraction += ttft;
    }
    const auto count = static_cast<double>(runs_.size());
    return {share.tpot_fraction / count, share.ttft_fraction / count};
  }

  const std::vector<EngineRun>& runs_;
  std::vector<serving::EngineConfig> coefficients_;
  size_t threads_;
};

RunErrors errors_of(const std::vector<double>& residuals, size_t first, double weight) {
  std::vector<double> errors;
  for (size_t i = first; i < residuals.size(); i += 2) {
    errors.push_back(std::abs(std::exp(residuals[i] / weight) - 1.0));
  }
  return {quantile_factor(errors, 0.5), quantile_factor(errors, 0.9)};
}

/// Whole kinds of runs are kept apart, dealt out in the order of their names.
std::vector<int> folds_of(const std::vector<EngineRun>& runs, int folds) {
  std::map<std::string, int> fold_of;
  for (const EngineRun& run : runs) fold_of.emplace(run.what, 0);
  int next = 0;
  for (auto& [what, fold] : fold_of) fold = folds > 0 ? next++ % folds : 0;
  std::vector<int> of_runs;
  for (const EngineRun& run : runs) of_runs.push_back(fold_of.at(run.what));
  return of_runs;
}

}  // namespace

EngineFit fit_engine(const serving::EngineConfig& preset, std::vector<EngineRun> runs,
                     const EngineFitOptions& options) {
  runs = thinned(std::move(runs), options.runs_max);
  EngineFit fit;
  fit.engine = preset;
  fit.run_count = runs.size();
  if (runs.empty()) return fit;
  Problem problem(preset, runs, options.thread_count);
  const auto tell = [&](const std::string& text) {
    if (options.progress) options.progress(text);
  };
  const Minimum all = problem.fit(std::vector<char>(runs.size(), 1), problem.start());
  tell(fmt::format("{} fitted to {} runs", preset.id, runs.size()));
  fit.engine = with(preset, all.x, true);

  std::vector<int32_t> every(2 * runs.size());
  std::iota(every.begin(), every.end(), 0);
  std::vector<double> seen(every.size());
  problem.residuals(all.x, every, seen);
  std::vector<double> unseen = seen;
  std::vector<serving::EngineConfig> by(runs.size(), fit.engine);  // who predicts a run unseen
  const std::vector<int> fold_of = folds_of(runs, options.folds);
  for (int fold = 0; fold < options.folds; ++fold) {
    std::vector<char> kept(runs.size());
    for (size_t i = 0; i < runs.size(); ++i) kept[i] = fold_of[i] != fold ? 1 : 0;
    const Minimum part = problem.fit(kept, all.x);
    std::vector<double> out(every.size());
    problem.residuals(part.x, every, out);
    for (size_t i = 0; i < runs.size(); ++i) {
      if (kept[i] != 0) continue;
      unseen[2 * i] = out[2 * i];
      unseen[2 * i + 1] = out[2 * i + 1];
      by[i] = with(preset, part.x);
    }
    tell(fmt::format("{} fold {} of {}", preset.id, fold + 1, options.folds));
  }
  fit.tpot_seen = errors_of(seen, 0, 1.0);
  fit.ttft_seen = errors_of(seen, 1, kTtftWeight);
  fit.tpot_unseen = errors_of(unseen, 0, 1.0);
  fit.ttft_unseen = errors_of(unseen, 1, kTtftWeight);
  BandFit band(runs, std::move(by), options.thread_count);
  fit.below = band.fit(false, fit.engine);
  fit.above = band.fit(true, fit.engine);
  return fit;
}

Result engine_report(const std::vector<EngineFit>& fits) {
  Table coefficients{"coefficients",
                     "What engines add to their kernels",
                     {{"engine", ""},
                      {"runs", ""},
                      {"step", "s"},
                      {"sequence", "s"},
                      {"prefill layer", "s"},
                      {"request", "s"},
                      {"kernel gap", "s"},
                      {"element-wise", ""}},
                     {}};
  Table errors{"errors",
               "Errors over runs; unseen: of models on accelerators kept from the fit",
               {{"engine", ""},
                {"TPOT, seen", ""},
                {"TTFT, seen", ""},
                {"TPOT, unseen", ""},
                {"p90", ""},
                {"TTFT, unseen", ""},
                {"p90 of it", ""}},
               {}};
  Table bands{"bands",
              "Factors on host times at the ends of the band, and unseen runs beyond them",
              {{"engine", ""},
               {"steps, low", ""},
               {"steps, high", ""},
               {"prompts, low", ""},
               {"prompts, high", ""},
               {"TPOT below", ""},
               {"above", ""},
               {"TTFT below", ""},
               {"above it", ""}},
              {}};
  for (const EngineFit& fit : fits) {
    const serving::EngineConfig& e = fit.engine;
    bands.rows.push_back({e.id, e.host_low_factor, e.host_high_factor, e.prompt_low_factor,
                          e.prompt_high_factor, fit.below.tpot_fraction, fit.above.tpot_fraction,
                          fit.below.ttft_fraction, fit.above.ttft_fraction});
    coefficients.rows.push_back(
        {e.id, static_cast<int64_t>(fit.run_count), e.step_overhead.value(),
         e.sequence_overhead.value(), e.prefill_overhead.value(), e.request_overhead.value(),
         e.kernel_gap_max.value_or(Seconds()).value(), e.elementwise_fraction});
    errors.rows.push_back({e.id, fit.tpot_seen.median_fraction, fit.ttft_seen.median_fraction,
                           fit.tpot_unseen.median_fraction, fit.tpot_unseen.p90_fraction,
                           fit.ttft_unseen.median_fraction, fit.ttft_unseen.p90_fraction});
  }
  Result result;
  result.name = "calibration of engines";
  result.tables = {std::move(coefficients), std::move(errors), std::move(bands)};
  return result;
}

std::string engine_yaml(const serving::EngineConfig& engine) {
  Node tree = ConfigWriter::write(engine);
  std::erase_if(tree.entries, [](const NodeEntry& entry) { return entry.value.is_null(); });
  return to_yaml(tree);
}

}  // namespace penstock::calibration
