// Goal: an accelerator gets its own set, else its kin's, else the default; bands bracket the
// middle; mistakes of an overlay are named. Method: the built-in catalog and overlays in a
// temporary folder.

#include "penstock/compute/efficiency.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "penstock/base/check.h"
#include "penstock/compute/layer_operators.h"
#include "penstock/compute/roofline.h"

namespace penstock::compute {
namespace {

namespace fs = std::filesystem;
using catalog::Dtype;
using testing::HasSubstr;
using Origin = EfficiencyChoice::Origin;

catalog::Accelerator accelerator(const catalog::Catalog& catalog, std::string_view name) {
  Findings findings;
  auto found = catalog.accelerator(name, Mark{}, findings);
  findings.throw_if_any();
  return *found;
}

EfficiencyChoice choose(const catalog::Catalog& catalog, std::string_view name) {
  Findings findings;
  EfficiencyChoice choice = choose_efficiency(catalog, accelerator(catalog, name), findings);
  findings.throw_if_any();
  return choice;
}

KernelEfficiency row(Family family, Dtype dtype, double compute_fraction) {
  KernelEfficiency r;
  r.family = family;
  r.dtype = dtype;
  r.compute_fraction = compute_fraction;
  return r;
}

TEST(Choice, OwnSetFirst) {
  const auto catalog = catalog::Catalog::built_in();
  const EfficiencyChoice choice = choose(catalog, "h200_sxm");
  EXPECT_EQ(choice.origin, Origin::kOwn);
  EXPECT_EQ(choice.efficiency.id, "h200_sxm");
  EXPECT_EQ(choice.note(accelerator(catalog, "h200_sxm")), "");
}

TEST(Choice, KinByArchitectureWithAWiderBand) {
  const auto catalog = catalog::Catalog::built_in();
  const EfficiencyChoice own = choose(catalog, "h200_sxm");
  const EfficiencyChoice kin = choose(catalog, "h20_sxm");
  EXPECT_EQ(kin.origin, Origin::kKin);
  EXPECT_EQ(kin.efficiency.architecture, "hopper");
  const KernelEfficiency& a = own.efficiency.kernel(Family::kElementwise, Dtype::kBf16);
  const KernelEfficiency& b = kin.efficiency.kernel(Family::kElementwise, Dtype::kBf16);
  EXPECT_EQ(a.compute_fraction, b.compute_fraction);
  EXPECT_LT(b.low_factor, a.low_factor);
  EXPECT_GT(b.high_factor, a.high_factor);
  EXPECT_THAT(kin.note(accelerator(catalog, "h20_sxm")),
              HasSubstr("h20_sxm has no efficiencies of its own; those of h200_sxm (hopper)"));
}

TEST(Choice, AWeakerSiblingComesNearerToItsPeak) {
  const auto catalog = catalog::Catalog::built_in();
  Operator op;
  op.family = Family::kAttentionPrefill;
  op.attention.query_head_count = op.attention.kv_head_count = 32;
  op.attention.key_dim = op.attention.value_dim = 128;
  op.chunks = {{1, 8192, 0}};
  op.flops = Flop(0.5 * 8192.0 * 8192.0 * 4.0 * 32.0 * 128.0);
  op.bytes = 1.0_GB;
  const auto share = [&](const char* name) {
    const catalog::Accelerator a = accelerator(catalog, name);
    const Roofline roofline(a, choose(catalog, name).efficiency);
    return op.flops / roofline.peak(Dtype::kBf16) / roofline.price(op).duration;
  };
  EXPECT_GT(share("h20_sxm"), 1.2 * share("h200_sxm"));
  EXPECT_LE(share("h20_sxm"), 1.0);
  EXPECT_NEAR(share("h800_sxm"), share("h100_sxm"), 0.01) << "the same multiprocessors";
}

TEST(Choice, OfTheSameMakerWhenNoArchitectureIsKin) {
  const auto catalog = catalog::Catalog::built_in();
  const EfficiencyChoice kin = choose(catalog, "ascend_950pr");
  EXPECT_EQ(kin.origin, Origin::kKin);
  EXPECT_EQ(kin.kinship, Kinship::kMaker);
  EXPECT_THAT(kin.note(accelerator(catalog, "ascend_950pr")), HasSubstr("of the same maker"));
}

TEST(Choice, KinByTheArchitectureItsNameExtends) {
  const auto catalog = catalog::Catalog::built_in();
  const EfficiencyChoice kin = choose(catalog, "b300_sxm");
  EXPECT_EQ(kin.origin, Origin::kKin);
  EXPECT_EQ(kin.efficiency.architecture, "blackwell");
}

TEST(Choice, DefaultOutsideTheMeasuredDomain) {
  const auto catalog = catalog::Catalog::built_in();
  for (const char* name : {"tpu_v5p", "mi300x", "trainium2", "gaudi3"}) {
    const EfficiencyChoice choice = choose(catalog, name);
    EXPECT_EQ(choice.origin, Origin::kDefault) << name;
    EXPECT_THAT(choice.note(accelerator(catalog, name)), HasSubstr("outside the measured domain"));
  }
}

TEST(Published, ASetOfFewRowsTakesTheRestFromTheDefaultAndSaysSo) {
  const auto catalog = catalog::Catalog::built_in();
  const EfficiencyChoice choice = choose(catalog, "ascend_910c");
  EXPECT_EQ(choice.origin, Origin::kOwn);
  const Efficiency& set = choice.efficiency;
  EXPECT_TRUE(set.kernel(Family::kGemm, Dtype::kInt8).published.has_value());
  EXPECT_TRUE(set.kernel(Family::kAttentionDecode, Dtype::kBf16, true).published.has_value());
  EXPECT_FALSE(set.kernel(Family::kAttentionDecode, Dtype::kBf16).published.has_value())
      << "what is published of latent attention says nothing of other attention";
  EXPECT_TRUE(set.kernel(Family::kAttentionDecode, Dtype::kBf16).by_default);
  EXPECT_TRUE(set.kernel(Family::kElementwise, Dtype::kBf16).by_default);
  EXPECT_GT(set.power.idle_fraction, 0.0);
  const std::string note = choice.note(accelerator(catalog, "ascend_910c"));
  EXPECT_THAT(note, HasSubstr("no measured kernels"));
  EXPECT_THAT(note, HasSubstr("gemm in int8"));
  EXPECT_THAT(note, HasSubstr("latent attention_decode in bf16 (arXiv 2506.12708v2"));
  EXPECT_THAT(note, HasSubstr("default ones, with a wide band, price attention_prefill"));
}

TEST(Published, TheNextOfKinTakesThemWithAWiderBand) {
  const auto catalog = catalog::Catalog::built_in();
  const EfficiencyChoice own = choose(catalog, "ascend_910c");
  const EfficiencyChoice kin = choose(catalog, "ascend_910b");
  EXPECT_EQ(kin.origin, Origin::kKin);
  EXPECT_EQ(kin.efficiency.id, "ascend_910c");
  EXPECT_GT(kin.efficiency.kernel(Family::kGemm, Dtype::kInt8).high_factor,
            own.efficiency.kernel(Family::kGemm, Dtype::kInt8).high_factor);
  EXPECT_THAT(kin.note(accelerator(catalog, "ascend_910b")),
              HasSubstr("published utilisations price gemm in int8"));
}

// Table 10 of arXiv 2506.12708v2: grouped products in INT8 on one of the package's two dies. The
// rows that the shares come from must come back, whatever way the package and its dies are counted.
TEST(Published, GroupedProductsTakeTheTimesTheyWerePublishedWith) {
  struct Row {
    double groups, m, n, k, utilisation_fraction, traffic;
  };
  const auto catalog = catalog::Catalog::built_in();
  const catalog::Accelerator a = accelerator(catalog, "ascend_910c");
  const Roofline roofline(a, choose(catalog, "ascend_910c").efficiency);
  for (const Row& r : {Row{4, 7168, 4096, 4096, 0.794, 260e9},
                       {4, 2048, 7168, 4096, 0.774, 325e9},
                       {4, 7168, 4096, 8192, 0.827, 195e9},
                       {4, 2048, 7168, 8192, 0.811, 266e9},
                       {8, 7168, 4096, 4096, 0.796, 261e9},
                       {8, 2048, 7168, 4096, 0.779, 327e9}}) {
    constexpr double kDies = 2.0;
    Operator op;
    op.family = Family::kGroupedGemm;
    op.dtype = op.stored = Dtype::kInt8;
    op.flops = Flop(kDies * r.groups * 2.0 * r.m * r.n * r.k);
    op.bytes = Bytes(kDies * r.groups * (r.m * r.k + r.n * r.k + 2.0 * r.m * r.n));
    const Seconds published = op.flops / (roofline.peak(Dtype::kInt8) * r.utilisation_fraction);
    EXPECT_NEAR(op.bytes.value() / kDies / r.traffic / published.value(), 1.0, 0.01)
        << "the traffic the table states is that of operands and results once";
    const OperatorCost cost = roofline.price(op);
    EXPECT_NEAR(cost.duration / published, 1.0, 0.05) << r.groups << ' ' << r.m << ' ' << r.k;
    EXPECT_EQ(cost.bound, Bound::kCompute);
  }
}

TEST(BuiltInSets, AreReadWithoutMistakesAndStayBelowThePeaks) {
  const auto catalog = catalog::Catalog::built_in();
  const auto ids = catalog.ids("efficiency");
  EXPECT_GE(ids.size(), 7U);
  for (const std::string& id : ids) {
    Findings findings;
    auto set = read_config<Efficiency>(*catalog.tree("efficiency", id), findings);
    findings.throw_if_any();
    if (id != "default") set = choose(catalog, id).efficiency;
    for (const KernelEfficiency& r : set.kernels) {
      EXPECT_GT(r.compute_fraction, 0.0) << id;
      EXPECT_LE(r.compute_fraction, 1.0) << id;
      EXPECT_LE(r.memory_fraction, 1.0) << id;
      // the middle prediction lies within its own band
      EXPECT_LT(r.low_factor, 1.0) << id << ' ' << enum_name(r.family);
      EXPECT_GT(r.high_factor, 1.0) << id << ' ' << enum_name(r.family);
    }
    const PowerShares& p = set.power;
    EXPECT_GT(p.idle_fraction, 0.05) << id;
    EXPECT_LT(p.idle_fraction, 0.5) << id;
    if (id != "default") {
      const auto architecture = accelerator(catalog, id).architecture;
      EXPECT_EQ(set.architecture, architecture) << id;
    }
  }
}

TEST(Kernel, NearestFormatStandsInThenTheDenseProduct) {
  Efficiency set;
  set.kernels = {row(Family::kGemm, Dtype::kBf16, 0.8), row(Family::kGemm, Dtype::kFp8, 0.6),
                 row(Family::kGemm, Dtype::kInt4, 0.5),
                 row(Family::kGroupedGemm, Dtype::kFp8, 0.4)};
  const auto share = [&](Family family, Dtype dtype) {
    return set.kernel(family, dtype).compute_fraction;
  };
  EXPECT_EQ(share(Family::kGemm, Dtype::kFp8), 0.6);
  EXPECT_EQ(share(Family::kGemm, Dtype::kInt8), 0.6);
  EXPECT_EQ(share(Family::kGemm, Dtype::kNvfp4), 0.6);
  EXPECT_EQ(share(Family::kGemm, Dtype::kInt4), 0.5);
  EXPECT_EQ(share(Family::kGroupedGemm, Dtype::kBf16), 0.4);
  EXPECT_EQ(share(Family::kAttentionDecode, Dtype::kBf16), 0.8);
}

TEST(Kernel, ASetWithoutProductsIsOurBug) {
  EXPECT_THROW((void)Efficiency{}.kernel(Family::kGemm, Dtype::kBf16), CheckFailure);
}

TEST(Band, EndsBracketTheMiddle) {
  const auto catalog = catalog::Catalog::built_in();
  for (const std::string& id : catalog.ids("efficiency")) {
    if (id == "default") continue;
    const catalog::Accelerator a = accelerator(catalog, id);
    const Efficiency middle = choose(catalog, id).efficiency;
    const Roofline fast(a, at_band_end(middle, false));
    const Roofline plain(a, middle);
    const Roofline slow(a, at_band_end(middle, true));
    for (const KernelEfficiency& r : middle.kernels) {
      for (const double flops : {1e6, 1e10, 1e14}) {
        for (const double bytes : {1e3, 1e7, 1e10}) {
          Operator op;
          op.family = r.family;
          op.dtype = r.dtype;
          op.latent = r.latent.value_or(false);
          op.flops = Flop(flops);
          op.bytes = Bytes(bytes);
          const Seconds duration = plain.price(op).duration;
          EXPECT_LE(fast.price(op).duration, duration);
          EXPECT_NEAR(slow.price(op).duration / duration, r.high_factor, 1e-9);
        }
      }
    }
    std::vector<KernelFormat> formats = {{Dtype::kInt8, Dtype::kInt8}};
    if (middle.gemm) formats.clear();
    for (const auto& group : middle.gemm.value_or(GemmSet()).groups) {
      if (group.current) formats.push_back(group.origin.format);
    }
    for (const KernelFormat f : formats) {
      const Operator op =
          gemm("product", Section::kFeedForward, 1, {64, 4096, 4096}, f.stored, f.computed);
      EXPECT_LE(fast.price(op).duration, plain.price(op).duration);
      EXPECT_GT(slow.price(op).duration, plain.price(op).duration);
    }
  }
}

TEST(InGraph, ShortensFixedTimesAndFusesElementwiseKernels) {
  const auto catalog = catalog::Catalog::built_in();
  const catalog::Accelerator a = accelerator(catalog, "h100_sxm");
  const Efficiency alone = choose(catalog, "h100_sxm").efficiency;
  EXPECT_EQ(in_graph(alone, {}).gemm->groups.size(), alone.gemm->groups.size());
  const Roofline single(a, alone);
  const Roofline graph(a, in_graph(alone, {Seconds(1e-6), 0.5}));
  const Operator product =
      gemm("product", Section::kFeedForward, 1, {16, 4096, 4096}, Dtype::kBf16, Dtype::kBf16);
  EXPECT_LT(graph.price(product).duration, single.price(product).duration);
  Operator norm;
  norm.family = Family::kElementwise;
  norm.bytes = Bytes(1e9);
  EXPECT_NEAR(graph.price(norm).duration / single.price(norm).duration, 0.75, 0.01)
      << "half the traffic would pass, but not above the memory bandwidth";
}

class Overlay : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              (std::string("penstock_efficiency_") +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_ / "efficiency");
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// Findings of choosing for h100_sxm after its set was replaced.
  std::string findings_with(const std::string& kernels) {
    std::ofstream(folder_ / "efficiency" / "h100_sxm.yaml")
        << "id: h100_sxm\nsummary: mine\nsource: me\ndate: 2026-11\nconfidence: low\nkernels:\n"
        << kernels << "power: {idle: 0.2, compute: 0.5, memory: 0.3}\n";
    auto catalog = catalog::Catalog::built_in();
    Findings findings;
    catalog.overlay(folder_.string(), findings);
    findings.throw_if_any();
    choice_ = choose_efficiency(catalog, accelerator(catalog, "h100_sxm"), findings);
    return to_text(findings.all());
  }

