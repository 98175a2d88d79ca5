// Goal: fields come by column name, quoted or not, and every mistake of a file has its place.
// Method: small texts, fields joined again, findings as printed.
#include "penstock/base/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::array kColumns = {CsvColumn{"name"}, CsvColumn{"size_mb"}, CsvColumn{"note", false}};

struct Outcome {
  std::vector<std::string> rows;
  std::string mistakes;
};

Outcome read(std::string text) {
  auto source = std::make_shared<Source>();
  source->name = "f.csv";
  source->text = std::move(text);
  Findings findings;
  LineReader lines(source, findings);
  CsvReader csv(lines, kColumns);
  Outcome outcome;
  while (csv.next_row()) {
    outcome.rows.push_back(csv.text(0) + "|" + csv.text(1) + "|" + csv.text(2));
  }
  outcome.mistakes = to_text(findings.all());
  return outcome;
}

TEST(Csv, ColumnsComeByNameInAnyOrder) {
  const Outcome outcome = read("size_mb, Name\n1, a\n\n2,b \n");
  EXPECT_THAT(outcome.mistakes, IsEmpty());
  EXPECT_THAT(outcome.rows, ::testing::ElementsAre("a|1|", "b|2|"));
}

TEST(Csv, QuotedFieldsHoldCommasAndQuotes) {
  const Outcome outcome = read("name,size_mb,note\r\n\"a, b\",\"\", \"say \"\"x\"\"\" \r\n");
  EXPECT_THAT(outcome.mistakes, IsEmpty());
  EXPECT_THAT(outcome.rows, ::testing::ElementsAre("a, b||say \"x\""));
}

TEST(Csv, QuotesThatGoWrongAreMistakesAndTheNextRowIsRead) {
  const Outcome outcome = read("name,size_mb\n\"a,1\n\"b\"c,2\nd,3\n");
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:2:1: this quote is not closed"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:3:3: text follows a closing quote"));
  EXPECT_THAT(outcome.rows, ::testing::ElementsAre("d|3|"));
}

TEST(Csv, AnotherUnitOfAColumnIsToldApartFromAnotherColumn) {
  const Outcome outcome = read("name,size_kb,nots\na,1,\n");
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:1:6: unknown column \"size_kb\"; the unit of "
                                          "'size_mb' is fixed, convert the column"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("unknown column \"nots\"; did you mean 'note'?"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("no column 'size_mb'"));
  EXPECT_THAT(outcome.rows, IsEmpty());
}

TEST(Csv, RowsOfAnotherWidthAreMistakesAndACutOffEndIsSaid) {
  const Outcome outcome = read("name,size_mb\na\nb,1,2\nc,3\nd");
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:2:1: 1 column where the header has 2"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:3:1: 3 columns where the header has 2"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:5:1: the last line is cut off"));
  EXPECT_THAT(outcome.rows, ::testing::ElementsAre("c|3|"));
}

TEST(Csv, MistakesBeyondTheFirstAreCounted) {
  std::string text = "name,size_mb\n";
  for (int i = 0; i < 100; ++i) text += "a\n";
  auto source = std::make_shared<Source>();
  source->text = std::move(text);
  Findings findings;
  LineReader lines(source, findings);
  CsvReader csv(lines, kColumns);
  EXPECT_FALSE(csv.next_row());
  lines.tell_hidden_mistakes();
  EXPECT_EQ(lines.mistake_count(), 100);
  EXPECT_EQ(findings.size(), LineReader::kMistakesShown + 1);
  EXPECT_THAT(findings.all().back().message, HasSubstr("75 more mistakes"));
}

}  // namespace
}  // namespace penstock
