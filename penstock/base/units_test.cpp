// Goal: dimensions combine as physics says, and quantities in text mean what they say.
// Method: types compared at compile time; every unit read, printed and read again; mistakes by
// their messages.
#include "penstock/base/units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <concepts>

#include "penstock/base/rng.h"
#include "penstock/base/unit_text.h"

namespace penstock {
namespace {

using testing::HasSubstr;

template <class A, class B>
concept Addable = requires(A a, B b) { a + b; };

static_assert(std::same_as<decltype(Bytes() / Seconds()), BytesPerSecond>);
static_assert(std::same_as<decltype(Bytes() / BytesPerSecond()), Seconds>);
static_assert(std::same_as<decltype(Joules() / Seconds()), Watts>);
static_assert(std::same_as<decltype(Watts() * Seconds()), Joules>);
static_assert(std::same_as<decltype(Dollars() / Tokens()), DollarsPerToken>);
static_assert(std::same_as<decltype(DollarsPerSecond() * Seconds()), Dollars>);
static_assert(std::same_as<decltype(1.0 / Seconds()), PerSecond>);
static_assert(std::same_as<decltype(Seconds() / Seconds()), double>);
static_assert(std::same_as<decltype(PerSecond() * Seconds()), double>);
static_assert(!Addable<Bytes, Seconds>);
static_assert(!Addable<Bytes, double>);

TEST(Units, ArithmeticFollowsTheNumbers) {
  EXPECT_DOUBLE_EQ((140_GB / 3.5_TBps).value(), 0.04);
  EXPECT_DOUBLE_EQ((2_hours).value(), 7200.0);
  EXPECT_EQ(1_GiB, 1024_MiB);
  EXPECT_LT(1_ms, 1_s);
  Seconds sum = 1_ms;
  sum += 500_us;
  sum -= 1_ms;
  EXPECT_DOUBLE_EQ(sum.value(), 5e-4);
  EXPECT_DOUBLE_EQ((-sum * 2.0).value(), -1e-3);
}

struct Reading {
  const char* text;
  double value;
  Dim dim;
};

constexpr Dim kTime{.second = 1};
constexpr Dim kRate{.second = -1};
constexpr Dim kByte{.byte = 1};
constexpr Dim kByteRate{.second = -1, .byte = 1};
constexpr Dim kEnergy{.joule = 1};

TEST(UnitText, ReadsEveryUnit) {
  const std::array readings = {
      Reading{"1.5 s", 1.5, kTime},
      Reading{"50ms", 0.05, kTime},
      Reading{"7 us", 7e-6, kTime},
      Reading{"9 ns", 9e-9, kTime},
      Reading{"3 ps", 3e-12, kTime},
      Reading{"2 min", 120.0, kTime},
      Reading{"1 h", 3600.0, kTime},
      Reading{"2 hours", 7200.0, kTime},
      Reading{"1 day", 86400.0, kTime},
      Reading{"1 year", 31557600.0, kTime},
      Reading{"80 GB", 80e9, kByte},
      Reading{"512 MiB", 512.0 * 1048576.0, kByte},
      Reading{"8 b", 1.0, kByte},
      Reading{"3.35 TB/s", 3.35e12, kByteRate},
      Reading{"400 Gb/s", 50e9, kByteRate},
      Reading{"400 Gbps", 50e9, kByteRate},
      Reading{"400 Gbit/s", 50e9, kByteRate},
      Reading{"989.5 TFLOP/s", 989.5e12, Dim{.second = -1, .flop = 1}},
      Reading{"989.5 TFLOPS", 989.5e12, Dim{.second = -1, .flop = 1}},
      Reading{"2 GFLOP", 2e9, Dim{.flop = 1}},
      Reading{"3 TOPS", 3e12, Dim{.second = -1, .flop = 1}},
      Reading{"3.6 MJ", 3.6e6, kEnergy},
      Reading{"1 kWh", 3.6e6, kEnergy},
      Reading{"700 W", 700.0, Dim{.second = -1, .joule = 1}},
      Reading{"700 J/s", 700.0, Dim{.second = -1, .joule = 1}},
      Reading{"0.5 pJ/FLOP", 0.5e-12, Dim{.flop = -1, .joule = 1}},
      Reading{"60 pJ/B", 60e-12, Dim{.byte = -1, .joule = 1}},
      Reading{"$25000", 25000.0, Dim{.dollar = 1}},
      Reading{"25 kUSD", 25000.0, Dim{.dollar = 1}},
      Reading{"$3.60/h", 0.001, Dim{.second = -1, .dollar = 1}},
      Reading{"$2/Mtoken", 2e-6, Dim{.dollar = 1, .token = -1}},
      Reading{"$0.36/kWh", 1e-7, Dim{.joule = -1, .dollar = 1}},
      Reading{"4096 tokens", 4096.0, Dim{.token = 1}},
      Reading{"2.3 ktoken/s", 2300.0, Dim{.second = -1, .token = 1}},
      Reading{"5.5 req/s", 5.5, kRate},
      Reading{"5.5 /s", 5.5, kRate},
      Reading{"60 req/min", 1.0, kRate},
      Reading{"-5 ms", -0.005, kTime},
      Reading{"-$5", -5.0, Dim{.dollar = 1}},
      Reading{"1e3 B", 1000.0, kByte},
      Reading{"42", 42.0, Dim{}},
  };
  for (const Reading& reading : readings) {
    const auto parsed = parse_any_quantity(reading.text);
    ASSERT_TRUE(parsed.has_value()) << reading.text << ": " << parsed.error();
    EXPECT_DOUBLE_EQ(parsed->value_factor, reading.value) << reading.text;
    EXPECT_TRUE(parsed->dim == reading.dim) << reading.text;
  }
}

TEST(UnitText, PrintedQuantitiesReadBack) {
  const std::array dims = {kTime,
                           kRate,
                           kByte,
                           kByteRate,
                           Dim{.flop = 1},
                           Dim{.second = -1, .flop = 1},
                           kEnergy,
                           Dim{.second = -1, .joule = 1},
                           Dim{.dollar = 1},
                           Dim{.second = -1, .dollar = 1},
                           Dim{.joule = -1, .dollar = 1},
                           Dim{.dollar = 1, .token = -1},
                           Dim{.token = 1},
                           Dim{.second = -1, .token = 1},
                           Dim{.flop = -1, .joule = 1},
                           Dim{.byte = -1, .joule = 1},
                           Dim{.joule = 1, .token = -1},
                           Dim{}};
  Rng rng(1, "quantities");
  for (const Dim dim : dims) {
    for (int i = 0; i < 400; ++i) {
      const double value = std::pow(10.0, 40.0 * rng.uniform_factor() - 18.0);
      const std::string text = format_quantity(value, dim, 12);
      const auto back = parse_quantity(text, dim);
      ASSERT_TRUE(back.has_value()) << text << ": " << back.error();
      ASSERT_NEAR(*back / value, 1.0, 1e-11) << text;
    }
    EXPECT_EQ(parse_quantity(format_quantity(0.0, dim), dim).value_or(-1.0), 0.0);
  }
}

TEST(UnitText, PrintsWithReadablePrefixes) {
  EXPECT_EQ(to_text(3.35_TBps), "3.35 TB/s");
  EXPECT_EQ(to_text(50_ms), "50 ms");
  EXPECT_EQ(to_text(700_W), "700 W");
  EXPECT_EQ(to_text(Dollars(2.5)), "$2.5");
  EXPECT_EQ(to_text(DollarsPerSecond(2.1 / 3600.0)), "$2.1/h");
  EXPECT_EQ(to_text(Tokens(2300.0)), "2.3 ktoken");
  EXPECT_EQ(unit_symbol(Dim{.second = -1, .byte = 1}), "B/s");
  EXPECT_EQ(unit_symbol(Dim{.joule = 1, .token = -1}), "J/token");
  EXPECT_EQ(unit_symbol(Dim{.second = 2}), "s2");
}

TEST(UnitText, ANumberWithoutItsUnitIsAMistakeWithAnExample) {
  const auto bare = parse<BytesPerSecond>("3.35");
  ASSERT_FALSE(bare.has_value());
  EXPECT_THAT(bare.error(), HasSubstr("needs a unit of bytes per second"));
  EXPECT_THAT(bare.error(), HasSubstr("3.35 TB/s"));
  const auto other = parse<Seconds>("5 GB");
  ASSERT_FALSE(other.has_value());
  EXPECT_THAT(other.error(), HasSubstr("needs a unit of seconds"));
  EXPECT_THAT(other.error(), HasSubstr("5 GB"));
  const auto unknown = parse<Bytes>("5 GX");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_THAT(unknown.error(), HasSubstr("unknown unit 'GX'"));
}

TEST(UnitText, RefusesWhatIsNoFiniteNumber) {
  for (const char* text :
       {"",       " ",     "-",      "$",       "nan s", "inf s",  "-inf B", "1e999 s",
        "s",      "- 5 s", "--5 s",  "-$-5",    "$-5",   "0x10 B", "5 s s",  "5 /",
        "5 s//s", "5 B/",  "five s", "1,000 B", "5 kms", "5 mB"}) {
    EXPECT_FALSE(parse_any_quantity(text).has_value()) << "'" << text << "'";
  }
  EXPECT_FALSE(parse<Bytes>("1e305 GB").has_value()) << "finite only before its prefix";
}

}  // namespace
}  // namespace penstock
