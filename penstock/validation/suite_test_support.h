/// Helpers of the suites' tests: folders of small measurement files, outcomes by place.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/validation/validate.h"

namespace penstock::validation::testing {

/// A folder with the given files, removed at the end.
class DataFolder {
 public:
  using Files = std::map<std::string, std::string>;
  DataFolder(const std::string& name, const std::string& text) : DataFolder(Files{{name, text}}) {}
  explicit DataFolder(const Files& files) {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path(::testing::TempDir()) /
            (std::string("penstock_") + test->test_suite_name() + "_" + test->name());
    std::filesystem::create_directories(path_);
    for (const auto& [name, text] : files) {
      std::filesystem::create_directories((path_ / name).parent_path());
      std::ofstream(path_ / name) << text;
    }
  }
  ~DataFolder() { std::filesystem::remove_all(path_); }
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// The outcome of one suite on a folder.
inline SuiteOutcome outcome_of(const std::string& suite, const DataFolder& folder,
                               size_t thread_count = 1) {
  auto outcomes =
      validate({{suite}, folder.path(), thread_count, {}}, catalog::Catalog::built_in());
  return std::move(outcomes.at(0));
}

/// Every mistake of the folder, as printed; empty when it reads.
inline std::string mistakes_of(const Query& query) {
  try {
    validate(query, catalog::Catalog::built_in());
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

/// The observation of a metric at a place ("kernels_gemm.csv:2").
inline const Observation& at(const SuiteOutcome& outcome, std::string_view place,
                             std::string_view metric) {
  for (const Observation& o : outcome.observations) {
    if (o.place == place && o.metric == metric) return o;
  }
  throw std::runtime_error("no " + std::string(metric) + " at " + std::string(place));
}

}  // namespace penstock::validation::testing
