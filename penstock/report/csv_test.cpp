// Goal: tables leave as RFC 4180 CSV with units in the header. Method: exact texts.
#include "penstock/report/csv.h"

#include <gtest/gtest.h>

#include <limits>

namespace penstock::report {
namespace {

TEST(ToCsv, QuotesWhereNeededAndKeepsNumbersExact) {
  const Table table{"t",
                    "",
                    {{"name", ""}, {"duration, all", "s"}, {"count", ""}},
                    {{"plain", 0.1, int64_t{-3}},
                     {"a \"b\", c", 1e22, int64_t{0}},
                     {" lead\nline", std::numeric_limits<double>::quiet_NaN()}}};
  EXPECT_EQ(to_csv(table),
            "name,\"duration, all (s)\",count\r\n"
            "plain,0.1,-3\r\n"
            "\"a \"\"b\"\", c\",1e+22,0\r\n"
            "\" lead\nline\",,\r\n");
}

TEST(ToCsv, OfAnEmptyTableIsAnEmptyHeader) { EXPECT_EQ(to_csv(Table{}), "\r\n"); }

}  // namespace
}  // namespace penstock::report
