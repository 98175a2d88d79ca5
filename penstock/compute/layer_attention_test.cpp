// Goal: each kind of mixer has the weights, cache traffic and products of its architecture.
// Method: widths worked out by hand from the published configurations; limits of windows and
// selections.

#include <gtest/gtest.h>

#include "penstock/compute/forward.h"
#include "penstock/compute/models_test_support.h"

namespace penstock::compute {
namespace {

using catalog::Dtype;

/// One layer of a mixer without a feed-forward part.
catalog::Model one_layer(const catalog::Attention& a, int64_t hidden) {
  catalog::Model m = test::model("one_layer", hidden, 1000);
  catalog::FeedForward none;
  none.kind = catalog::FeedForwardKind::kNone;
  m.layers = {test::group(1, a, none)};
  return m;
}

class Layer {
 public:
  explicit Layer(const catalog::Attention& a, int64_t hidden = 7168, int64_t tensor = 1)
      : model_(one_layer(a, hidden)),
        forward_(model_, {.tensor = tensor, .pipeline = 1}, resolve({}, model_)),
        hidden_(static_cast<double>(hidden)) {}

  [[nodiscard]] const Forward& forward() const { return forward_; }

  /// Elements of the mixer's weights on a rank.
  [[nodiscard]] double weight_elements() const {
    const double tables = 2.0 * 1000.0 * hidden_ / static_cast<double>(forward_.plan().tensor);
    return forward_.weights_per_rank().value() / 2.0 - tables;
  }
  [[nodiscard]] ContextOperator decode(std::string_view name) const {
    for (const ContextOperator& op : forward_.decode_operators(1)) {
      if (op.fixed.name == name) return op;
    }
    throw std::runtime_error("no operator " + std::string(name));
  }
  [[nodiscard]] Operator prefill(std::string_view name, PrefillChunk chunk) const {
    for (const Operator& op : forward_.prefill_operators(chunk)) {
      if (op.name == name) return op;
    }
    throw std::runtime_error("no operator " + std::string(name));
  }

