/// Goal: each shell gets a script that names the commands.
/// Method: the command in process, by its output.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(Completion, NamesCommandsAndOptions) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const CommandRun run = run_command("completion", {shell});
    EXPECT_EQ(run.code, kAnswered);
    EXPECT_TRUE(contains(run.output, "estimate")) << shell;
    EXPECT_TRUE(contains(run.output, "slo")) << shell;
  }
  EXPECT_EQ(run_command("completion", {"tcsh"}).code, kUserMistake);
}

}  // namespace
}  // namespace penstock::cli
