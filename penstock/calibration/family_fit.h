/// Fits one kernel family on one accelerator: shared and group coefficients in one go.
///
/// Coefficients are fitted as logarithms to log(predicted / measured), robustly. Which group
/// coefficients several groups have in common is the family's tie rule. Residual quantiles come
/// from a fivefold rotation: each shape is predicted by a fit that has not seen it under any group.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "penstock/base/check.h"
#include "penstock/calibration/coefficients.h"
#include "penstock/calibration/least_squares.h"
#include "penstock/calibration/quantile.h"
#include "penstock/compute/kernel_set.h"
#include "penstock/compute/machine.h"

namespace penstock::calibration {

constexpr int kFolds = 5;

/// One measured call.
template <class Call>
struct MeasuredCall {
  compute::KernelOrigin origin;
  bool current = true;  ///< of the newest release of its engine
  Call call;
  Seconds measured;
  uint64_t shape_hash = 0;  ///< equal shapes are kept from a fit together
};

/// A family: its call and coefficient structs, its model and its tie rule.
template <class CallT, class SharedT, class GroupT>
struct FamilyModel {
  using Call = CallT;
  using Shared = SharedT;
  using Group = GroupT;
  std::string name;
  std::function<Seconds(const compute::Machine&, const Shared&, const Group&, const Call&)>
      duration;
  /// Groups with equal text have this coefficient in common.
  std::function<std::string(const compute::KernelOrigin&, std::string_view coefficient)> tie;
};

template <class Model>
struct FamilyFit {
  compute::KernelSet<typename Model::Shared, typename Model::Group> set;
  size_t coefficient_count = 0;
  std::vector<double> unseen_ratios;  ///< measured / predicted by the fit without it, row by row
  std::vector<double> seen_ratios;
};

namespace detail {

template <class Model>
class FamilyProblem {
 public:
  using Call = typename Model::Call;
  using Shared = typename Model::Shared;
  using Group = typename Model::Group;
  using Row = MeasuredCall<Call>;

  FamilyProblem(const Model& model, const compute::Machine& machine, const std::vector<Row>& rows)
      : model_(model), machine_(machine), rows_(rows) {
    find_groups();
    lay_out();
  }

  /// Leaves out one fold of the shapes; -1: none.
  Minimum fit(int fold, std::span<const double> from) {
    problem_.rows.clear();
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (fold_of(rows_[i]) != fold) problem_.rows.push_back(static_cast<int32_t>(i));
    }
    return minimise(problem_, from.empty() ? std::span<const double>(problem_.start) : from);
  }

  static int fold_of(const Row& row) { return static_cast<int>(row.shape_hash % kFolds); }

  [[nodiscard]] Shared shared_of(std::span<const double> x) const {
    Shared shared;
    std::vector<double> numbers(shared_count_);
    for (size_t i = 0; i < shared_count_; ++i) numbers[i] = value_of(x[i]);
    CoefficientSetter::set(shared, numbers);
    return shared;
  }

  [[nodiscard]] Group group_of(size_t group, std::span<const double> x) const {
    Group values;
    std::vector<double> numbers;
    for (const size_t at : places_[group]) numbers.push_back(value_of(x[at]));
    CoefficientSetter::set(values, numbers);
    return values;
  }

  /// From now on coefficients have the digits that files show.
  void round_coefficients() { rounds_ = true; }

  /// log(predicted / measured) of some rows.
  void residuals(std::span<const double> x, std::span<const int32_t> rows,
                 std::span<double> out) const {
    const Shared shared = shared_of(x);
    std::vector<Group> groups;
    for (size_t g = 0; g < origins_.size(); ++g) groups.push_back(group_of(g, x));
    for (size_t j = 0; j < rows.size(); ++j) {
      const auto i = static_cast<size_t>(rows[j]);
      const Row& row = rows_[i];
      out[j] = std::log(model_.duration(machine_, shared, groups[group_of_row_[i]], row.call) /
                        row.measured);
    }
  }

  [[nodiscard]] size_t coefficient_count() const { return problem_.start.size(); }
  [[nodiscard]] const std::vector<compute::KernelOrigin>& origins() const { return origins_; }
  [[nodiscard]] size_t group_index(size_t row) const { return group_of_row_[row]; }

 private:
  [[nodiscard]] double value_of(double logarithm) const {
    const double value = std::exp(logarithm);
    return rounds_ ? rounded_factor(value) : value;
  }

  void find_groups() {
    std::map<compute::KernelOrigin, size_t> index;
    for (const Row& row : rows_) index.emplace(row.origin, 0);
    for (auto& [origin, at] : index) {
      at = origins_.size();
      origins_.push_back(origin);
    }
    for (const Row& row : rows_) group_of_row_.push_back(index.at(row.origin));
  }

  void add(const Coefficient& c) {
    PENSTOCK_CHECK(c.bounds.min > 0.0, "coefficient {} needs a positive lower bound", c.name);
    problem_.start.push_back(std::log(c.value_factor));
    problem_.low.push_back(std::log(c.bounds.min));
    problem_.high.push_back(std::log(c.bounds.max));
    problem_.rows_of.emplace_back();
  }

