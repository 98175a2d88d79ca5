#include "penstock/cli/commands/trace_support.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <limits>
#include <memory>

#include "penstock/base/text.h"
#include "penstock/cli/session.h"
#include "penstock/workload/trace_format.h"

namespace penstock::cli {
namespace {

// as text about 300 MB; more is better drawn inside a run, which keeps nothing
constexpr double kRequestsMax = 1e7;
constexpr uint64_t kSeed = 1;

struct DrawKey {
  std::string_view flag;
  std::string_view key;
};
constexpr std::array kDrawKeys = {DrawKey{"--requests", "requests"},
                                  DrawKey{"--duration", "duration"},
                                  DrawKey{"--load-factor", "load_factor"}};

bool is_yaml_file(const std::string& name) {
  std::error_code error;
  return (name.ends_with(".yaml") || name.ends_with(".yml")) &&
         std::filesystem::exists(name, error);
}

Node preset_tree(const std::string& name, Arguments& arguments) {
  if (is_yaml_file(name)) {
    const auto source = read_source(name, arguments.findings());
    arguments.check();
    Node tree = parse_yaml(source, arguments.findings());
    arguments.check();
    return tree;
  }
  const catalog::Catalog catalog = open_catalog(arguments);
  if (auto tree = catalog.tree("workloads", name)) return std::move(*tree);
  std::error_code error;
  const bool file = std::filesystem::exists(name, error);
  arguments.findings().add(
      name, file ? std::string("is a file but no preset; presets end in .yaml")
                 : fmt::format("is no workload of the catalog{} (see: penstock catalog list "
                               "workloads)",
                               suggestion(name, catalog.ids("workloads"))));
  arguments.check();
  return {};
}

/// Of a config that has been checked, so that it has an end.
double expected_requests(const workload::WorkloadConfig& config) {
  if (config.requests) return static_cast<double>(*config.requests);
  const Seconds length = config.duration ? *config.duration : *config.arrivals->model->span();
  return config.arrivals->model->mean_rate() * length * config.load_factor;
}

}  // namespace

OptionSpec from_option() {
  return {"--from",
          "FORMAT",
          "Format of the file, when its first line is not to decide.",
          ValueKind::kText,
          false,
          false,
          Registry<workload::TraceFormat>::names()};
}

std::vector<OptionSpec> draw_options() {
  return {{"--requests", "N", "Ends after so many requests; the profile is repeated as needed.",
           ValueKind::kNumber},
          {"--duration", "T", "Arrivals end here, for example \"10 min\".", ValueKind::kText},
          {"--load-factor", "F", "Multiplies the arrival rate (1).", ValueKind::kText},
          {"--seed", "S", "Seed of the random streams (1).", ValueKind::kNumber}};
}

workload::Trace read_trace_file(const std::string& path, Arguments& arguments) {
  return workload::read_trace(path, arguments.findings(), arguments.text("--from").value_or(""));
}

workload::WorkloadPreset read_preset(const std::string& name, Arguments& arguments) {
  const Node tree = preset_tree(name, arguments);
  auto preset = read_config<workload::WorkloadPreset>(tree, arguments.findings());
  arguments.check();
  if (preset.id.empty()) preset.id = std::filesystem::path(name).stem().string();
  return preset;
}

workload::Trace draw_trace(const workload::WorkloadPreset& preset, Arguments& arguments,
                           int64_t endless_count) {
  Findings& findings = arguments.findings();
  const auto seed = static_cast<uint64_t>(arguments.integer(
      "--seed", kSeed,
      {.min = 0.0, .max = static_cast<double>(std::numeric_limits<int64_t>::max())}));
  // the flags are keys of a workload section, and are read as strictly
  Node section;
  section.kind = Node::Kind::kMap;
  auto source = std::make_shared<Source>();
  source->name = preset.id;
  section.mark = Mark{std::move(source), 0, 0};
  for (const auto& [flag, key] : kDrawKeys) {
    if (const auto value = arguments.text(flag)) set_path(section, key, *value, flag, findings);
  }
  auto config = read_config<workload::WorkloadConfig>(section, findings);
  arguments.check();
  workload::apply_preset(config, preset.generator);
  const bool endless = !config.requests && !config.duration && !config.arrivals->model->span();
  if (endless && endless_count > 0) config.requests = endless_count;
  workload::check_workload(config, section, findings);
  arguments.check();
  const double expected = expected_requests(config);
  if (expected > kRequestsMax) {
    findings.add(preset.id, fmt::format("gives about {:.3g} requests; a file takes at most {}, "
                                        "'penstock run' any number",
                                        expected, with_commas(static_cast<int64_t>(kRequestsMax))));
    arguments.check();
  }
  workload::Trace trace = workload::collect(*workload::make_stream(config, seed));
  if (trace.size() == 0) findings.add(preset.id, "no request arrives before the end");
  arguments.check();
  trace.name = preset.id;
  return trace;
}

void tell_notes(const std::vector<std::string>& notes, const Arguments& arguments) {
  if (arguments.flag("--quiet")) return;
  for (const std::string& note : notes) print_error(fmt::format("note: {}\n", note));
}

void put_trace(const workload::Trace& trace, const std::string& format, Arguments& arguments) {
  std::vector<std::string> notes = trace.notes;
  const std::string text = workload::write_trace(trace, format, notes, arguments.findings());
  arguments.check();
  if (const auto out = arguments.text("--out")) {
    write_file(*out, text);
  } else {
    print(text);
  }
  tell_notes(notes, arguments);
}

}  // namespace penstock::cli
