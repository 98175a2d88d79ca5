#include "penstock/calibration/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "penstock/base/text.h"
#include "penstock/calibration/collectives.h"
#include "penstock/calibration/dispatch_fit.h"
#include "penstock/calibration/engine_fit.h"
#include "penstock/cli/session.h"
#include "penstock/measurement/collectives.h"
#include "penstock/measurement/dispatch.h"
#include "penstock/measurement/serving.h"
#include "penstock/scenario/scenario.h"
#include "penstock/validation/engine_runs.h"

namespace penstock::cli {
namespace {

const std::vector<std::string> kWhats = {"kernels", "engines", "collectives", "dispatch"};

class Calibrate final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "calibrate";
    spec.positionals = {{"WHAT", "kernels (when unset), engines, collectives or dispatch.",
                         ValueKind::kText, false, false}};
    spec.description =
        "Fits the kernel models to measured kernels (kernels_gemm.csv, kernels_attention.csv, "
        "kernels_mla.csv, kernels_moe.csv) and prints the residuals. With --out DIR, writes "
        "DIR/efficiency/ACCELERATOR.yaml: use it with --catalog DIR. 'calibrate engines' fits what "
        "engines add to their kernels to whole runs (serving_static.csv) and writes "
        "DIR/engines/ENGINE.yaml. 'calibrate collectives' fits communication libraries to measured "
        "collectives (collectives.csv) and writes DIR/libraries/LIBRARY_SYSTEM.yaml. "
        "'calibrate dispatch' fits exchanges of mixture-of-experts layers "
        "(moe_dispatch_combine.csv) and writes DIR/dispatch/LIBRARY.yaml.";
    spec.options = {
        {"--data", "DIR", "Folder of measurements (PENSTOCK_DATA, else ../shared/measurements).",
         ValueKind::kDirectory},
        {"--accelerator", "A", "Only this accelerator; may be repeated.", ValueKind::kAccelerator,
         true},
        {"--engine", "NAME", "Only this engine's preset; may be repeated.", ValueKind::kText, true},
        {"--out", "DIR", "Catalog folder to write the sets into.", ValueKind::kDirectory},
        {"--source", "TEXT",
         "Where the rows come from, for the sets (the folder's name; of exchanges: as rows say).",
         ValueKind::kText},
        {"--date", "DATE", "Date of the rows, for the sets (unknown).", ValueKind::kText}};
    spec.examples = {"penstock calibrate --data my_gpu/ --accelerator h100_sxm --out my_catalog"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    const std::string what = arguments.positional(0);
    if (!what.empty() && std::find(kWhats.begin(), kWhats.end(), what) == kWhats.end()) {
      arguments.findings().add("WHAT", fmt::format("must be one of {}; got \"{}\"{}", join(kWhats),
                                                   what, suggestion(what, kWhats)));
    }
    const std::string folder = measurements_folder(arguments);
    const catalog::Catalog catalog = open_catalog(arguments);
    if (what == "engines") return engines(folder, catalog, arguments);
    if (what == "collectives") return collectives(folder, catalog, arguments);
    if (what == "dispatch") return dispatch(folder, catalog, arguments);
    return kernels(folder, catalog, arguments);
  }

 private:
  static std::string source_of(const std::string& folder, Arguments& arguments) {
    return arguments.text("--source")
        .value_or(
            fmt::format("Measurements in {}", std::filesystem::path(folder).filename().string()));
  }

  static int dispatch(const std::string& folder, const catalog::Catalog& catalog,
                      Arguments& arguments) {
    calibration::DispatchFitOptions options;
    options.source = arguments.text("--source").value_or("");
    options.date = arguments.text("--date").value_or("unknown");
    options.thread_count = thread_count(arguments);
    const auto out = arguments.text("--out");
    const auto exchanges = measurement::read_exchanges(folder, catalog, arguments.findings());
    arguments.check();
    const auto fitted = calibration::calibrate_dispatch(exchanges.rows, catalog, options);
    if (out) {
      make_folder(*out + "/dispatch");
      for (const network::DispatchSet& set : fitted.sets) {
        write_file(fmt::format("{}/dispatch/{}.yaml", *out, set.id),
                   calibration::dispatch_yaml(set));
      }
    }
    return answer(fitted.report, arguments, true);
  }

