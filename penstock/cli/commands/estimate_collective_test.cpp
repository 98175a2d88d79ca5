/// Goal: a collective is priced from flags alone, and mistakes carry the arithmetic.
/// Method: the command in process.
#include <fstream>
#include <sstream>

#include "penstock/cli/commands/command_test_support.h"
#include "penstock/cli/session.h"

namespace penstock::cli {
namespace {

CommandRun run(std::vector<std::string> words) { return run_command("estimate collective", words); }

TEST(EstimateCollective, SaysPerPairAndPerRankAndTheCutThatBinds) {
  const CommandRun all = run(
      {"all_to_all", "--system", "cloudmatrix384", "--ranks", "384", "--bytes-per-pair", "1MiB"});
  EXPECT_EQ(all.code, kAnswered) << all.mistakes;
  EXPECT_TRUE(contains(all.output, "network.collective.bytes_per_pair")) << all.output;
  EXPECT_TRUE(contains(all.output, "403 MB")) << all.output;
  EXPECT_TRUE(contains(all.output, "The cut that binds")) << all.output;
  const CommandRun reduce = run(
      {"all_reduce", "--system", "h100_cluster_2048", "--bytes", "1GiB", "--algorithm", "auto"});
  EXPECT_EQ(reduce.code, kAnswered) << reduce.mistakes;
  EXPECT_TRUE(contains(reduce.output, "double_binary_tree")) << reduce.output;
}

TEST(EstimateCollective, ThePageShowsWhichLinksAreFull) {
  const std::string path = testing::TempDir() + "estimate_collective.html";
  const CommandRun command = run({"all_to_all", "--system", "h100_cluster_2048", "--ranks", "64",
                                  "--bytes", "1GiB", "--html", path});
  ASSERT_EQ(command.code, kAnswered) << command.mistakes;
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  const std::string page = text.str();
  for (const char* part : {"Use of links in all_to_all over 64 ranks of h100_cluster_2048",
                           "Time against message size", "latency bound", "interface to leaf",
                           "100 % used", "0 % used", "0 to 100 %"}) {
    EXPECT_TRUE(contains(page, part)) << part;
  }
  EXPECT_FALSE(contains(page, "nan"));
  EXPECT_THROW(run({"all_reduce", "--system", "dgx_h100", "--bytes", "1MiB", "--html",
                    "/no/such/folder/x.html"}),
               OutputError);
  testing::internal::GetCapturedStdout();  // the command was cut short
}

TEST(EstimateCollective, MistakesCarryTheArithmetic) {
  const CommandRun many =
      run({"all_reduce", "--system", "dgx_h100", "--ranks", "9", "--bytes", "1GiB"});
  EXPECT_EQ(many.code, kUserMistake);
  EXPECT_TRUE(contains(many.mistakes, "9 ranks 1 apart need 9 accelerators; 'dgx_h100' has 8"))
      << many.mistakes;
  const CommandRun words = run({"all_reduse", "--system", "dgx_h10", "--bytes", "1GiB"});
  EXPECT_EQ(words.code, kUserMistake);
  EXPECT_TRUE(contains(words.mistakes, "all_reduce")) << words.mistakes;
  EXPECT_TRUE(contains(words.mistakes, "dgx_h100")) << words.mistakes;
  EXPECT_EQ(run({"all_reduce", "--system", "dgx_h100"}).code, kUserMistake);
  EXPECT_EQ(run({"all_reduce", "--system", "dgx_h100", "--bytes", "2 EB"}).code, kUserMistake);
  const CommandRun refused =
      run({"all_to_all", "--system", "dgx_h100", "--bytes", "1GiB", "--algorithm", "ring"});
  EXPECT_EQ(refused.code, kUserMistake);
  EXPECT_TRUE(contains(refused.mistakes, "n/2 times")) << refused.mistakes;
  EXPECT_EQ(run({"all_to_all", "--system", "dgx_h100", "--bytes", "1GiB", "--groups", "2"}).code,
            kUserMistake);
}

TEST(EstimateCollective, OneRankTakesNoTimeAndNoRankIsAMistake) {
  const CommandRun one =
      run({"all_reduce", "--system", "dgx_h100", "--ranks", "1", "--bytes", "1GiB", "--json"});
  EXPECT_EQ(one.code, kAnswered) << one.mistakes;
  EXPECT_FALSE(contains(one.output, "nan")) << one.output;
  const CommandRun none =
      run({"all_reduce", "--system", "dgx_h100", "--stride", "9", "--bytes", "1GiB"});
  EXPECT_EQ(none.code, kUserMistake);
  EXPECT_TRUE(contains(none.mistakes, "leave no rank on the 8")) << none.mistakes;
}

TEST(EstimateCollective, LostCapacityIsSimulatedFlowByFlow) {
  const std::vector<std::string> words = {"all_to_all", "--system", "dgx_h100", "--bytes", "1GiB"};
  const auto with = [&](const std::string& change) {
    std::vector<std::string> all = words;
    all.insert(all.end(), {"--degrade", change});
    return run(all);
  };
  const CommandRun half = with("accelerator to nvswitch/2=0.5");
  EXPECT_EQ(half.code, kAnswered) << half.mistakes;
  EXPECT_TRUE(contains(half.output, "network.collective.degraded_duration")) << half.output;
  const CommandRun cut = with("accelerator to nvswitch/2=0");
  EXPECT_EQ(cut.code, kInfeasible);
  EXPECT_TRUE(contains(cut.output, "14 of 56 flows")) << cut.output;
  EXPECT_TRUE(contains(with("accelerator to nvswitch/8=0").mistakes, "bundles 0 to 7"));
  EXPECT_TRUE(contains(with("acelerator to nvswitch/1=0").mistakes, "accelerator to nvswitch"));
  EXPECT_EQ(with("half").code, kUserMistake);
}

TEST(EstimateCollective, NothingAndAnExabyteAreAnswered) {
  for (const char* bytes : {"0 B", "1 EB"}) {
    const CommandRun answered =
        run({"all_reduce", "--system", "cloudmatrix384", "--bytes", bytes, "--json"});
    EXPECT_EQ(answered.code, kAnswered) << answered.mistakes;
    EXPECT_FALSE(contains(answered.output, "nan")) << bytes;
    EXPECT_FALSE(contains(answered.output, "inf\"")) << bytes;
  }
}

}  // namespace
}  // namespace penstock::cli
