/// Goal: the manual page covers every command and option.
/// Method: the command in process, by its output.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(Man, CoversEveryCommand) {
  const CommandRun run = run_command("man", {});
  EXPECT_TRUE(run.output.starts_with(".TH PENSTOCK 1"));
  for (const CommandEntry& command : commands()) {
    EXPECT_TRUE(contains(run.output, "penstock " + command.spec.path)) << command.spec.path;
  }
}

}  // namespace
}  // namespace penstock::cli
