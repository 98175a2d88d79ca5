#include "penstock/calibration/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <any>
#include <cmath>
#include <functional>
#include <set>

#include "penstock/base/parallel.h"
#include "penstock/calibration/attention_families.h"
#include "penstock/calibration/experts_family.h"
#include "penstock/calibration/families.h"
#include "penstock/calibration/power.h"
#include "penstock/compute/layer_operators.h"

namespace penstock::calibration {
namespace {

constexpr size_t kRowsMin = 40;  // fewer cannot carry a family's coefficients

/// What a finished fit leaves: a change to the set and rows of the report.
struct Fitting {
  std::function<void(compute::Efficiency&)> apply;
  /// Median error of another's fit of this family on this accelerator's rows, with the rates of
  /// its machine carried over where one is given.
  std::function<double(const std::any&, const compute::Machine*)> error_of;
  std::any set;
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

std::string text(compute::KernelFormat format) {
  return fmt::format("{}/{}", enum_name(format.stored), enum_name(format.computed));
}

/// A family's place among the members of Efficiency, and the flat rows that it replaces.
template <class Set>
struct Place {
  std::optional<Set> compute::Efficiency::* member;
  compute::Family replaces;
};

template <class Model, class Set>
Fitting fitting_of(const std::string& accelerator, const Model& model,
                   const compute::Machine& machine,
                   const std::vector<MeasuredCall<typename Model::Call>>& rows, Place<Set> place) {
  const FamilyFit<Model> fit = fit_family(model, machine, rows);
  Fitting done;
  done.rows = rows.size();
  done.set = fit.set;
  done.apply = [set = fit.set, place](compute::Efficiency& efficiency) {
    efficiency.*(place.member) = set;
    std::erase_if(efficiency.kernels,
                  [&](const auto& row) { return row.family == place.replaces; });
  };
  done.error_of = [&model, &rows, &machine](const std::any& other, const compute::Machine* from) {
    Set set = std::any_cast<const Set&>(other);
    if (from != nullptr) compute::carry_rates(set, *from, machine);
    return error_quantile(transfer_ratios(model, machine, set, rows), 0.5);
  };
  for (const auto& group : fit.set.groups) {
    const compute::Residuals& r = group.residuals;
    done.groups.push_back({accelerator, model.name, group.origin.engine, group.origin.version,
                           group.origin.kernel, text(group.origin.format), r.rows, r.error_fraction,
                           r.low_factor, r.high_factor});
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
}

/// Adds a job a measured accelerator.
template <class Model, class Set>
void add_jobs(const Model& model, const CallsByAccelerator<typename Model::Call>& calls,
              const std::map<std::string, compute::Machine>& machines, Place<Set> place,
              std::vector<Job>& jobs) {
  for (const auto& [id, rows_of_id] : calls) {
    if (rows_of_id.size() < kRowsMin || !machines.contains(id)) continue;
    const auto* rows = &rows_of_id;
    const auto* machine = &machines.at(id);
    jobs.push_back({id,
                    model.name,
                    [&model, rows, machine, place, accelerator = id] {
                      return fitting_of(accelerator, model, *machine, *rows, place);
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
           {"p90 error, unseen", ""},
           {"median error, by the set of", ""},
           {"by kin", ""}},
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

/// What another's fit is worth on the rows of a job's accelerator.
struct Transfer {
  std::string from;
  double error_fraction = 0.0;
};

/// The transfer from the accelerator whose fit of this family would stand in if this one had none.
std::optional<Transfer> transfer(const Job& job, const std::vector<Job>& jobs,
                                 const catalog::Catalog& catalog) {
  Findings findings;
  const auto own = catalog.accelerator(job.accelerator, {}, findings);
  std::vector<compute::KinCandidate> candidates;
  std::vector<const Job*> fitted;
  for (const Job& other : jobs) {
    if (other.family != job.family) continue;
    auto candidate = compute::kin_candidate(catalog, other.accelerator);
    if (!candidate) {
      candidate.emplace();
      candidate->accelerator = *catalog.accelerator(other.accelerator, {}, findings);
    }
    candidates.push_back(*std::move(candidate));
    fitted.push_back(&other);
  }
  findings.throw_if_any();
  const auto kin = compute::nearest_kin(*own, candidates);
  if (!kin) return std::nullopt;
  const Job& other = *fitted[kin->index];
  const auto from = compute::Machine::of(candidates[kin->index].accelerator);
  const bool carries = compute::carries_rates(kin->kinship);
  return Transfer{other.accelerator, job.done.error_of(other.done.set, carries ? &from : nullptr)};
}

/// The set that an accelerator has or borrows, as the ground that fits are laid on.
compute::Efficiency ground(const catalog::Catalog& catalog, const catalog::Accelerator& accelerator,
                           const CalibrateOptions& options, size_t rows) {
  Findings findings;
  auto [set, origin, kinship] = compute::choose_efficiency(catalog, accelerator, findings);
  findings.throw_if_any();
  if (origin != compute::EfficiencyChoice::Origin::kOwn) set.stands_in_for.clear();
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

/// What the measured products used and drew, as shares of what the accelerator can.
std::vector<PowerSample> power_samples(const measurement::KernelRows& rows,
                                       const catalog::Accelerator& accelerator,
                                       const compute::Machine& machine) {
  std::vector<PowerSample> samples;
  if (!accelerator.power_limit) return samples;
  for (const measurement::GemmRow& row : rows.gemm) {
    if (row.timing.accelerator != accelerator.id || !row.timing.power) continue;
    const compute::Operator product =
        compute::gemm("product", compute::Section::kFeedForward, 1, {row.m, row.n, row.k},
                      row.format.weight, row.format.compute);
    const double compute_fraction =
        product.flops / machine.peak(row.format.compute) / row.timing.latency;
    const double memory_fraction = product.bytes / machine.bandwidth / row.timing.latency;
    // calls that the cache serves say nothing about memory
    if (compute_fraction > 1.0 || memory_fraction > 1.0) continue;
    samples.push_back(
        {compute_fraction, memory_fraction, *row.timing.power / accelerator.power_limit->value});
  }
  return samples;
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

/// Sets and report from finished jobs, in order of accelerator.
Calibration collect(const std::vector<Job>& jobs,
                    const std::map<std::string, compute::Machine>& machines,
                    const measurement::KernelRows& rows, const catalog::Catalog& catalog,
                    const CalibrateOptions& options) {
  Calibration out;
  Table families = family_table();
  Table groups = group_table();
  for (const auto& [id, machine] : machines) {
    size_t count = 0;
    for (const Job& job : jobs) count += job.accelerator == id ? job.done.rows : 0;
    if (count == 0) continue;
    Findings findings;
    const auto accelerator = catalog.accelerator(id, {}, findings);
    compute::Efficiency set = ground(catalog, *accelerator, options, count);
    if (const auto power = fit_power(power_samples(rows, *accelerator, machine))) {
      set.power = power->shares;
      families.rows.push_back({id, "power", static_cast<int64_t>(power->rows), int64_t{3},
                               power->error_fraction, std::string("-"), std::string("-"),
                               std::string("-"), std::string("-")});
    }
    for (const Job& job : jobs) {
      if (job.accelerator != id) continue;
      job.done.apply(set);
      std::vector<Cell> line = job.done.family;
      const auto kin = transfer(job, jobs, catalog);
      line.emplace_back(kin ? Cell(kin->from) : Cell(std::string("-")));
      line.emplace_back(kin ? Cell(kin->error_fraction) : Cell(std::string("-")));
      families.rows.push_back(std::move(line));
      groups.rows.insert(groups.rows.end(), job.done.groups.begin(), job.done.groups.end());
    }
    out.sets.push_back(std::move(set));
  }
  out.report.name = "calibration";
  out.report.tables = {std::move(families), std::move(groups)};
  return out;
}

/// The families and the measured calls of each.
struct Families {
  GemmModel gemm = gemm_model();
  ExpertsModel experts = experts_model();
  AttentionPrefillModel attention_prefill = attention_prefill_model();
  AttentionDecodeModel attention_decode = attention_decode_model();
  AttentionPrefillModel latent_prefill = latent_prefill_model();
  AttentionDecodeModel latent_decode = latent_decode_model();
  LatentPrefillModuleModel prefill_module = latent_prefill_module_model();
  LatentDecodeModuleModel decode_module = latent_decode_module_model();
};

struct FamilyCalls {
  explicit FamilyCalls(const measurement::KernelRows& rows)
      : gemm(gemm_calls(rows.gemm)),
        experts(experts_calls(rows.moe)),
        attention_prefill(attention_prefill_calls(rows.attention)),
        attention_decode(attention_decode_calls(rows.attention)),
        latent_prefill(latent_prefill_calls(rows.mla)),
        latent_decode(latent_decode_calls(rows.mla)) {}

  CallsByAccelerator<compute::GemmCall> gemm;
  CallsByAccelerator<compute::ExpertsCall> experts;
  CallsByAccelerator<compute::AttentionPrefillCall> attention_prefill;
  CallsByAccelerator<compute::AttentionDecodeCall> attention_decode;
  CallsByAccelerator<compute::AttentionPrefillCall> latent_prefill;
  CallsByAccelerator<compute::AttentionDecodeCall> latent_decode;
};

/// Accelerators with rows of any family, or those of them that were asked for.
std::set<std::string> measured_ids(const FamilyCalls& calls, const std::vector<std::string>& only) {
  std::set<std::string> ids;
  const auto add = [&](const auto& by_accelerator) {
    for (const auto& [id, rows] : by_accelerator) {
      if (only.empty() || std::find(only.begin(), only.end(), id) != only.end()) ids.insert(id);
    }
  };
  add(calls.gemm);
  add(calls.experts);
  add(calls.attention_prefill);
  add(calls.attention_decode);
  add(calls.latent_prefill);
  add(calls.latent_decode);
  return ids;
}

void run_jobs(std::vector<Job>& jobs, size_t first, const CalibrateOptions& options) {
  parallel_for(jobs.size() - first, options.thread_count, [&](size_t i) {
    Job& job = jobs[first + i];
    job.done = job.fit();
    if (options.progress) options.progress(fmt::format("{} on {}", job.family, job.accelerator));
  });
}

/// Products of modules by the fits just made; 0 where the accelerator has none.
ProductPrice product_price(const std::vector<Job>& jobs,
                           const std::map<std::string, compute::Machine>& machines) {
  std::map<std::string, compute::GemmSet> sets;
  for (const Job& job : jobs) {
    if (job.family == "gemm") {
      sets.emplace(job.accelerator, std::any_cast<const compute::GemmSet&>(job.done.set));
    }
  }
  return
      [sets = std::move(sets), &machines](const std::string& accelerator, const std::string& engine,
                                          const compute::GemmCall& call) {
        const auto set = sets.find(accelerator);
        if (set == sets.end()) return Seconds();
        const auto& group = set->second.pick(engine, {call.weights, call.compute});
        return compute::gemm_duration(machines.at(accelerator), set->second.shared,
                                      group.coefficients, call);
      };
}

}  // namespace

Calibration calibrate(const measurement::KernelRows& rows, const catalog::Catalog& catalog,
                      const CalibrateOptions& options) {
  const Families families;
  const FamilyCalls calls(rows);
  const auto machines = machines_of(measured_ids(calls, options.only), catalog);
  std::vector<Job> jobs;
  using Set = compute::Efficiency;
  add_jobs(families.gemm, calls.gemm, machines,
           Place<compute::GemmSet>{&Set::gemm, compute::Family::kGemm}, jobs);
  add_jobs(families.experts, calls.experts, machines,
           Place<compute::ExpertsSet>{&Set::experts, compute::Family::kGroupedGemm}, jobs);
  // flat rows of attention stay: sparse and compressed attention have no other
  const auto none = compute::Family::kCollective;
  add_jobs(families.attention_prefill, calls.attention_prefill, machines,
           Place<compute::AttentionPrefillSet>{&Set::attention_prefill, none}, jobs);
  add_jobs(families.attention_decode, calls.attention_decode, machines,
           Place<compute::AttentionDecodeSet>{&Set::attention_decode, none}, jobs);
  add_jobs(families.latent_prefill, calls.latent_prefill, machines,
           Place<compute::AttentionPrefillSet>{&Set::latent_prefill, none}, jobs);
  add_jobs(families.latent_decode, calls.latent_decode, machines,
           Place<compute::AttentionDecodeSet>{&Set::latent_decode, none}, jobs);
  if (jobs.empty()) {
    Findings findings;
    findings.add("--data",
                 fmt::format("holds no accelerator with {} rows of a kernel family", kRowsMin));
    findings.throw_if_any();
  }
  run_jobs(jobs, 0, options);
  // modules contain products: they come when those are fitted
  const size_t modules = jobs.size();
  const ProductPrice price = product_price(jobs, machines);
  const auto prefill_modules = latent_prefill_module_calls(rows.mla, price);
  const auto decode_modules = latent_decode_module_calls(rows.mla, price);
  add_jobs(families.prefill_module, prefill_modules, machines,
           Place<compute::LatentPrefillModuleSet>{&Set::latent_prefill_module, none}, jobs);
  add_jobs(families.decode_module, decode_modules, machines,
           Place<compute::LatentDecodeModuleSet>{&Set::latent_decode_module, none}, jobs);
  run_jobs(jobs, modules, options);
  return collect(jobs, machines, rows, catalog, options);
}

std::string efficiency_yaml(const compute::Efficiency& set) {
  Node tree = ConfigWriter::write(set);
  drop_nulls(tree);
  return to_yaml(tree);
}

}  // namespace penstock::calibration
