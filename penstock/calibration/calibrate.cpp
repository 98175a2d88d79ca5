#include "penstock/calibration/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "penstock/base/parallel.h"
#include "penstock/calibration/families.h"

namespace penstock::calibration {
namespace {

constexpr size_t kRowsMin = 40;  // fewer cannot carry a family's coefficients

/// What a finished fit leaves: a change to the set and rows of the report.
struct Fitting {
  std::function<void(compute::Efficiency&)> apply;
  std::vector<std::vector<Cell>> groups;
  std::vector<Cell> family;
  size_t rows = 0;
};

struct Job {
  std::string accelerator;
  std::string family;
  std::function<Fitting()> fit;
  Fitting done;
};

double error_quantile(const std::vector<double>& ratios, double share) {
  std::vector<double> errors;
  for (const double ratio : ratios) errors.push_back(std::abs(1.0 / ratio - 1.0));
  return quantile_factor(std::move(errors), share);
}

/// Adds a job a measured accelerator. `place` is the member of Efficiency that the fit fills.
template <class Model, class Place>
void add_jobs(const Model& model, const CallsByAccelerator<typename Model::Call>& calls,
              const std::map<std::string, compute::Machine>& machines, Place place,
              std::vector<Job>& jobs) {
  for (const auto& [accelerator, rows] : calls) {
    if (rows.size() < kRowsMin || !machines.contains(accelerator)) continue;
    const compute::Machine& machine = machines.at(accelerator);
    jobs.push_back(
        {accelerator,
         model.name,
         [&model, &rows, &machine, place, accelerator] {
           const FamilyFit<Model> fit = fit_family(model, machine, rows);
           Fitting done;
           done.rows = rows.size();
           done.apply = [set = fit.set, place](compute::Efficiency& efficiency) {
             efficiency.*place = set;
             std::erase_if(efficiency.kernels,
                           [&](const auto& row) { return row.family == compute::Family::kGemm; });
           };
           for (const auto& group : fit.set.groups) {
             const compute::Residuals& r = group.residuals;
             done.groups.push_back({accelerator, model.name, group.origin.engine,
                                    group.origin.version, group.origin.kernel,
                                    fmt::format("{}/{}", enum_name(group.origin.format.stored),
                                                enum_name(group.origin.format.computed)),
                                    r.rows, r.error_fraction, r.low_factor, r.high_factor});
           }
           std::vector<double> unseen;
           for (size_t i = 0; i < rows.size(); ++i) {
             if (rows[i].current) unseen.push_back(fit.unseen_ratios[i]);
           }
           done.family = {accelerator,
                          model.name,
                          static_cast<int64_t>(rows.size()),
                          static_cast<int64_t>(fit.coefficient_count),
                          error_quantile(fit.seen_ratios, 0.5),
                          error_quantile(unseen, 0.5),
                          error_quantile(unseen, 0.9)};
           return done;
         },
         {}});
  }
}

Table family_table() {
  return {"families",
          "Errors of each family on each accelerator",
          {{"accelerator", ""},
           {"family", ""},
           {"rows", ""},
           {"coefficients", ""},
           {"median error, seen", ""},
           {"median error, unseen", ""},
           {"p90 error, unseen", ""}},
          {}};
}

Table group_table() {
  return {"groups",
          "Measured over predicted by group, on shapes kept from the fit",
          {{"accelerator", ""},
           {"family", ""},
           {"engine", ""},
           {"version", ""},
           {"kernel", ""},
           {"format", ""},
           {"rows", ""},
           {"median error", ""},
           {"p10", ""},
           {"p90", ""}},
          {}};
}

/// The set that an accelerator has or borrows, as the ground that fits are laid on.
compute::Efficiency ground(const catalog::Catalog& catalog, const catalog::Accelerator& accelerator,
                           const CalibrateOptions& options, size_t rows) {
  Findings findings;
  compute::Efficiency set = compute::choose_efficiency(catalog, accelerator, findings).efficiency;
  findings.throw_if_any();
  set.id = accelerator.id;
  set.aliases.clear();
  set.architecture = accelerator.architecture;
  set.summary = fmt::format("Kernels of {}, fitted to measured calls", accelerator.id);
  set.source =
      fmt::format("{}, {} kernel timings, fitted by penstock calibrate", options.source, rows);
  set.date = options.date;
  set.confidence = catalog::Confidence::kHigh;
  return set;
}

std::map<std::string, compute::Machine> machines_of(const std::set<std::string>& ids,
                                                    const catalog::Catalog& catalog) {
  std::map<std::string, compute::Machine> machines;
  Findings findings;
  for (const std::string& id : ids) {
    const auto accelerator = catalog.accelerator(id, {}, findings);
    if (accelerator) machines.emplace(id, compute::Machine::of(*accelerator));
  }
  findings.throw_if_any();
  return machines;
}

/// Null entries carry nothing: a family nobody measured.
void drop_nulls(Node& node) {
  std::erase_if(node.entries, [](const NodeEntry& entry) { return entry.value.is_null(); });
  for (NodeEntry& entry : node.entries) drop_nulls(entry.value);
  for (Node& item : node.items) drop_nulls(item);
}

}  // namespace

Calibration calibrate(const measurement::KernelRows& rows, const catalog::Catalog& catalog,
                      const CalibrateOptions& options) {
  const GemmModel gemm = gemm_model();
  const auto gemm_rows = gemm_calls(rows.gemm);

  std::set<std::string> ids;
  for (const auto& [id, calls] : gemm_rows) ids.insert(id);
  if (!options.only.empty()) {
    std::erase_if(ids, [&](const std::string& id) {
      return std::find(options.only.begin(), options.only.end(), id) == options.only.end();
    });
  }
  const auto machines = machines_of(ids, catalog);
  std::vector<Job> jobs;
  add_jobs(gemm, gemm_rows, machines, &compute::Efficiency::gemm, jobs);
  if (jobs.empty()) {
    Findings findings;
    findings.add("--data",
                 fmt::format("holds no accelerator with {} rows of a kernel family", kRowsMin));
    findings.throw_if_any();
  }
  parallel_for(jobs.size(), options.thread_count, [&](size_t i) {
    jobs[i].done = jobs[i].fit();
    if (options.progress) {
      options.progress(fmt::format("{} on {}", jobs[i].family, jobs[i].accelerator));
    }
  });

  Calibration out;
  Table families = family_table();
  Table groups = group_table();
  for (const auto& [id, machine] : machines) {
    size_t count = 0;
    for (const Job& job : jobs) count += job.accelerator == id ? job.done.rows : 0;
    if (count == 0) continue;
    Findings findings;
    compute::Efficiency set =
        ground(catalog, *catalog.accelerator(id, {}, findings), options, count);
    for (const Job& job : jobs) {
      if (job.accelerator != id) continue;
      job.done.apply(set);
      families.rows.push_back(job.done.family);
      groups.rows.insert(groups.rows.end(), job.done.groups.begin(), job.done.groups.end());
    }
    out.sets.push_back(std::move(set));
  }
  out.report.name = "calibration";
  out.report.tables = {std::move(families), std::move(groups)};
  return out;
}

std::string efficiency_yaml(const compute::Efficiency& set) {
  Node tree = ConfigWriter::write(set);
  drop_nulls(tree);
  return to_yaml(tree);
}

}  // namespace penstock::calibration
