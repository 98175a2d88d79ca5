/// Goal: every combination is a row. Method: the command in process, by its output.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

std::string small_scenario() {
  const std::string path = testing::TempDir() + "/sweep_test.yaml";
  std::FILE* file = std::fopen(path.c_str(), "w");
  std::fputs(
      "workload:\n"
      "  arrivals: {process: poisson, rate: 2 req/s}\n"
      "  requests: 30\n"
      "  lengths:\n"
      "    input: {distribution: fixed, tokens: 500}\n"
      "    output: {distribution: fixed, tokens: 50}\n"
      "serving: {model: llama-3.1-8b, accelerator: h100_sxm}\n",
      file);
  std::fclose(file);
  return path;
}

TEST(Sweep, EveryCombinationIsARow) {
  const CommandRun run =
      run_command("sweep", {small_scenario(), "--over", "workload.load_factor=0.5,1", "--over",
                            "serving.replicas=1,2", "--json"});
  EXPECT_EQ(run.code, kAnswered) << run.mistakes;
  size_t rows = 0;
  for (size_t at = run.output.find("[\"0.5\""); at != std::string::npos;
       at = run.output.find("[\"0.5\"", at + 1)) {
    ++rows;
  }
  EXPECT_EQ(rows, 2U) << run.output;
}

TEST(Sweep, MalformedAxesAreMistakes) {
  const CommandRun run = run_command("sweep", {small_scenario(), "--over", "replicas"});
  EXPECT_EQ(run.code, kUserMistake);
  EXPECT_TRUE(contains(run.mistakes, "KEY=V1,V2")) << run.mistakes;
}

}  // namespace
}  // namespace penstock::cli
