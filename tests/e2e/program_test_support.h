/// Runs the built program in a folder of its own and keeps exit code, output and files.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace penstock {

struct ProgramRun {
  int code = -1;
  std::string out;
  std::string err;
};

class ProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* binary = std::getenv("PENSTOCK_BINARY");
    if (binary == nullptr) GTEST_SKIP() << "PENSTOCK_BINARY is not set; run by ctest";
    binary_ = binary;
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) /
              fmt::format("{}_{}_{}", test->test_suite_name(), test->name(), getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] std::string path(std::string_view name) const { return folder_ / name; }
  [[nodiscard]] bool exists(std::string_view name) const {
    return std::filesystem::exists(path(name));
  }
  [[nodiscard]] std::string content(std::string_view name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(std::string_view name, std::string_view text) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
  }

  /// Any shell line inside the folder; $P is the program.
  [[nodiscard]] ProgramRun shell(std::string_view line) const {
    const std::string whole =
        fmt::format("cd '{}' && P='{}' && ( {} ) >.out 2>.err", folder_.string(), binary_, line);
    const int status = std::system(whole.c_str());  // NOLINT: a test's own words
    return {WEXITSTATUS(status), content(".out"), content(".err")};
  }
  [[nodiscard]] ProgramRun penstock(std::string_view words) const {
    return shell(fmt::format("\"$P\" {}", words));
  }

 private:
  std::filesystem::path folder_;
  std::string binary_;
};

}  // namespace penstock
