// Goal: formats are told apart by the first line, every mistake is found in one run at its place,
// and what is mended is said. Method: small texts with known flaws; a trace through every format.
#include "penstock/workload/trace_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/base/registry.h"
#include "penstock/workload/trace_test_support.h"

namespace penstock::workload {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::parsed;
using testing::trace_mistakes;

TEST(TraceFormat, IsRecognisedByTheFirstLine) {
  EXPECT_EQ(parsed("arrival,input,output\n0,1,2\n").format, "plain_csv");
  EXPECT_EQ(parsed("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.68,3,4\n").format,
            "azure_csv");
  EXPECT_EQ(parsed("Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
                   "5,ChatGPT,472,18,490,Conversation log\n")
                .format,
            "burstgpt_csv");
  EXPECT_EQ(
      parsed(R"({"timestamp": 0, "input_length": 5, "output_length": 6, "hash_ids": []})").format,
      "mooncake_jsonl");
}

TEST(TraceFormat, TakesByteOrderMarksCarriageReturnsAndBlankLines) {
  const Trace trace = parsed("\xef\xbb\xbf\r\n arrival , Input,output\r\n\r\n1, 2 ,3\r\n2,4,5");
  EXPECT_THAT(testing::seconds_of(trace), ElementsAre(0.0, 1.0));
  EXPECT_THAT(trace.input_tokens, ElementsAre(2, 4));
  EXPECT_TRUE(trace.notes.empty());
}

TEST(TraceFormat, ListsEveryMistakeOfAFile) {
  const std::string text = trace_mistakes(
      "arrival,input,output\n"
      "0,1\n"
      "1,2,3,4\n"
      "x,-5,0\n"
      "nan,inf,1.5\n"
      "-1,1e13,\n"
      "2,9,9\n"
      "3,9");
  EXPECT_THAT(text, HasSubstr("trace:2:1: 2 columns where the header has 3\n"));
  EXPECT_THAT(text, HasSubstr("trace:3:1: 4 columns where the header has 3\n"));
  EXPECT_THAT(text, HasSubstr("trace:4:1: 'arrival' must be a number; got \"x\""));
  EXPECT_THAT(text, HasSubstr("trace:4:3: 'input' must not be negative; got \"-5\""));
  EXPECT_THAT(text, HasSubstr("trace:4:6: 'output' must be at least 1; got \"0\""));
  EXPECT_THAT(text, HasSubstr("trace:5:1: 'arrival' must be a number; got \"nan\""));
  EXPECT_THAT(text, HasSubstr("trace:5:5: 'input' must be at most 1,000,000,000,000; got \"inf\""));
  EXPECT_THAT(text, HasSubstr("trace:5:9: 'output' must be a whole number; got \"1.5\""));
  EXPECT_THAT(text, HasSubstr("trace:6:1: 'arrival' must not be negative; got \"-1\""));
  EXPECT_THAT(text,
              HasSubstr("trace:6:4: 'input' must be at most 1,000,000,000,000; got \"1e13\""));
  EXPECT_THAT(text, HasSubstr("trace:6:9: 'output' is empty"));
  EXPECT_THAT(text, HasSubstr("trace:8:1: the last line is cut off: 2 columns"));
}

TEST(TraceFormat, CapsTheListAndCountsTheRest) {
  std::string text = "arrival,input,output\n";
  for (int i = 0; i < 1'000; ++i) text += "a,b,c\n";
  Findings findings;
  const Trace trace = parse_trace(testing::source_of(text), findings);
  EXPECT_EQ(findings.size(), 26U);
  EXPECT_EQ(findings.all().back().message, "and 2,975 more mistakes");
}

TEST(TraceFormat, NamesTheNearestFormatAndAllAccepted) {
  const std::string text = trace_mistakes("TIMESTAMP,ContextToken,GeneratedTokens\n1,2,3\n");
  EXPECT_THAT(text, HasSubstr("trace:1:1: no trace format begins with"));
  EXPECT_THAT(text, HasSubstr("nearest: 'azure_csv'"));
  EXPECT_THAT(text, HasSubstr("plain_csv: arrival,input,output[,priority]"));
  EXPECT_THAT(trace_mistakes(std::string("\xff\xfe") + "a"), HasSubstr("is UTF-16"));
  EXPECT_THAT(trace_mistakes("a\n", "azure"),
              HasSubstr("no trace format 'azure'; it is one of azure_csv, burstgpt_csv, "
                        "mooncake_jsonl, plain_csv; did you mean 'azure_csv'?"));
}

TEST(TraceFormat, AskedForByNameStillChecksTheHeader) {
  const std::string text = trace_mistakes("arrival,inputs,output,output\n0,1,2,3\n", "plain_csv");
  EXPECT_THAT(text, HasSubstr("trace:1:9: unknown column \"inputs\"; did you mean 'input'?"));
  EXPECT_THAT(text, HasSubstr("trace:1:23: column 'output' stands twice"));
  EXPECT_THAT(text, HasSubstr("trace:1:1: no column 'input'"));
}

TEST(TraceFormat, AHeaderInTheMiddleIsAMistake) {
  // two files put together by hand
  const std::string text =
      trace_mistakes("arrival,input,output\n0,1,2\narrival,input,output\n5,3,4\n");
  EXPECT_THAT(text, HasSubstr("trace:3:1: 'arrival' must be a number; got \"arrival\""));
  EXPECT_THAT(text, HasSubstr("trace:3:9: 'input' must be a number of tokens; got \"input\""));
  EXPECT_THAT(text, Not(HasSubstr("trace:2:")));
  EXPECT_THAT(text, Not(HasSubstr("trace:4:")));
}

TEST(TraceFormat, EmptyFilesAreMistakes) {
  EXPECT_THAT(trace_mistakes(""), HasSubstr("trace: is empty"));
  EXPECT_THAT(trace_mistakes("\xef\xbb\xbf\r\n \n"), HasSubstr("trace: is empty"));
  EXPECT_THAT(trace_mistakes("arrival,input,output\n"),
              HasSubstr("trace: holds a first line but no requests"));
  Findings findings;
  read_trace("/nowhere/trace.csv", findings);
  EXPECT_THAT(to_text(findings.all()), HasSubstr("/nowhere/trace.csv: cannot be opened"));
}

TEST(TraceFormat, SortsStablyAndSaysSo) {
  const Trace trace = parsed("arrival,input,output,priority\n5,1,1,0\n3,2,1,7\n5,3,1,0\n3,4,1,0\n");
  EXPECT_THAT(testing::seconds_of(trace), ElementsAre(0.0, 0.0, 2.0, 2.0));
  EXPECT_THAT(trace.input_tokens, ElementsAre(2, 4, 1, 3));
  EXPECT_THAT(trace.priorities, ElementsAre(7, 0, 0, 0));
  EXPECT_THAT(trace.notes, ElementsAre("2 of 4 arrivals were out of order; sorted, equal times "
                                       "keep their order"));
}

TEST(TraceFormat, HugeCountsAreValuesAndHugerOnesMistakes) {
  const Trace trace = parsed("arrival,input,output\n0,1000000000,374.0\n0,1e12,1\n");
  EXPECT_THAT(trace.input_tokens, ElementsAre(1'000'000'000, 1'000'000'000'000));
  EXPECT_THAT(trace.output_tokens, ElementsAre(374, 1));
  EXPECT_THAT(trace_mistakes("arrival,input,output\n0,1000000000001,1\n"),
              HasSubstr("'input' must be at most"));
}

TEST(TraceFormat, ATimeOutsideTheClockIsAMistake) {
  EXPECT_THAT(trace_mistakes("arrival,input,output\n0,1,1\n8640001,1,1\n"),
              HasSubstr("trace:3:1: is 100 days from the first row; a trace spans at most 100"));
  EXPECT_THAT(trace_mistakes("arrival,input,output\n5000000,1,1\n1,1,1\n9999999,1,1\n"),
              HasSubstr("trace: spans 116 days"));
  EXPECT_THAT(trace_mistakes("arrival,input,output\n1e300,1,1\n"), HasSubstr("is too large"));
}

TEST(TraceFormat, EveryFormatReadsWhatItWrites) {
  const Trace original = parsed("arrival,input,output\n0,5,6\n1.25,700,8\n1.25,9,1000000000\n");
  for (const auto& entry : Registry<TraceFormat>::entries()) {
    std::vector<std::string> notes;
    Findings findings;
    const Trace again = parsed(write_trace(original, entry.name, notes, findings));
    EXPECT_TRUE(findings.empty());
    EXPECT_EQ(again.format, entry.name);
    EXPECT_EQ(again.arrivals, original.arrivals) << entry.name;
    EXPECT_EQ(again.input_tokens, original.input_tokens) << entry.name;
    EXPECT_EQ(again.output_tokens, original.output_tokens) << entry.name;
  }
}

TEST(TraceFormat, SaysWhatIsLost) {
  Trace trace = parsed("arrival,input,output,priority\n0,600,1,0\n0.0123456789,5,6,2\n");
  trace.prefix_hashes = {7, 8};
  trace.prefix_ends = {2, 2};
  trace.prefix_run_tokens = 16;
  std::vector<std::string> notes;
  Findings findings;
  write_trace(trace, "mooncake_jsonl", notes, findings);
  EXPECT_THAT(notes, ElementsAre("mooncake_jsonl holds no priorities; they are left out",
                                 "mooncake_jsonl hashes runs of 512 tokens, the trace runs of 16; "
                                 "the hashes are left out",
                                 "mooncake_jsonl keeps arrivals to 1 ms; 1 of them are rounded "
                                 "down"));
  notes.clear();
  write_trace(trace, "plain_csv", notes, findings);
  EXPECT_THAT(notes, ElementsAre("plain_csv holds no prefix hashes; they are left out"));
  EXPECT_TRUE(findings.empty());
  write_trace(trace, "csv", notes, findings);
  EXPECT_THAT(to_text(findings.all()), HasSubstr("no trace format 'csv'"));
}

}  // namespace
}  // namespace penstock::workload
