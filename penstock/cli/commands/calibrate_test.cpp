/// Goal: calibrate fits a user's own timings and says what is wrong with a folder without any.
/// Method: the command in process, on a small file made by a known model.
#include <filesystem>
#include <fstream>

#include "penstock/catalog/catalog.h"
#include "penstock/cli/commands/command_test_support.h"
#include "penstock/compute/kernels/gemm.h"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;

/// A folder with products on an H100 as a library of known coefficients would take them.
fs::path folder_of_timings() {
  const fs::path folder = fs::path(testing::TempDir()) / "penstock_calibrate";
  fs::create_directories(folder);
  Findings findings;
  const auto h100 = catalog::Catalog::built_in().accelerator("h100_sxm", {}, findings).value();
  const compute::Machine machine = compute::Machine::of(h100);
  compute::GemmGroup truth;
  truth.compute_fraction = 0.7;
  truth.memory_fraction = 0.6;
  truth.fixed = 4.0_us;
  std::ofstream file(folder / "kernels_gemm.csv");
  file << "accelerator,framework,framework_version,dtype,m,n,k,kernel,latency_us,power_w,source\n";
  for (const int m : {1, 16, 64, 256, 1024, 4096}) {
    for (const int n : {1024, 4096, 16384}) {
      for (const int k : {512, 2048, 8192}) {
        const Seconds t = compute::gemm_duration(machine, {}, truth, {m, n, k});
        file << "h100_sxm,mine,1.0,bfloat16," << m << ',' << n << ',' << k << ",my_gemm,"
             << t.value() * 1e6 << ",,mine\n";
      }
    }
  }
  return folder;
}

TEST(Calibrate, FollowsAKnownLibraryAndWritesItsSet) {
  const fs::path data = folder_of_timings();
  const fs::path out = data / "catalog";
  const CommandRun run =
      run_command("calibrate", {"--data", data.string(), "--out", out.string(), "--json"});
  EXPECT_EQ(run.code, kAnswered);
  EXPECT_TRUE(fs::exists(out / "efficiency" / "h100_sxm.yaml"));
  EXPECT_TRUE(contains(run.output, "my_gemm")) << run.output;
  // the set reads back and predicts what it was fitted to
  auto catalog = catalog::Catalog::built_in();
  Findings findings;
  catalog.overlay(out.string(), findings);
  EXPECT_TRUE(findings.empty());
  fs::remove_all(data);
}

TEST(Calibrate, AFolderWithoutTimingsIsAMistake) {
  const fs::path empty = fs::path(testing::TempDir()) / "penstock_calibrate_empty";
  fs::create_directories(empty);
  const CommandRun run = run_command("calibrate", {"--data", empty.string()});
  EXPECT_EQ(run.code, kUserMistake);
  EXPECT_TRUE(contains(run.mistakes, "kernels_gemm.csv")) << run.mistakes;
  fs::remove_all(empty);
}

}  // namespace
}  // namespace penstock::cli