  static int collectives(const std::string& folder, const catalog::Catalog& catalog,
                         Arguments& arguments) {
    const auto source = read_source(folder + "/collectives.csv", arguments.findings());
    arguments.check();
    const auto rows = measurement::read_collectives(source, catalog, arguments.findings());
    const auto out = arguments.text("--out");
    calibration::CollectiveFitOptions options;
    options.source = source_of(folder, arguments);
    options.date = arguments.text("--date").value_or("unknown");
    options.thread_count = thread_count(arguments);
    arguments.check();
    ProgressLine progress(true);
    if (progress.active()) {
      options.progress = [&](const std::string& text) { progress.show("fitted " + text); };
    }
    const auto fitted = calibration::calibrate_collectives(rows, catalog, options);
    if (out) {
      make_folder(*out + "/libraries");
      for (const network::LibraryEntry& entry : fitted.entries) {
        write_file(fmt::format("{}/libraries/{}.yaml", *out, entry.id),
                   calibration::library_yaml(entry));
      }
    }
    return answer(fitted.report, arguments, true);
  }

  static int kernels(const std::string& folder, const catalog::Catalog& catalog,
                     Arguments& arguments) {
    calibration::CalibrateOptions options;
    for (const std::string& name : arguments.list("--accelerator")) {
      const auto found = catalog.accelerator(name, {}, arguments.findings());
      if (found) options.only.push_back(found->id);
    }
    options.source = source_of(folder, arguments);
    options.date = arguments.text("--date").value_or("unknown");
    options.thread_count = thread_count(arguments);
    const auto out = arguments.text("--out");
    const auto rows = measurement::read_kernels(folder, catalog, arguments.findings());
    arguments.check();
    ProgressLine progress(true);
    if (progress.active()) {
      options.progress = [&](const std::string& text) { progress.show("fitted " + text); };
    }
    const calibration::Calibration fitted = calibration::calibrate(rows, catalog, options);
    if (out) {
      make_folder(*out + "/efficiency");
      for (const compute::Efficiency& set : fitted.sets) {
        write_file(fmt::format("{}/efficiency/{}.yaml", *out, set.id),
                   calibration::efficiency_yaml(set));
      }
    }
    return answer(fitted.report, arguments, true);
  }

  static int engines(const std::string& folder, const catalog::Catalog& catalog,
                     Arguments& arguments) {
    const std::string path = folder + "/serving_static.csv";
    const auto source = read_source(path, arguments.findings());
    arguments.check();
    const auto rows = measurement::read_static(source, catalog, arguments.findings());
    const auto entries = validation::SweepEntries::read(folder, catalog, arguments.findings());
    const auto out = arguments.text("--out");
    arguments.check();
    ProgressLine progress(true);
    calibration::EngineFitOptions options;
    options.thread_count = thread_count(arguments);
    if (progress.active()) {
      options.progress = [&](const std::string& text) { progress.show(text); };
    }
    std::vector<calibration::EngineFit> fits;
    const std::vector<std::string> only = arguments.list("--engine");
    for (auto& [engine, runs] :
         validation::engine_runs(rows, entries, catalog, options.thread_count)) {
      if (!only.empty() && std::find(only.begin(), only.end(), engine) == only.end()) continue;
      const auto preset = scenario::read_engine(catalog, engine, {}, nullptr, arguments.findings());
      arguments.check();
      fits.push_back(calibration::fit_engine(preset, std::move(runs), options));
    }
    if (out) write_engines(*out, fits, catalog, arguments);
    return answer(calibration::engine_report(fits), arguments, true);
  }

  /// Each preset whose kernels are the engine's takes its coefficients.
  static void write_engines(const std::string& out, const std::vector<calibration::EngineFit>& fits,
                            const catalog::Catalog& catalog, Arguments& arguments) {
    make_folder(out + "/engines");
    for (const catalog::EntryInfo& entry : catalog.list("engines")) {
      auto preset = scenario::read_engine(catalog, entry.id, {}, nullptr, arguments.findings());
      arguments.check();
      for (const calibration::EngineFit& fit : fits) {
        const bool own = fit.engine.id == preset.id;
        // the large preset of an engine differs in its limits only
        if (!own && preset.id != fit.engine.id + "_large") continue;
        serving::take_coefficients(fit.engine, preset);
        write_file(fmt::format("{}/engines/{}.yaml", out, preset.id),
                   calibration::engine_yaml(preset));
      }
    }
  }
};

PENSTOCK_REGISTER(Command, Calibrate,
                  "Kernel models fitted to measured kernels, with their residuals.");

}  // namespace
}  // namespace penstock::cli
