/// Goal: a scenario runs to a summary with balanced books.
/// Method: the command in process, by its output.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

std::string written(std::string_view text) {
  const std::string path = testing::TempDir() + "/run_test.yaml";
  std::FILE* file = std::fopen(path.c_str(), "w");
  std::fwrite(text.data(), 1, text.size(), file);
  std::fclose(file);
  return path;
}

constexpr std::string_view kSmall =
    "workload:\n"
    "  arrivals: {process: poisson, rate: 2 req/s}\n"
    "  requests: 40\n"
    "  lengths:\n"
    "    input: {distribution: fixed, tokens: 500}\n"
    "    output: {distribution: fixed, tokens: 50}\n"
    "serving: {model: llama-3.1-8b, accelerator: h100_sxm}\n";

TEST(Run, PrintsHeadlinesAndBooks) {
  const CommandRun run = run_command("run", {written(kSmall), "--explain-slowest", "2"});
  EXPECT_EQ(run.code, kAnswered) << run.mistakes;
  for (const char* part : {"TTFT p99", "40 arrived = 40 completed", "decode", "prefill"}) {
    EXPECT_TRUE(contains(run.output, part)) << part << " is missing in\n" << run.output;
  }
}

TEST(Run, ChromeTraceNeedsAFolder) {
  const CommandRun run = run_command("run", {written(kSmall), "--chrome-trace"});
  EXPECT_EQ(run.code, kUserMistake);
  EXPECT_TRUE(contains(run.mistakes, "--out")) << run.mistakes;
}

}  // namespace
}  // namespace penstock::cli
