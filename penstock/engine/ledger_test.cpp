/// Goal: a book that does not balance stops the run and says the numbers. Method: one of each kind.
#include "penstock/engine/ledger.h"

#include <gtest/gtest.h>

#include "penstock/base/check.h"

namespace penstock::engine {
namespace {

TEST(Ledger, BalancedBooksPass) {
  Ledger ledger;
  ledger.count("requests", "arrived", 19366, "completed", 19366);
  ledger.amount("energy", "drawn", 1.0, "by parts", 1.0 + 1e-12, 1e-9, "J");
  EXPECT_TRUE(ledger.balanced());
  EXPECT_EQ(ledger.lines()[0].in_text, "19,366 arrived");
  ledger.require_balanced();
}

TEST(Ledger, AnImbalanceIsReportedWithBothSides) {
  Ledger ledger;
  ledger.count("pages", "taken", 10, "returned", 9);
  try {
    ledger.require_balanced();
    FAIL() << "an imbalance must stop the run";
  } catch (const CheckFailure& failure) {
    EXPECT_NE(std::string(failure.what()).find("10 taken against 9 returned"), std::string::npos);
  }
}

TEST(Ledger, SpansCompareToTheTickAndPrintSeconds) {
  Ledger ledger;
  const Fine second = Fine::from_seconds(1.0_s);
  ledger.span("busy", "in steps", second, "by parts", second);
  EXPECT_EQ(ledger.lines()[0].in_text, "1.000000 s in steps");
  EXPECT_TRUE(ledger.balanced());
  ledger.span("busy", "in steps", second, "by parts", Fine{second.ticks + 1});
  EXPECT_FALSE(ledger.balanced());
}

TEST(Ledger, CountsBeyond64BitsCompareExactly) {
  Ledger ledger;
  const Int128 big = Int128{1} << 100;
  ledger.count("ticks", "a", big, "b", big + 1);
  EXPECT_FALSE(ledger.balanced());
}

}  // namespace
}  // namespace penstock::engine
