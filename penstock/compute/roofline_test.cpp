// Goal: no price beats the roofline, decode lines equal prices, energy stays within the power
// limit. Method: random operators on every accelerator with a set of its own, at both ends of the
// band.

#include "penstock/compute/roofline.h"

#include <gtest/gtest.h>

#include <cmath>

#include "penstock/base/rng.h"
#include "penstock/compute/forward.h"
#include "penstock/compute/models_test_support.h"

namespace penstock::compute {
namespace {

using catalog::Dtype;

constexpr std::array kFamilies = {Family::kGemm,
                                  Family::kGroupedGemm,
                                  Family::kAttentionPrefill,
                                  Family::kAttentionDecode,
                                  Family::kLinearAttention,
                                  Family::kElementwise};
constexpr std::array kDtypes = {Dtype::kBf16, Dtype::kFp8,   Dtype::kInt8,
                                Dtype::kInt4, Dtype::kMxfp4, Dtype::kNvfp4};

const catalog::Catalog& built_in() {
  static const catalog::Catalog instance = catalog::Catalog::built_in();
  return instance;
}

catalog::Accelerator accelerator(std::string_view name) {
  Findings findings;
  auto found = built_in().accelerator(name, Mark{}, findings);
  findings.throw_if_any();
  return *found;
}

Efficiency efficiency(const catalog::Accelerator& a) {
  Findings findings;
  Efficiency set = choose_efficiency(built_in(), a, findings).efficiency;
  findings.throw_if_any();
  return set;
}

std::vector<std::string> accelerators_with_sets() {
  std::vector<std::string> names;
  for (const std::string& id : built_in().ids("efficiency")) {
    if (id != "default") names.push_back(id);
  }
  return names;
}

/// Logarithmically uniform between 1 and 10^decades, or now and then 0.
double spread(Rng& rng, double decades) {
  return rng.below(10) == 0 ? 0.0 : std::pow(10.0, decades * rng.uniform_factor());
}

Operator random_operator(Rng& rng) {
  Operator op;
  op.family = kFamilies[static_cast<size_t>(rng.below(kFamilies.size()))];
  op.dtype = kDtypes[static_cast<size_t>(rng.below(kDtypes.size()))];
  op.flops = Flop(spread(rng, 16.0));
  op.bytes = Bytes(spread(rng, 11.0));
  return op;
}

TEST(Roofline, IsNeverBeaten) {
  Rng rng(3, "roofline");
  int64_t priced = 0;
  for (const std::string& name : accelerators_with_sets()) {
    const catalog::Accelerator a = accelerator(name);
    const Efficiency middle = efficiency(a);
    for (const Efficiency& set : {at_band_end(middle, false), middle, at_band_end(middle, true)}) {
      const Roofline roofline(a, set);
      for (int trial = 0; trial < 500; ++trial) {
        const Operator op = random_operator(rng);
        const OperatorCost cost = roofline.price(op);
        EXPECT_GE(cost.duration, op.flops / roofline.peak(op.dtype)) << name;
        EXPECT_GE(cost.duration, op.bytes / roofline.bandwidth()) << name;
        ++priced;
      }
    }
  }
  EXPECT_GE(priced, 6 * 3 * 500);
}

TEST(Roofline, EnergyStaysBelowThePowerLimit) {
  Rng rng(4, "energy");
  const catalog::Accelerator a = accelerator("h200_sxm");
  const Roofline roofline(a, efficiency(a));
  for (int trial = 0; trial < 2000; ++trial) {
    const OperatorCost cost = roofline.price(random_operator(rng));
    const Watts drawn = cost.duration > Seconds()
                            ? roofline.idle_power() + cost.energy / cost.duration
                            : roofline.idle_power();
    EXPECT_LE(drawn.value(), a.power_limit->value.value() * (1.0 + 1e-12));
    EXPECT_GE(cost.energy, Joules());
  }
}

TEST(Roofline, AHugeProductIsComputeBoundAndASmallOneLaunchBound) {
  const catalog::Accelerator a = accelerator("h100_sxm");
  const Efficiency set = efficiency(a);
  const Roofline roofline(a, set);
  Operator op;
  op.flops = Flop(2.0 * 8192.0 * 8192.0 * 8192.0);
  op.bytes = Bytes(3.0 * 8192.0 * 8192.0 * 2.0);
  const OperatorCost big = roofline.price(op);
  EXPECT_EQ(big.bound, Bound::kCompute);
  const KernelEfficiency& row = set.kernel(Family::kGemm, Dtype::kBf16);
  // 1.0995e12 operations at 989.5 TFLOP/s take 1.1112 ms at the full peak
  EXPECT_NEAR(big.duration.value(), 1.1112e-3 / row.compute_fraction + row.fixed.value(), 1e-6);
  op.flops = Flop(1e3);
  op.bytes = Bytes(1e3);
  EXPECT_EQ(roofline.price(op).bound, Bound::kFixed);
  op.bytes = Bytes(1e9);
  EXPECT_EQ(roofline.price(op).bound, Bound::kMemory);
}

TEST(Roofline, NothingAndCollectivesTakeNoTimeHere) {
  const catalog::Accelerator a = accelerator("h100_sxm");
  const Roofline roofline(a, efficiency(a));
  EXPECT_EQ(roofline.price(Operator{}).duration, Seconds());
  Operator sum;
  sum.family = Family::kCollective;
  sum.payload = Bytes(1e6);
  EXPECT_EQ(roofline.price(sum).duration, Seconds());
  EXPECT_EQ(roofline.price(sum).bound, Bound::kLink);
}

/// Price of a decode operator with a summed context of S, spelled out.
Seconds priced_at(const Roofline& roofline, const ContextOperator& op, double context) {
  Operator whole = op.fixed;
  whole.flops += op.flops_per_token * context;
  whole.bytes += op.bytes_per_token * context;
  return roofline.price(whole).duration;
}

TEST(Lines, EqualThePriceAtAnyContext) {
  const catalog::Accelerator a = accelerator("h100_sxm");
  const Roofline roofline(a, efficiency(a));
  catalog::Model model = test::deepseek_v3();
  model.layers = {test::group(1, test::grouped_query(128, 1, 128), test::dense(1024)),
                  test::group(1, test::latent_attention(), test::dense(1024)),
                  test::group(1, test::sparse_attention(), test::dense(1024)),
                  test::group(1, test::compressed_attention(4, 1024), test::dense(1024)),
                  test::group(1, test::gated_delta(), test::dense(1024))};
  const Forward forward(model, {}, resolve({}, model));
  Rng rng(5, "lines");
  for (const int64_t sequences : {1, 7, 256}) {
    for (const ContextOperator& op : forward.decode_operators(sequences)) {
      const Roofline::Lines line = roofline.lines(op);
      for (int trial = 0; trial < 200; ++trial) {
        const double context = static_cast<double>(rng.below(trial % 2 == 0 ? 1000 : 50'000'000));
        const Seconds by_lines =
            line.fixed + std::max(line.compute_at_zero + line.compute_per_token * context,
                                  line.memory_at_zero + line.memory_per_token * context);
        EXPECT_NEAR(by_lines / priced_at(roofline, op, context), 1.0, 1e-12) << op.fixed.name;
      }
    }
  }
}

TEST(Llama8B, ADecodeStepOnOneH100TakesWhatItsBytesTake) {
  const catalog::Accelerator a = accelerator("h100_sxm");
  const Roofline roofline(a, efficiency(a));
  const catalog::Model model = test::llama_8b();
  const Forward forward(model, {}, resolve({}, model));
  Seconds step;
  const auto add = [&](const Operator& op) {
    step += roofline.price(op).duration * static_cast<double>(op.count);
  };
  for (const Operator& op : forward.token_operators(1)) add(op);
  for (const Operator& op : forward.head_operators(1)) add(op);
  for (const ContextOperator& op : forward.decode_operators(1)) {
    step += priced_at(roofline, op, 1000.0) * static_cast<double>(op.fixed.count);
  }
  // 15.0 GB at 3.35 TB/s are 4.48 ms; launches of about ten kernels a layer, and a bandwidth that
  // is never quite reached, must not add more than three quarters to that
  EXPECT_GT(step, Seconds(15.0e9 / 3.35e12));
  EXPECT_LT(step, 7.8_ms);
}

}  // namespace
}  // namespace penstock::compute
