/// Goal: scores come as tables and as JSON, and wrong words are mistakes. Method: the command in
/// process on a folder with one file.
#include <gmock/gmock.h>

#include <cstdio>
#include <filesystem>

#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;

std::string folder() {
  const std::string path = testing::TempDir() + "/validate_test_data";
  std::filesystem::create_directories(path);
  std::FILE* file = std::fopen((path + "/kernels_gemm.csv").c_str(), "w");
  std::fputs(
      "accelerator,framework,dtype,m,n,k,latency_us,power_w\n"
      "h200_sxm,vllm,bfloat16,8192,8192,8192,1500,690\n"
      "b200_sxm,vllm,bfloat16,1,8192,8192,25,\n",
      file);
  std::fclose(file);
  return path;
}

TEST(Validate, ScoresAreAListOfObjectsWithTheWholeFirst) {
  const CommandRun run = run_command(
      "validate", {"kernels", "--data", folder(), "--json", "-", "--group-by", "accelerator"});
  EXPECT_EQ(run.code, kAnswered) << run.mistakes;
  EXPECT_THAT(run.output, ::testing::StartsWith("[\n{\"suite\":\"kernels\",\"group\":\"all\","
                                                "\"metric\":\"latency\",\"rows\":2,"
                                                "\"answered\":2,\"median_ape\":0."));
  EXPECT_THAT(run.output, HasSubstr("\"group\":\"b200_sxm\""));
  EXPECT_THAT(run.output, HasSubstr("\"metric\":\"power\",\"rows\":1"));
  EXPECT_THAT(run.output, HasSubstr("\"unanswered\":{}}"));
  EXPECT_THAT(run.output, ::testing::EndsWith("]\n"));
}

TEST(Validate, JsonAloneIsPrintedAndWithAFileWritten) {
  const CommandRun dash = run_command("validate", {"kernels", "--data", folder(), "--json", "-"});
  EXPECT_EQ(run_command("validate", {"kernels", "--data", folder(), "--json"}).output, dash.output);
  EXPECT_EQ(run_command("validate", {"kernels", "--json", "--data", folder()}).output, dash.output);
  const std::string file = folder() + "/scores.json";
  const CommandRun written = run_command("validate", {"--data", folder(), "--json", file});
  EXPECT_THAT(written.output, HasSubstr("answered")) << "tables beside the file";
  EXPECT_GT(std::filesystem::file_size(file), 100U);
  std::filesystem::remove(file);
  const CommandRun suite = run_command("validate", {"--data", folder(), "--json", "kernels"});
  EXPECT_EQ(suite.code, kUserMistake);
  EXPECT_THAT(suite.mistakes, HasSubstr("'kernels' is a suite"));
}

TEST(Validate, TablesFitTheWidthAndListTheWorst) {
  const CommandRun run =
      run_command("validate", {"kernels", "--data", folder(), "--worst", "1", "--width", "80"});
  EXPECT_EQ(run.code, kAnswered) << run.mistakes;
  EXPECT_THAT(run.output, HasSubstr("answered"));
  EXPECT_THAT(run.output, HasSubstr("kernels_gemm.csv:"));
}

TEST(Validate, WhatDoesNotExistIsAMistakeWithTheNearest) {
  const CommandRun run =
      run_command("validate", {"kernels", "--data", folder(), "--group-by", "acelerator"});
  EXPECT_EQ(run.code, kUserMistake);
  EXPECT_THAT(run.mistakes, HasSubstr("did you mean 'accelerator'?"));
  EXPECT_THAT(run_command("validate", {"--data", "no/such"}).mistakes,
              HasSubstr("no/such: is not a folder"));
}

}  // namespace
}  // namespace penstock::cli