  fs::path folder_;
  EfficiencyChoice choice_;
};

TEST_F(Overlay, ReplacesASet) {
  EXPECT_EQ(findings_with("  - {family: gemm, compute: 0.9, memory: 0.9, fixed: 1 us, low: 0.9, "
                          "high: 1.1}\n"),
            "");
  EXPECT_EQ(choice_.origin, Origin::kOwn);
  EXPECT_EQ(choice_.efficiency.kernel(Family::kGemm, Dtype::kBf16).compute_fraction, 0.9);
}

TEST_F(Overlay, LeavesOutWhatTheDefaultSetThenPrices) {
  EXPECT_EQ(findings_with("  - {family: gemm, compute: 0.9, memory: 0.9, fixed: 1 us, low: 0.9, "
                          "high: 1.1}\n"),
            "");
  EXPECT_TRUE(choice_.efficiency.kernel(Family::kAttentionDecode, Dtype::kBf16).by_default);
  EXPECT_FALSE(choice_.efficiency.kernel(Family::kGemm, Dtype::kFp8).by_default);
  const auto catalog = catalog::Catalog::built_in();
  EXPECT_THAT(choice_.note(accelerator(catalog, "h100_sxm")), HasSubstr("price grouped_gemm"));
}

TEST_F(Overlay, MistakesAreNamed) {
  const std::string text =
      findings_with("  - {family: gem, compute: 1.9, memory: 0.9, fixed: 1, low: 0, high: 1.1}\n");
  EXPECT_THAT(text, HasSubstr("gemm"));
  EXPECT_THAT(text, HasSubstr("compute"));
  EXPECT_THAT(text, HasSubstr("fixed"));
  EXPECT_THAT(text, HasSubstr("low"));
}

TEST_F(Overlay, NeedsAProduct) {
  EXPECT_THAT(findings_with("  - {family: elementwise, compute: 0.9, memory: 0.9, fixed: 1 us, "
                            "low: 0.9, high: 1.1}\n"),
              HasSubstr("need dense products"));
}

}  // namespace
}  // namespace penstock::compute
