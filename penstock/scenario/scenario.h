/// A scenario: everything a run needs, read from a file, checked, looked up and frozen.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/fields.h"
#include "penstock/catalog/catalog.h"
#include "penstock/compute/efficiency.h"
#include "penstock/network/library.h"
#include "penstock/serving/config.h"
#include "penstock/workload/workload.h"

namespace penstock::scenario {

/// Knobs of the engine that replace the preset's, kept as written until the preset is known.
struct EngineOptions {
  Node node;
};

/// Largest seed that fits a signed whole number in a file.
constexpr double kSeedMax = 9.2e18;

/// The file as a user writes it.
struct ScenarioConfig {
  std::string name;
  std::string description;
  int64_t seed = 1;
  bool bands = false;
  workload::WorkloadConfig workload;
  serving::ServingConfig serving;
  EngineOptions engine_options;
};

inline void read_custom(ConfigReader& reader, const Node& node, EngineOptions& out) {
  static_cast<void>(reader);
  out.node = node;
}
inline Node write_custom(const EngineOptions& options) { return options.node; }

template <class Visitor>
void fields(Visitor& v, ScenarioConfig& c) {
  v.optional("name", c.name, "Short name; unset: the file's.");
  v.optional("description", c.description, "What the scenario is about.");
  v.optional("seed", c.seed, "Seed of every random stream.", {.min = 0, .max = kSeedMax});
  v.optional("bands", c.bands,
             "Also run at both ends of the efficiency residuals, for low and high of each metric.");
  v.required("workload", c.workload, "What is asked.");
  v.required("serving", c.serving, "What serves it.");
  v.optional("engine_options", c.engine_options, "Engine knobs that replace the preset's.");
}

/// Immutable once read; shared by any number of runs at once.
struct Scenario {
  ScenarioConfig config;
  std::shared_ptr<const workload::Trace> trace;  ///< null when the workload is generated
  serving::EngineConfig engine;                  ///< preset and options
  catalog::Model model;
  catalog::Accelerator accelerator;
  compute::EfficiencyChoice efficiency;
  network::LibraryChoice library;  ///< of the engine's collectives
  std::string title;               ///< the name, and what flags changed of the file
  std::string resolved_yaml;       ///< every default filled in
  std::string scenario_hash;
  std::string catalog_hash;
  std::vector<std::string> notes;  ///< what the reader mended or could not use
};

struct ReadOptions {
  std::vector<std::string> set;           ///< "serving.replicas=4"
  std::optional<std::string> trace_file;  ///< replaces the workload's source
  std::optional<std::string> trace_format;
};

/// Reads and checks a scenario file. Throws InputError with every mistake found.
Scenario read_scenario(const std::string& path, const catalog::Catalog& catalog,
                       const ReadOptions& options = {});
/// The same from a text already read; `source->name` names it in messages and places relative
/// paths.
Scenario read_scenario(std::shared_ptr<const Source> source, const catalog::Catalog& catalog,
                       const ReadOptions& options = {});

/// The name, and what flags changed of the file: its description may say otherwise.
std::string title_of(const std::string& name, const ReadOptions& options);

/// The scenario with other values set ("workload.load_factor=2"), read again from its own text.
struct ScenarioText {
  std::shared_ptr<const Source> source;
  ReadOptions options;

  [[nodiscard]] Scenario with(const std::vector<std::string>& more,
                              const catalog::Catalog& catalog) const;
};

/// The engine preset by name with options on top; unknown names and bad knobs become findings.
serving::EngineConfig read_engine(const catalog::Catalog& catalog, std::string_view preset,
                                  const Mark& mark, const Node* options, Findings& findings);

}  // namespace penstock::scenario
