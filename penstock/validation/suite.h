/// A suite turns the rows of measurement files into predictions. Files in suites/ register
/// themselves.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/registry.h"
#include "penstock/catalog/catalog.h"
#include "penstock/validation/observation.h"

namespace penstock::validation {

struct SuiteInput {
  std::string directory;  ///< of the measurement files
  const catalog::Catalog* catalog = nullptr;
  size_t thread_count = 1;  ///< 0: all cores
  /// Called from time to time with the share done; from any thread, one call at a time.
  std::function<void(double done_fraction)> progress;
};

class Suite {
 public:
  virtual ~Suite() = default;
  /// Files it reads; it runs when the folder has any of the first `needed()`.
  [[nodiscard]] virtual std::span<const std::string_view> files() const = 0;
  [[nodiscard]] virtual size_t needed() const { return files().size(); }
  /// What its observations can be grouped by.
  [[nodiscard]] virtual std::vector<std::string> keys() const = 0;
  /// Keys to group by when nothing is asked.
  [[nodiscard]] virtual std::vector<std::string> groups() const = 0;
  /// Reads its files; every mistake is a finding.
  virtual void read(const SuiteInput& input, Findings& findings) = 0;
  /// Predicts every row that was read; the same observations for any number of threads.
  [[nodiscard]] virtual std::vector<Observation> predict(const SuiteInput& input) const = 0;
  /// Rules and assumptions, for notes and docs/validation.md.
  [[nodiscard]] virtual std::vector<std::string> notes() const = 0;
};

}  // namespace penstock::validation