  void lay_out() {
    const auto shared = CoefficientList::of(Shared{});
    shared_count_ = shared.size();
    for (const Coefficient& c : shared) {
      add(c);
      for (size_t i = 0; i < rows_.size(); ++i) {
        problem_.rows_of.back().push_back(static_cast<int32_t>(i));
      }
    }
    std::map<std::pair<std::string, std::string>, size_t> tied;
    for (size_t g = 0; g < origins_.size(); ++g) lay_out_group(g, tied);
    problem_.residuals = [this](std::span<const double> x, std::span<const int32_t> rows,
                                std::span<double> out) { residuals(x, rows, out); };
  }

  /// Times of a group's own rows show its floor: where even the tenth percentile is that of a host
  /// launch, the group is held by the host.
  void lay_out_group(size_t g, std::map<std::pair<std::string, std::string>, size_t>& tied) {
    std::vector<double> times;
    std::vector<int32_t> rows;
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (group_of_row_[i] != g) continue;
      rows.push_back(static_cast<int32_t>(i));
      times.push_back(rows_[i].measured.value());
    }
    constexpr double kHostLaunch = 45e-6;
    const double floor = quantile_factor(times, 0.1);
    places_.emplace_back();
    for (Coefficient c : CoefficientList::of(Group{})) {
      if (c.name == "host_floor") {
        if (floor > kHostLaunch) {
          c.value_factor = floor;
        } else {
          c.bounds.max = c.value_factor = c.bounds.min;
        }
      }
      const std::string key =
          c.name == "host_floor" ? std::to_string(g) : model_.tie(origins_[g], c.name);
      const auto [at, added] =
          tied.emplace(std::pair(key, std::string(c.name)), problem_.start.size());
      if (added) add(c);
      places_[g].push_back(at->second);
      auto& moved = problem_.rows_of[at->second];
      moved.insert(moved.end(), rows.begin(), rows.end());
    }
  }

  const Model& model_;
  const compute::Machine& machine_;
  const std::vector<Row>& rows_;
  LeastSquares problem_;
  size_t shared_count_ = 0;
  bool rounds_ = false;
  std::vector<compute::KernelOrigin> origins_;
  std::vector<size_t> group_of_row_;
  std::vector<std::vector<size_t>> places_;  // by group: where its coefficients stand
};

}  // namespace detail

template <class Model>
FamilyFit<Model> fit_family(const Model& model, const compute::Machine& machine,
                            const std::vector<MeasuredCall<typename Model::Call>>& rows) {
  FamilyFit<Model> fit;
  if (rows.empty()) return fit;
  detail::FamilyProblem<Model> problem(model, machine, rows);
  const Minimum all = problem.fit(-1, {});
  fit.coefficient_count = problem.coefficient_count();
  std::vector<int32_t> every(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) every[i] = static_cast<int32_t>(i);
  std::vector<double> seen(rows.size());
  problem.residuals(all.x, every, seen);
  std::vector<double> unseen = seen;
  for (int fold = 0; fold < kFolds; ++fold) {
    const Minimum part = problem.fit(fold, all.x);
    std::vector<double> out(rows.size());
    problem.residuals(part.x, every, out);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (problem.fold_of(rows[i]) == fold) unseen[i] = out[i];
    }
  }
  for (const double r : seen) fit.seen_ratios.push_back(std::exp(-r));
  for (const double r : unseen) fit.unseen_ratios.push_back(std::exp(-r));

  problem.round_coefficients();
  fit.set.shared = problem.shared_of(all.x);
  for (size_t g = 0; g < problem.origins().size(); ++g) {
    compute::Fitted<typename Model::Group> group;
    group.origin = problem.origins()[g];
    group.coefficients = problem.group_of(g, all.x);
    std::vector<double> ratios;
    std::vector<double> errors;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (problem.group_index(i) != g) continue;
      group.current = rows[i].current;
      ratios.push_back(fit.unseen_ratios[i]);
      errors.push_back(std::abs(1.0 / fit.unseen_ratios[i] - 1.0));
    }
    group.residuals = {
        rounded_factor(quantile_factor(ratios, 0.1)), rounded_factor(quantile_factor(ratios, 0.9)),
        rounded_factor(quantile_factor(errors, 0.5)), static_cast<int64_t>(ratios.size())};
    fit.set.groups.push_back(std::move(group));
  }
  return fit;
}

/// Measured over predicted for rows of one accelerator by the set of another: what a transfer is
/// worth. Each row takes the group of its engine and format.
template <class Model>
std::vector<double> transfer_ratios(
    const Model& model, const compute::Machine& machine,
    const compute::KernelSet<typename Model::Shared, typename Model::Group>& set,
    const std::vector<MeasuredCall<typename Model::Call>>& rows) {
  std::vector<double> ratios;
  for (const auto& row : rows) {
    if (!row.current) continue;
    const auto& group = set.find(row.origin);
    ratios.push_back(row.measured /
                     model.duration(machine, set.shared, group.coefficients, row.call));
  }
  return ratios;
}

}  // namespace penstock::calibration