 private:
  catalog::Model model_;
  Forward forward_;
  double hidden_;
};

TEST(SlidingWindow, CountsTheWindowOnly) {
  catalog::Attention a = test::grouped_query(64, 8, 64);
  a.kind = catalog::AttentionKind::kSliding;
  a.window = 128;
  const Layer layer(a, 2880);
  EXPECT_EQ(layer.decode("attention").cap, 128);
  // 1000 tokens after 500: each sees 128
  const Operator op = layer.prefill("attention", {1000, 500});
  EXPECT_EQ(op.flops.value(), 1000.0 * 128.0 * 2.0 * 64.0 * 128.0);
  // keys and values of the window before the chunk and of the chunk, queries and outputs
  EXPECT_EQ(op.bytes.value(), 1128.0 * 8.0 * 128.0 * 2.0 + 1000.0 * 64.0 * 128.0 * 2.0);
  EXPECT_EQ(layer.forward().kv_bytes_per_token_per_rank(), Bytes());
  EXPECT_EQ(layer.forward().kv_bounded_bytes_per_rank(1000).value(), 128.0 * 8.0 * 128.0 * 2.0);
}

TEST(Gemma4, ValuesComeFromTheKeyProjectionButAreCached) {
  catalog::Attention a = test::grouped_query(16, 2, 512);
  a.shared_kv = true;
  const Layer layer(a, 2816);
  EXPECT_EQ(layer.weight_elements(), 2816.0 * (8192.0 + 1024.0 + 8192.0));
  EXPECT_EQ(layer.decode("attention").bytes_per_token.value(), 2.0 * 2.0 * 512.0 * 2.0);
  EXPECT_EQ(layer.forward().kv_bytes_per_token_per_rank(),
            layer.decode("attention").bytes_per_token);
}

TEST(Qwen35, GatedAttentionHasASecondQueryProjection) {
  catalog::Attention a = test::grouped_query(24, 4, 256);
  a.gated_output = true;
  const Layer layer(a, 5120);
  EXPECT_EQ(layer.weight_elements(), 5120.0 * (2.0 * 6144.0 + 2.0 * 1024.0 + 6144.0));
}

TEST(GatedDelta, ProjectsQueriesKeysValuesGateAndTwoScalarsAHead) {
  const Layer layer(test::gated_delta(), 5120);
  // 16 key heads of 128 (queries and keys), 48 value heads of 128 (values and gate), 2 * 48
  EXPECT_EQ(layer.weight_elements(),
            5120.0 * (2.0 * 2048.0 + 2.0 * 6144.0 + 96.0) + 6144.0 * 5120.0);
}

TEST(GatedDelta, DecodeReadsAndWritesItsState) {
  const Layer layer(test::gated_delta(), 5120);
  const ContextOperator update = layer.decode("state_update");
  const double state = 48.0 * 128.0 * 128.0;
  const double io = (2.0 * 2048.0 + 2.0 * 6144.0) * 2.0;
  EXPECT_EQ(update.fixed.bytes.value(), 2.0 * 4.0 * state + io);
  EXPECT_EQ(update.fixed.family, Family::kLinearAttention);
  EXPECT_EQ(update.bytes_per_token, Bytes());
  // eight ranks have six heads each
  const Layer rank(test::gated_delta(), 5120, 8);
  EXPECT_EQ(rank.decode("state_update").fixed.bytes.value() * 8.0, update.fixed.bytes.value());
}

TEST(GatedDelta, PrefillGrowsWithTokensOnly) {
  const Layer layer(test::gated_delta(), 5120);
  const Operator early = layer.prefill("chunked_scan", {4096, 0});
  const Operator late = layer.prefill("chunked_scan", {4096, 100000});
  EXPECT_EQ(early.flops, late.flops);
  EXPECT_EQ(early.bytes, late.bytes);
  // a token and head: 6 * 128 * 128 through the state, 2 * 64 * 5 * 128 within the scan chunk
  EXPECT_EQ(early.flops.value(), 4096.0 * 48.0 * (6.0 * 16384.0 + 128.0 * 640.0));
  EXPECT_EQ(layer.prefill("chunked_scan", {8192, 0}).flops.value(), 2.0 * early.flops.value());
}

TEST(Mamba, ProjectsInputsGateGroupsAndSteps) {
  const Layer layer(test::mamba(), 2688);
  // x and z of 64 * 64, B and C of 8 groups of 128, one step a head
  EXPECT_EQ(layer.weight_elements(),
            2688.0 * (2.0 * 4096.0 + 2.0 * 1024.0 + 64.0) + 4096.0 * 2688.0);
  const double state = 64.0 * 64.0 * 128.0;
  EXPECT_EQ(layer.decode("state_update").fixed.flops.value(), 6.0 * state);
  // a token: 4 n p a head through the state; scores of a group over 128 places, then its heads
  EXPECT_EQ(layer.prefill("chunked_scan", {128, 0}).flops.value(),
            128.0 * (4.0 * state + 256.0 * (8.0 * 128.0 + 64.0 * 64.0)));
}

TEST(SparseMla, IndexerScoresEverythingAttentionReadsItsPick) {
  const Layer layer(test::sparse_attention());
  const ContextOperator latent = layer.decode("latent_attention");
  EXPECT_EQ(latent.cap, 2048);
  EXPECT_EQ(latent.bytes_per_token.value(), 1152.0);
  const ContextOperator indexer = layer.decode("lightning_indexer");
  EXPECT_EQ(indexer.cap, kNoCap);
  EXPECT_EQ(indexer.fixed.dtype, Dtype::kFp8);
  EXPECT_EQ(indexer.flops_per_token.value(), 2.0 * 64.0 * 128.0);
  EXPECT_EQ(indexer.bytes_per_token.value(), 128.0 + 4.0);
  // both together read what a token adds to the cache
  EXPECT_EQ(layer.forward().kv_bytes_per_token_per_rank(),
            latent.bytes_per_token + indexer.bytes_per_token);
}

TEST(SparseMla, EveryRankRunsTheWholeIndexer) {
  const Layer whole(test::sparse_attention());
  const Layer rank(test::sparse_attention(), 7168, 8);
  EXPECT_EQ(rank.decode("lightning_indexer").flops_per_token,
            whole.decode("lightning_indexer").flops_per_token);
  EXPECT_EQ(rank.decode("latent_attention").flops_per_token.value() * 8.0,
            whole.decode("latent_attention").flops_per_token.value());
}

TEST(SparseMla, PrefillRunsOnLatentsOfTheTokensPicked) {
  const Layer layer(test::sparse_attention());
  const Operator op = layer.prefill("latent_attention", {10, 100000});
  EXPECT_EQ(op.flops.value(), 10.0 * 2048.0 * 2.0 * 128.0 * 1088.0);
  // ten queries can pick at most 20480 tokens of the context
  const double io = 10.0 * 128.0 * 1088.0 * 2.0;
  EXPECT_EQ(op.bytes.value(), (20480.0 + 10.0) * 1152.0 + io);
  EXPECT_EQ(layer.prefill("absorb_query", {10, 100000}).gemm.m, 10);
  EXPECT_EQ(layer.prefill("absorb_output", {10, 100000}).gemm.m, 10);
}

TEST(DeepSeekV4, FineLayerHasOverlappingCompressorsAndAnIndexer) {
  const Layer layer(test::compressed_attention(4, 1024));
  const double h = 7168.0;
  const double queries = h * 1536.0 + 1536.0 * 128.0 * 512.0;
  const double cache = h * 512.0;
  const double compressor = h * 2.0 * 2.0 * 512.0;  // keys and gates, two overlapping windows
  const double indexer = 1536.0 * 64.0 * 128.0 + h * 64.0 + h * 2.0 * 2.0 * 128.0;
  const double output = 128.0 * 512.0 * 1024.0 + 16.0 * 1024.0 * h;
  EXPECT_EQ(layer.weight_elements(), queries + cache + compressor + indexer + output);
}

TEST(DeepSeekV4, CoarseLayerHasNeither) {
  const Layer layer(test::compressed_attention(128, 0));
  const double h = 7168.0;
  const double queries = h * 1536.0 + 1536.0 * 128.0 * 512.0;
  const double output = 128.0 * 512.0 * 1024.0 + 16.0 * 1024.0 * h;
  EXPECT_EQ(layer.weight_elements(), queries + h * 512.0 + h * 2.0 * 512.0 + output);
  EXPECT_EQ(layer.decode("compressed_attention").cap, kNoCap);
  EXPECT_EQ(layer.decode("compressed_attention").bytes_per_token.value(), 512.0 * 2.0 / 128.0);
}

TEST(DeepSeekV4, DecodeReadsWindowPicksAndIndexKeys) {
  const Layer layer(test::compressed_attention(4, 1024));
  EXPECT_EQ(layer.decode("window_attention").cap, 128);
  const ContextOperator picked = layer.decode("compressed_attention");
  // 1024 entries of four tokens each
  EXPECT_EQ(picked.cap, 4096);
  EXPECT_EQ(picked.bytes_per_token.value(), 512.0 * 2.0 / 4.0);
  EXPECT_EQ(picked.flops_per_token.value(), 4.0 * 128.0 * 512.0 / 4.0);
  const ContextOperator indexer = layer.decode("lightning_indexer");
  EXPECT_EQ(indexer.bytes_per_token.value(), 132.0 / 4.0);
  EXPECT_EQ(layer.forward().kv_bytes_per_token_per_rank(),
            picked.bytes_per_token + indexer.bytes_per_token);
  // the heads of this indexer are split over the ranks, its keys are not
  const Layer rank(test::compressed_attention(4, 1024), 7168, 8);
  EXPECT_EQ(rank.decode("lightning_indexer").flops_per_token.value() * 8.0,
            indexer.flops_per_token.value());
  EXPECT_EQ(rank.decode("lightning_indexer").bytes_per_token, indexer.bytes_per_token);
}

}  // namespace
}  // namespace penstock::compute
