/// Goal: the schema is JSON that names the required keys.
/// Method: the command in process, by its output.
#include "penstock/cli/commands/command_test_support.h"

namespace penstock::cli {
namespace {

TEST(Schema, NamesKeysAndTypes) {
  const CommandRun run = run_command("schema", {});
  EXPECT_TRUE(run.output.starts_with("{"));
  EXPECT_TRUE(contains(run.output, "\"serving\""));
  EXPECT_TRUE(contains(run.output, "max_num_seqs"));
}

}  // namespace
}  // namespace penstock::cli
