// Goal: an accelerator entry is read with all its provenance, and every mistake in one is named.
// Method: entries inline, as a user writes them; the built-in ones are checked against each other.

#include "penstock/catalog/accelerator.h"

#include <gtest/gtest.h>

#include "penstock/catalog/catalog.h"

namespace penstock::catalog {
namespace {

Node parse(const std::string& text, Findings& findings) {
  auto source = std::make_shared<Source>();
  source->name = "mine.yaml";
  source->text = text;
  return parse_yaml(source, findings);
}

std::string mistakes_of(const std::string& text) {
  Findings findings;
  const Node tree = parse(text, findings);
  static_cast<void>(read_accelerator(tree, findings));
  return to_text(findings.all());
}

constexpr const char* kGood = R"(id: mine
summary: A test part
source: its datasheet
date: 2025-01
confidence: high
vendor: Me
architecture: mine
peak:
  bf16: 100 TFLOP/s
  fp8: {value: 200 TFLOP/s, source: hearsay, confidence: low, note: maybe}
memory_capacity: 64 GB
memory_bandwidth: 2 TB/s
)";

TEST(Accelerator, FiguresTakeTheEntrysProvenanceUnlessTheyHaveTheirOwn) {
  Findings findings;
  const Node tree = parse(kGood, findings);
  const Accelerator a = read_accelerator(tree, findings);
  ASSERT_TRUE(findings.empty()) << to_text(findings.all());
  EXPECT_EQ(a.memory_bandwidth.value, 2_TBps);
  EXPECT_EQ(a.memory_bandwidth.provenance.source, "its datasheet");
  EXPECT_EQ(a.memory_bandwidth.provenance.date, "2025-01");
  EXPECT_EQ(a.memory_bandwidth.provenance.confidence, Confidence::kHigh);
  ASSERT_TRUE(a.peak.fp8.has_value());
  EXPECT_EQ(a.peak.fp8->provenance.source, "hearsay");
  EXPECT_EQ(a.peak.fp8->provenance.date, "2025-01");
  EXPECT_EQ(a.peak.fp8->provenance.confidence, Confidence::kLow);
  EXPECT_EQ(a.peak.fp8->note, "maybe");
}

TEST(Accelerator, PeaksFallBackToTheWiderNativeFormat) {
  Findings findings;
  const Accelerator a = read_accelerator(parse(kGood, findings), findings);
  EXPECT_EQ(a.peak_for(Dtype::kBf16), 100_TFLOPps);
  EXPECT_EQ(a.peak_for(Dtype::kInt4), 100_TFLOPps);
  EXPECT_EQ(a.peak_for(Dtype::kInt8), 100_TFLOPps);
  EXPECT_EQ(a.peak_for(Dtype::kFp8), 200_TFLOPps);
  EXPECT_EQ(a.peak_for(Dtype::kNvfp4), 200_TFLOPps);
  EXPECT_EQ(a.peak_for(Dtype::kFp32), std::nullopt);
}

TEST(Accelerator, EveryMistakeIsNamedWithItsPlace) {
  const std::string text = mistakes_of(R"(id: mine
summary: A test part
source: its datasheet
date: spring
confidence: certain
vendor: Me
architecture: mine
peak:
  bf16: 100 GB/s
  fp9: 1 TFLOP/s
memory_capacity: -64 GB
memory_bandwith: 2 TB/s
)");
  EXPECT_NE(text.find("mine.yaml:4:7: 'date' must be"), std::string::npos) << text;
  EXPECT_NE(text.find("mine.yaml:5:13: 'confidence' must be one of high, medium, low"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("mine.yaml:9:9: 'bf16' needs a unit of operations per second"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("mine.yaml:10:3: unknown key 'fp9'; "), std::string::npos) << text;
  EXPECT_NE(text.find("mine.yaml:11:18: 'memory_capacity' must be more than 0"), std::string::npos)
      << text;
  EXPECT_NE(text.find("missing key 'memory_bandwidth'"), std::string::npos) << text;
  EXPECT_NE(text.find("mine.yaml:12:1: unknown key 'memory_bandwith'; nearest: "
                      "'memory_bandwidth'"),
            std::string::npos)
      << text;
}

TEST(Accelerator, PeakMustHoldARate) {
  std::string text = kGood;
  const size_t begin = text.find("  bf16");
  text.replace(begin, text.find("memory_capacity") - begin, "  {}\n");
  EXPECT_NE(mistakes_of(text).find("'peak' must hold at least one rate"), std::string::npos)
      << mistakes_of(text);
}

TEST(Accelerator, NotANumberOrHugeIsAMistake) {
  for (const char* bad : {"nan GB", "inf GB", "1e400 GB", "0 GB", "64", "", "[64 GB]"}) {
    std::string text = kGood;
    const size_t at = text.find("64 GB");
    text.replace(at, 5, bad);
    EXPECT_NE(mistakes_of(text).find("memory_capacity"), std::string::npos) << bad;
  }
}

TEST(BuiltInAccelerators, AreReadStrictlyAndPlausible) {
  const Catalog catalog = Catalog::built_in();
  const std::vector<EntryInfo> all = catalog.list("accelerators");
  EXPECT_GE(all.size(), 36U);
  for (const EntryInfo& info : all) {
    Findings findings;
    const auto a = catalog.accelerator(info.id, Mark{}, findings);
    ASSERT_TRUE(a.has_value()) << to_text(findings.all());
    EXPECT_FALSE(a->summary.empty());
    // outside these bounds a unit is wrong, not a part extraordinary
    EXPECT_GE(a->memory_capacity.value, 8_GB) << info.id;
    EXPECT_LE(a->memory_capacity.value, 512_GB) << info.id;
    EXPECT_GE(a->memory_bandwidth.value, 0.2_TBps) << info.id;
    EXPECT_LE(a->memory_bandwidth.value, 30_TBps) << info.id;
    const auto peak = a->peak_for(Dtype::kNvfp4);
    ASSERT_TRUE(peak.has_value()) << info.id;
    EXPECT_GE(*peak, 100_TFLOPps) << info.id;
    EXPECT_LE(*peak, 40'000_TFLOPps) << info.id;
    if (a->peak.fp4 && a->peak.fp8) {
      EXPECT_GE(a->peak.fp4->value, a->peak.fp8->value) << info.id;
    }
    if (a->peak.fp8 && a->peak.bf16) {
      EXPECT_GE(a->peak.fp8->value, a->peak.bf16->value) << info.id;
    }
    if (a->price_low && a->price_high) {
      EXPECT_LE(a->price_low->value, a->price_high->value) << info.id;
    }
  }
}

TEST(BuiltInAccelerators, HoldTheFiguresOfTheDatasheets) {
  Findings findings;
  const Catalog catalog = Catalog::built_in();
  const auto h100 = catalog.accelerator("H100-SXM", Mark{}, findings);
  ASSERT_TRUE(h100.has_value());
  EXPECT_EQ(h100->id, "h100_sxm");
  EXPECT_EQ(h100->peak_for(Dtype::kBf16), 989.5_TFLOPps);
  EXPECT_EQ(h100->memory_bandwidth.value, 3350_GBps);
  EXPECT_EQ(h100->scale_up->bandwidth_each_way->value, 450_GBps);
  EXPECT_EQ(h100->scale_out_bandwidth_each_way->value, 50_GBps);  // 400 Gb/s
  EXPECT_EQ(h100->power_limit->value, 700_W);
  EXPECT_EQ(h100->multiprocessor_count, 132);
  // the B300 gave up INT8: nothing may derive it from FP8
  const auto b300 = catalog.accelerator("b300", Mark{}, findings);
  ASSERT_TRUE(b300.has_value());
  EXPECT_EQ(b300->peak_for(Dtype::kInt8), 153.5_TFLOPps);
  // the demo's dollars rest on this price
  const auto a100 = catalog.accelerator("a100", Mark{}, findings);
  ASSERT_TRUE(a100.has_value());
  ASSERT_TRUE(a100->rental_price.has_value());
  EXPECT_NE(a100->rental_price->provenance.confidence, Confidence::kHigh);
}

}  // namespace
}  // namespace penstock::catalog
