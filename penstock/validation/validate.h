/// Scores the program's predictions against every measurement it can find.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/catalog/catalog.h"
#include "penstock/validation/score.h"

namespace penstock::validation {

struct Query {
  std::vector<std::string> suites;  ///< empty: every suite whose files are there
  std::string directory;
  size_t thread_count = 1;  ///< 0: all cores
  /// Called with a suite's name and the share of it that is done.
  std::function<void(std::string_view suite, double done_fraction)> progress;
};

/// Outcomes in order of suite name. Throws InputError with every mistake of all files, for suites
/// that are not known, and for a folder without any of their files.
std::vector<SuiteOutcome> validate(const Query& query, const catalog::Catalog& catalog);

/// Names of all suites with their lines.
struct SuiteDoc {
  std::string name;
  std::string doc;
};
std::vector<SuiteDoc> suite_docs();

/// Keys of all suites, for checking what to group by.
std::vector<std::string> all_keys();

}  // namespace penstock::validation
