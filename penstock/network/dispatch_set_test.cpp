// Goal: the fits of the catalog read strictly, and a question gets the nearest of them. Method: the
// built-in sets; small trees with mistakes.
#include "penstock/network/dispatch_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/network/dispatch_ranks.h"

namespace penstock::network {
namespace {

using ::testing::HasSubstr;

const catalog::Catalog& built_in() {
  static const catalog::Catalog kCatalog = catalog::Catalog::built_in();
  return kCatalog;
}

std::vector<DispatchSet> sets() {
  Findings findings;
  auto all = dispatch_sets(built_in(), findings);
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
  return all;
}

DispatchAsk ask(int64_t ranks, int64_t domain_ranks, int64_t tokens) {
  DispatchAsk a;
  a.dispatch.op = ExchangeOp::kDispatch;
  a.dispatch.payload = ExchangePayload::kFp8;
  a.dispatch.rank_count = ranks;
  a.dispatch.domain_ranks = a.dispatch.node_ranks = domain_ranks;
  a.dispatch.tokens = tokens;
  a.dispatch.hidden = 7168;
  a.dispatch.topk = 8;
  a.dispatch.expert_count = 256;
  a.combine = a.dispatch;
  a.combine.op = ExchangeOp::kCombine;
  a.combine.payload = ExchangePayload::kBf16;
  return a;
}

DispatchOffer best(const std::vector<DispatchSet>& all, const std::string& accelerator,
                   const DispatchAsk& a) {
  Findings findings;
  const auto own = built_in().accelerator(accelerator, {}, findings).value();
  return dispatch_offers(all, built_in(), own, a).at(0);
}

TEST(DispatchSet, BuiltInFitsCanBe) {
  for (const DispatchSet& set : sets()) {
    EXPECT_FALSE(set.fits.empty()) << set.id;
    EXPECT_FALSE(set.source.empty()) << set.id;
    for (const DispatchFit& fit : set.fits) {
      EXPECT_TRUE(built_in().canonical_id("accelerators", fit.accelerator)) << fit.accelerator;
      EXPECT_LE(fit.low_factor, 1.0);
      EXPECT_GE(fit.high_factor, 1.0);
      EXPECT_GE(fit.rows, 3);
      EXPECT_LE(fit.coefficients.scale_up_fraction, 1.0);
      EXPECT_LE(fit.coefficients.scale_out_fraction, 1.0);
      EXPECT_FALSE(fit.payloads.empty());
    }
  }
}

TEST(DispatchSet, OwnFitsComeBeforeKin) {
  const auto all = sets();
  DispatchAsk a = ask(8, 8, 128);
  a.kernel = ExchangeKernel::kLowLatency;
  for (const char* id : {"h100_sxm", "h200_sxm", "b200_sxm"}) {
    const DispatchOffer offer = best(all, id, a);
    EXPECT_EQ(offer.accelerator, id);
    EXPECT_EQ(offer.kinship, Kinship::kSelf);
    EXPECT_EQ(offer.distance_factor, 0.0);
  }
  const DispatchOffer kin = best(all, "b300_sxm", a);
  EXPECT_NE(kin.kinship, Kinship::kSelf);
  EXPECT_GT(kin_spread_factor(kin.kinship), 1.0);
}

TEST(DispatchSet, RanksBeyondADomainTakeFitsThatCrossedTheNetwork) {
  const auto all = sets();
  DispatchAsk a = ask(32, 8, 128);
  a.kernel = ExchangeKernel::kLowLatency;
  const DispatchOffer offer = best(all, "h200_sxm", a);
  EXPECT_FALSE(offer.lacks_network);
  EXPECT_EQ(offer.accelerator, "h100_sxm");
  EXPECT_EQ(offer.kinship, Kinship::kArchitecture);
}

TEST(DispatchSet, SaysWhatWasNotMeasured) {
  const auto all = sets();
  DispatchAsk a = ask(64, 72, 128);
  a.kernel = ExchangeKernel::kNvlinkTwoSided;
  const DispatchOffer offer = best(all, "gb200", a);
  EXPECT_THAT(outside_of(*offer.dispatch, a.dispatch),
              ::testing::ElementsAre("64 ranks (measured: 2 to 32)"));
  a.dispatch.payload = ExchangePayload::kInt8;
  a.dispatch.hidden = 2048;
  EXPECT_EQ(outside_of(*offer.dispatch, a.dispatch).size(), 2U);
  a.dispatch.hidden = 7168;
  a.dispatch.rank_count = 16;
  a.dispatch.payload = ExchangePayload::kNvfp4;
  EXPECT_TRUE(outside_of(*offer.dispatch, a.dispatch).empty());
}

TEST(DispatchSet, DoublingsOutsideAreZeroInside) {
  const MeasuredRange range{8, 32};
  EXPECT_EQ(range.doublings_outside_factor(8), 0.0);
  EXPECT_EQ(range.doublings_outside_factor(32), 0.0);
  EXPECT_EQ(range.doublings_outside_factor(64), 1.0);
  EXPECT_EQ(range.doublings_outside_factor(2), 2.0);
  EXPECT_EQ((MeasuredRange{0, 0}.doublings_outside_factor(0)), 0.0);
}

TEST(DispatchSet, MistakesOfAFileAreTold) {
  auto source = std::make_shared<Source>();
  source->name = "mine.yaml";
  source->text =
      "id: mine\nsummary: x\nsource: x\ndate: 2026\nconfidence: low\nlibrary: mine\nfits:\n"
      "  - accelerator: h100_sxm\n    kernel: fast\n    op: dispatch\n    payloads: [fp8]\n"
      "    ranks: 32 to 8\n    domains: 1\n    tokens: many\n    hidden: 1\n    topk: 1\n"
      "    experts: 1\n    rows: 1\n    error: 0\n    low: 1\n    high: 1\n"
      "    coefficients: {base: 3, scale_up: 2}\n";
  Findings findings;
  const Node tree = parse_yaml(source, findings);
  check_dispatch_set(tree, findings);
  const std::string text = to_text(findings.all());
  EXPECT_THAT(text, HasSubstr("mine.yaml:9:"));   // kernel
  EXPECT_THAT(text, HasSubstr("mine.yaml:12:"));  // ranks
  EXPECT_THAT(text, HasSubstr("mine.yaml:14:"));  // tokens
  EXPECT_THAT(text, HasSubstr("8 to 32"));
  EXPECT_THAT(text, HasSubstr("scale_up"));
  EXPECT_EQ(findings.size(), 5U) << text;
}

TEST(DispatchRanks, ComeFromTheCatalog) {
  const RankPlaces nvl72 = rank_places(built_in(), "gb200", 1);
  EXPECT_EQ(nvl72.domain_ranks, 72);
  EXPECT_EQ(nvl72.node_ranks, 4);
  const RankPlaces dies = rank_places(built_in(), "ascend_910c", 2);
  EXPECT_EQ(dies.domain_ranks, 768);
  EXPECT_EQ(dies.node_ranks, 16);
  Findings findings;
  const auto a3 = built_in().accelerator("ascend_910c", {}, findings).value();
  EXPECT_EQ(rank_machine(a3, 2).scale_up, 196_GBps);
  EXPECT_EQ(rank_places(built_in(), "no such", 1).domain_ranks, 0);
}

}  // namespace
}  // namespace penstock::network
