#include "penstock/validation/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include "penstock/base/text.h"
#include "penstock/validation/suite.h"

namespace penstock::validation {
namespace {

struct Chosen {
  std::string name;
  std::unique_ptr<Suite> suite;
};

bool has_data(const Suite& suite, const std::string& directory) {
  const auto files = suite.files().first(suite.needed());
  return std::any_of(files.begin(), files.end(), [&](std::string_view file) {
    std::error_code code;
    return std::filesystem::exists(std::filesystem::path(directory) / file, code);
  });
}

std::string files_text(const Suite& suite) {
  const auto files = suite.files().first(suite.needed());
  return fmt::format("{}", fmt::join(files, ", "));
}

/// The suites asked for, or all that have data.
std::vector<Chosen> choose(const Query& query, Findings& findings) {
  const std::vector<std::string> known = Registry<Suite>::names();
  for (const std::string& name : query.suites) {
    if (Registry<Suite>::find(name) == nullptr) {
      findings.add(name, fmt::format("no suite of this name{}", suggestion(name, known)));
    }
  }
  std::error_code code;
  if (!std::filesystem::is_directory(query.directory, code)) {
    findings.add(query.directory, "is not a folder of measurement files");
    return {};
  }
  std::vector<Chosen> chosen;
  for (const auto& entry : Registry<Suite>::entries()) {
    const bool asked =
        std::find(query.suites.begin(), query.suites.end(), entry.name) != query.suites.end();
    if (!asked && !query.suites.empty()) continue;
    auto suite = entry.make();
    if (has_data(*suite, query.directory)) {
      chosen.push_back({entry.name, std::move(suite)});
    } else if (asked) {
      findings.add(query.directory,
                   fmt::format("has no data for {}: {}", entry.name, files_text(*suite)));
    }
  }
  if (chosen.empty() && findings.empty()) {
    findings.add(query.directory,
                 "has none of the files that suites read, such as "
                 "kernels_gemm.csv or serving_static.csv");
  }
  return chosen;
}

}  // namespace

std::vector<SuiteOutcome> validate(const Query& query, const catalog::Catalog& catalog) {
  Findings findings;
  std::vector<Chosen> chosen = choose(query, findings);
  SuiteInput input{query.directory, &catalog, query.thread_count, {}};
  for (const Chosen& each : chosen) each.suite->read(input, findings);
  findings.throw_if_any();
  std::vector<SuiteOutcome> outcomes;
  for (const Chosen& each : chosen) {
    if (query.progress) {
      input.progress = [&](double done_fraction) { query.progress(each.name, done_fraction); };
    }
    outcomes.push_back({each.name, each.suite->keys(), each.suite->groups(),
                        each.suite->predict(input), each.suite->notes()});
  }
  return outcomes;
}

std::vector<SuiteDoc> suite_docs() {
  std::vector<SuiteDoc> docs;
  for (const auto& entry : Registry<Suite>::entries()) docs.push_back({entry.name, entry.doc});
  return docs;
}

std::vector<std::string> all_keys() {
  std::vector<std::string> keys;
  for (const auto& entry : Registry<Suite>::entries()) {
    for (std::string& key : entry.make()->keys()) keys.push_back(std::move(key));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace penstock::validation
