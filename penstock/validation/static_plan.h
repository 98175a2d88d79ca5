/// What was deployed in a row of serving_static.csv, as the simulator takes it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "penstock/measurement/serving.h"
#include "penstock/validation/serving_run.h"

namespace penstock::validation {

/// Why a row is not predicted, in words that rows share.
struct Unanswered {
  std::string reason;
};

/// Turns rows into runs; looks every model, accelerator and engine up once. For one thread.
class StaticPlanner {
 public:
  explicit StaticPlanner(const catalog::Catalog& catalog) : catalog_(&catalog) {}

  /// `speculative`: with multi-token prediction.
  std::variant<RunSpec, Unanswered> plan(const measurement::StaticRow& row, bool speculative);

  /// Look-ups that other suites share; nullopt when the catalog has no such entry.
  const catalog::Model* model(const std::string& name);
  struct Machine {
    catalog::Accelerator accelerator;
    compute::Efficiency efficiency;
  };
  const Machine* machine(const std::string& id);
  /// The preset that an engine's defaults on this accelerator come to.
  const serving::EngineConfig* engine(const std::string& name,
                                      const catalog::Accelerator& accelerator);

  /// The library of collectives of that name, as the accelerator has or borrows it.
  std::shared_ptr<const network::Library> library(const std::string& name,
                                                  const catalog::Accelerator& accelerator);

  /// The rules, for the notes of a suite.
  static std::vector<std::string> rules();

 private:
  const catalog::Model* model_of(const measurement::StaticRow& row);

  const catalog::Catalog* catalog_;
  std::map<std::string, std::optional<catalog::Model>> models_;
  std::map<std::string, std::optional<Machine>> machines_;
  std::map<std::string, std::optional<serving::EngineConfig>> engines_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<const network::Library>>
      libraries_;  // by name and accelerator
};

}  // namespace penstock::validation
