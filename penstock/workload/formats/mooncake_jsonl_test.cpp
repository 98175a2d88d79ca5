// Goal: JSON lines with prefix hashes; broken lines are mistakes at their place. Method: small
// lines; the shared files against their published counts and prefix reuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "penstock/workload/trace_test_support.h"

namespace penstock::workload {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(MooncakeJsonl, KeepsTheHashes) {
  const Trace trace = testing::parsed(
      R"({"timestamp":27,"input_length":600,"output_length":5,"hash_ids":[3,18446744073709551615]}
{"hash_ids": [], "output_length": 6, "input_length": 7, "timestamp": 27.5}
{"timestamp": 1027, "input_length": 512, "output_length": 5, "hash_ids": [3]}
)");
  EXPECT_THAT(testing::seconds_of(trace), ElementsAre(0.0, 0.0005, 1.0));
  EXPECT_EQ(trace.prefix_run_tokens, 512);
  EXPECT_THAT(trace.hashes(0), ElementsAre(3, 18446744073709551615U));
  EXPECT_TRUE(trace.hashes(1).empty());
  EXPECT_THAT(trace.hashes(2), ElementsAre(3));
}

TEST(MooncakeJsonl, SortsHashesWithTheirRequests) {
  const Trace trace = testing::parsed(
      R"({"timestamp": 9, "input_length": 512, "output_length": 1, "hash_ids": [9]}
{"timestamp": 5, "input_length": 1024, "output_length": 1, "hash_ids": [5, 55]})");
  EXPECT_THAT(trace.hashes(0), ElementsAre(5, 55));
  EXPECT_THAT(trace.hashes(1), ElementsAre(9));
}

TEST(MooncakeJsonl, FindsEveryMistake) {
  const std::string text = testing::trace_mistakes(
      R"({"timestamp": 0, "input_length": 5, "output_length": 5, "hash_ids": [1, 2]}
{"timestamp": -1, "input_length": "5", "output_length": 0}
{"timestamp": 0, "input_length": 2.5, "hash_ids": [1, -2]}
{"timestamp": 0, "timestamp": 1, "input_length": 5, "output_length": 1e13, "hash_ids": 4}
[1, 2]
{"timestamp": NaN, "input_length": 5, "output_length": 5}
{"timestamp": 0, "input_len)");
  EXPECT_THAT(text, HasSubstr("trace:1:69: 2 hash_ids, but 5 tokens have 1 runs of 512"));
  EXPECT_THAT(text, HasSubstr("trace:2:15: 'timestamp' must be milliseconds, at least 0; got "
                              "\"-1\""));
  EXPECT_THAT(text, HasSubstr("trace:2:35: 'input_length' must be a whole number"));
  EXPECT_THAT(text, HasSubstr("trace:2:57: 'output_length' must be a whole number from 1"));
  EXPECT_THAT(text, HasSubstr("trace:3:34: 'input_length' must be a whole number"));
  EXPECT_THAT(text, HasSubstr("trace:3:1: no key 'output_length'"));
  EXPECT_THAT(text, HasSubstr("'hash_ids' must hold whole numbers from 0 to 2^64; entry 2 is"));
  EXPECT_THAT(text, HasSubstr("trace:4:15: key 'timestamp' stands twice"));
  EXPECT_THAT(text, HasSubstr("'output_length' must be a whole number from 1 to"));
  EXPECT_THAT(text, HasSubstr("'hash_ids' must be a list"));
  EXPECT_THAT(text, HasSubstr("trace:5:1: is no JSON object"));
  EXPECT_THAT(text, HasSubstr("trace:6:1: is no JSON object"));
  EXPECT_THAT(text, HasSubstr("trace:7:1: the last line is cut off: no JSON object"));
}

TEST(MooncakeJsonl, OtherKeysAreNotedNotRead) {
  const Trace trace = testing::parsed(
      R"({"timestamp": 0, "input_length": 5, "output_length": 5, "model": {"name": "x"}})");
  EXPECT_THAT(trace.notes, ElementsAre(HasSubstr("hold keys beside timestamp")));
}

TEST(MooncakeJsonl, WritesWhatItReads) {
  const std::string text =
      R"({"timestamp": 0, "input_length": 600, "output_length": 5, "hash_ids": [3, 4]}
{"timestamp": 12, "input_length": 7, "output_length": 6, "hash_ids": []}
)";
  std::vector<std::string> notes;
  Findings findings;
  EXPECT_EQ(write_trace(testing::parsed(text), "mooncake_jsonl", notes, findings), text);
  EXPECT_TRUE(notes.empty());
}

TEST(MooncakeJsonl, ReadsThePublicFiles) {
  const auto path = testing::shared_trace("mooncake_conversation_trace.jsonl");
  if (!path) GTEST_SKIP() << "the shared traces are not here";
  Findings findings;
  const Trace trace = read_trace(*path, findings);
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
  EXPECT_EQ(trace.size(), 12'031U);
  EXPECT_EQ(trace.prefix_hashes.size(), 288'500U);
  // published: an infinite cache reuses 36.6 % of the blocks
  const std::set<uint64_t> different(trace.prefix_hashes.begin(), trace.prefix_hashes.end());
  EXPECT_NEAR(1.0 - static_cast<double>(different.size()) / 288'500.0, 0.366, 0.0005);
}

}  // namespace
}  // namespace penstock::workload
