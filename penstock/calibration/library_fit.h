/// Fits one library model to its rows: any struct whose parts are described by `fields`.
#pragma once

#include <cmath>
#include <functional>
#include <span>
#include <vector>

#include "penstock/calibration/coefficients.h"
#include "penstock/calibration/least_squares.h"
#include "penstock/calibration/quantile.h"
#include "penstock/network/library_price.h"

namespace penstock::calibration {

/// A measured call of the library being fitted.
struct LibraryPoint {
  network::LibraryCall call;
  Seconds measured;
  network::FabricTimes times;
  network::Taken fallback;  ///< what the library's fall-back would take
  int fold = 0;
};

/// Calls `visit` with every fitted part of a model.
template <class Visit>
void for_each_part(network::ChannelModel& model, const Visit& visit) {
  visit(model.ring);
  if (model.wide_line) visit(*model.wide_line);
  if (model.in_switch) visit(*model.in_switch);
  visit(model.pairwise);
}

template <class Visit>
void for_each_part(network::SharedBufferModel& model, const Visit& visit) {
  visit(model.kernel);
  if (model.eager) visit(*model.eager);
}

template <class Visit>
void for_each_part(network::PlainModel& model, const Visit& visit) {
  if (model.ring) visit(*model.ring);
  if (model.message) visit(*model.message);
}

inline Seconds duration_at(const network::ChannelModel& model, const LibraryPoint& point) {
  return network::duration_of(model, point.call, point.times).duration;
}

inline Seconds duration_at(const network::SharedBufferModel& model, const LibraryPoint& point) {
  return network::duration_of(model, point.call, point.times, point.fallback).duration;
}

inline Seconds duration_at(const network::PlainModel& model, const LibraryPoint& point) {
  return network::duration_of(model, point.call, point.times).duration;
}

/// A model with its coefficients as a list of logarithms.
template <class Model>
class LibraryProblem {
 public:
  LibraryProblem(Model start, const std::vector<LibraryPoint>& points)
      : start_(std::move(start)), points_(points) {
    for_each_part(start_, [&](auto& part) {
      for (const Coefficient& c : CoefficientList::of(part)) {
        problem_.start.push_back(std::log(c.value_factor));
        problem_.low.push_back(std::log(c.bounds.min));
        problem_.high.push_back(std::log(c.bounds.max));
      }
    });
    std::vector<int32_t> all(points.size());
    for (size_t i = 0; i < points.size(); ++i) all[i] = static_cast<int32_t>(i);
    problem_.rows_of.assign(problem_.start.size(), all);
    problem_.scale_factor = 0.06;  // timings of one call repeat to about this
    problem_.pull_factor = 0.02;
    problem_.residuals = [this](std::span<const double> x, std::span<const int32_t> rows,
                                std::span<double> out) {
      const Model model = model_at(x);
      for (size_t j = 0; j < rows.size(); ++j) {
        const LibraryPoint& point = points_[static_cast<size_t>(rows[j])];
        out[j] = std::log(duration_at(model, point) / point.measured);
      }
    };
  }

  LibraryProblem(const LibraryProblem&) = delete;
  LibraryProblem& operator=(const LibraryProblem&) = delete;

  /// Leaves out one fold; -1: none.
  Minimum fit(int fold, std::span<const double> from, int iterations_max = 60) {
    problem_.rows.clear();
    for (size_t i = 0; i < points_.size(); ++i) {
      if (points_[i].fold != fold) problem_.rows.push_back(static_cast<int32_t>(i));
    }
    problem_.iterations_max = iterations_max;
    return minimise(problem_, from.empty() ? std::span<const double>(problem_.start) : from);
  }

  [[nodiscard]] Model model_at(std::span<const double> x, bool rounded = false) const {
    Model model = start_;
    size_t next = 0;
    for_each_part(model, [&](auto& part) {
      std::vector<double> numbers(CoefficientList::of(part).size());
      for (double& number : numbers) {
        number = std::exp(x[next++]);
        if (rounded) number = rounded_factor(number);
      }
      CoefficientSetter::set(part, numbers);
    });
    return model;
  }

  [[nodiscard]] size_t coefficient_count() const { return problem_.start.size(); }

  /// Measured over predicted at x, for every point.
  [[nodiscard]] std::vector<double> ratios(std::span<const double> x) const {
    const Model model = model_at(x);
    std::vector<double> ratios;
    for (const LibraryPoint& point : points_) {
      ratios.push_back(point.measured / duration_at(model, point));
    }
    return ratios;
  }

 private:
  Model start_;
  const std::vector<LibraryPoint>& points_;
  LeastSquares problem_;
};

/// A fitted model and how well it does.
template <class Model>
struct LibraryFit {
  Model model;
  size_t coefficient_count = 0;
  double loss_factor = 0.0;
  std::vector<double> seen_ratios;    ///< measured over predicted
  std::vector<double> unseen_ratios;  ///< the same, by fits without the row's size
};

/// Fits from each start and keeps the best; then rotates the folds from there.
template <class Model>
LibraryFit<Model> fit_library(const std::vector<Model>& starts,
                              const std::vector<LibraryPoint>& points) {
  constexpr int kFolds = 5;
  LibraryFit<Model> best;
  for (const Model& start : starts) {
    LibraryProblem<Model> problem(start, points);
    const Minimum all = problem.fit(-1, {});
    if (best.coefficient_count != 0 && all.loss_factor >= best.loss_factor) continue;
    best.model = problem.model_at(all.x, true);
    best.coefficient_count = problem.coefficient_count();
    best.loss_factor = all.loss_factor;
    best.seen_ratios = problem.ratios(all.x);
    best.unseen_ratios = best.seen_ratios;
    for (int fold = 0; fold < kFolds; ++fold) {
      const std::vector<double> part = problem.ratios(problem.fit(fold, all.x).x);
      for (size_t i = 0; i < points.size(); ++i) {
        if (points[i].fold == fold) best.unseen_ratios[i] = part[i];
      }
    }
  }
  return best;
}

}  // namespace penstock::calibration
