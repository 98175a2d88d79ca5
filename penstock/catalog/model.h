/// The architecture of a model, as compute and memory see it: groups of equal layers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/node.h"
#include "penstock/base/result.h"
#include "penstock/base/units.h"
#include "penstock/catalog/dtype.h"
#include "penstock/catalog/provenance.h"

namespace penstock::catalog {

enum class AttentionKind : uint8_t {
  kNone,        ///< the layer has no sequence mixer (feed-forward only, as in Nemotron-H)
  kFull,        ///< MHA, GQA or MQA over the whole context
  kSliding,     ///< GQA over the last `window` tokens (sliding or chunked-local)
  kMla,         ///< multi-head latent attention
  kSparseMla,   ///< MLA over the `index_topk` tokens a lightning indexer selects (DSA)
  kCompressed,  ///< one latent KV head over window + context / compress_ratio entries (DeepSeek V4)
  kGatedDelta,  ///< linear attention with a fixed state (Qwen3.5 gated delta net)
  kMamba,       ///< state-space layer with a fixed state (Mamba 2)
};

/// Sequence mixer of a layer. Fields that a kind does not use stay 0.
struct Attention {
  AttentionKind kind = AttentionKind::kFull;
  int64_t head_count = 0;      ///< query heads; value heads of a linear layer
  int64_t kv_head_count = 0;   ///< key heads of a linear layer; groups of a Mamba layer
  int64_t head_dim = 0;        ///< of queries and keys
  int64_t value_head_dim = 0;  ///< of values; equals head_dim unless the model says otherwise
  int64_t window = 0;          ///< tokens, for kSliding and kCompressed
  int64_t q_lora_rank = 0;     ///< 0: queries are projected directly
  int64_t kv_lora_rank = 0;
  int64_t rope_head_dim = 0;
  int64_t nope_head_dim = 0;
  int64_t index_head_count = 0;
  int64_t index_head_dim = 0;
  int64_t index_topk = 0;
  int64_t compress_ratio = 0;      ///< context tokens per cached entry; 0: window only
  int64_t output_group_count = 0;  ///< grouped low-rank output projection (DeepSeek V4)
  int64_t output_lora_rank = 0;
  int64_t conv_kernel = 0;           ///< of linear layers
  int64_t state_size = 0;            ///< of Mamba layers
  Dtype state_dtype = Dtype::kFp32;  ///< of the state of linear and Mamba layers
  int64_t qk_norm_size = 0;          ///< weights of the norms on queries and keys together
  bool gated_output = false;         ///< one more query-sized projection gates the output
  bool shared_kv = false;            ///< values come from the key projection (Gemma 4 global)
  bool bias = false;                 ///< on the query, key and value projections
  bool output_bias = false;          ///< on the output projection
  bool sinks = false;                ///< a learned sink logit for every head

  friend bool operator==(const Attention&, const Attention&) = default;
};

enum class FeedForwardKind : uint8_t { kNone, kDense, kMoe };

struct FeedForward {
  FeedForwardKind kind = FeedForwardKind::kDense;
  int64_t intermediate_size = 0;  ///< dense width; 0 when there is no dense part
  bool gated = true;              ///< SwiGLU class: three matrices; otherwise two
  int64_t expert_count = 0;       ///< routed
  int64_t experts_per_token = 0;
  int64_t expert_intermediate_size = 0;
  int64_t expert_hidden_size = 0;        ///< width the routed experts work in, projected to and
                                         ///< from (Nemotron 3 latent experts); 0: hidden_size
  int64_t shared_intermediate_size = 0;  ///< of all shared experts together
  int64_t expert_group_count = 1;        ///< routing groups (n_group, MoGE groups)
  bool grouped_experts = false;          ///< MoGE: equal active experts in every group
  bool shared_gate = false;              ///< a learned gate weighs the shared expert (Qwen)
  bool router_bias = false;              ///< one bias or score correction for every expert
  bool bias = false;                     ///< on every matrix of the feed-forward part

  friend bool operator==(const FeedForward&, const FeedForward&) = default;
};

/// `count` layers that are alike.
struct LayerGroup {
  int64_t count = 0;
  Attention attention;
  FeedForward feed_forward;

  friend bool operator==(const LayerGroup&, const LayerGroup&) = default;
};

/// Formats the weights are published in.
struct WeightDtypes {
  Dtype attention = Dtype::kBf16;
  Dtype feed_forward = Dtype::kBf16;  ///< dense layers and shared experts
  Dtype experts = Dtype::kBf16;
  Dtype embedding = Dtype::kBf16;  ///< embedding and LM head

  friend bool operator==(const WeightDtypes&, const WeightDtypes&) = default;
};

struct Model {
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
  Provenance provenance;
  std::string architecture;  ///< as the config names it: "DeepseekV3ForCausalLM"
  int64_t hidden_size = 0;
  int64_t vocab_size = 0;
  int64_t max_position = 0;  ///< longest context the model was made for
  bool tied_embeddings = false;
  int64_t residual_streams = 1;     ///< hyper-connections (DeepSeek V4: 4)
  bool post_norms = false;          ///< mixer and feed-forward outputs are normed too (Gemma)
  bool norm_bias = false;           ///< norms have a bias beside their weight (BLOOM)
  int64_t position_embeddings = 0;  ///< rows of a learned table of positions (GPT-2); 0: none
  int64_t mtp_layer_count = 0;      ///< multi-token prediction modules the config declares
  /// Layers that are alike are one group, wherever they stand; groups are in order of first use.
  std::vector<LayerGroup> layers;
  std::optional<LayerGroup> mtp_layer;  ///< one such module's transformer layer
  WeightDtypes weights;
  std::vector<std::string> not_understood;  ///< keys of a config.json that had no effect here

  [[nodiscard]] int64_t layer_count() const;
};

/// Reads a Hugging Face config.json (its tree). The language model of a multimodal one is read;
/// its other towers are named in `not_understood`. Every mistake becomes a finding; the model is
/// whole only when there is none.
Model read_model_config(const Node& tree, Findings& findings);

/// Reads an entry of data/models: the same keys and the head of every entry; a key without effect
/// is a mistake.
Model read_model_entry(const Node& tree, Findings& findings);

/// Parameters held in memory, embeddings and LM head included, MTP modules excluded.
int64_t parameter_count(const Model& model);
/// Of MTP modules (0 when none ship): their layers, the projection that joins the hidden state with
/// the next token's embedding, and norms. Embedding and head are the model's own.
int64_t mtp_parameter_count(const Model& model);
/// Parameters a token passes through: routed experts counted experts_per_token times. The embedding
/// table is only looked up unless it is also the head (tied): `count_embedding` adds it. Published
/// cards do either; see docs/models.md.
int64_t active_parameter_count(const Model& model, bool count_embedding = true);

/// Parameters of one layer's mixer, and of one layer's feed-forward part, their norms included.
int64_t attention_parameter_count(const Model& model, const Attention& attention);
int64_t feed_forward_parameter_count(const Model& model, const FeedForward& feed_forward);
int64_t active_feed_forward_parameter_count(const Model& model, const FeedForward& feed_forward);

/// Bytes of the weights in the formats they are published in, routers in bf16; without MTP modules.
Bytes weight_bytes(const Model& model);
/// Of MTP modules.
Bytes mtp_weight_bytes(const Model& model);

/// KV cache bytes that one more token of context adds over all layers, before any sharding: layers
/// whose cache stops growing (windows, linear states) add nothing; compressed layers add 1/ratio.
/// Keys of a lightning indexer are kept in one byte an element and one 4-byte scale a key.
Bytes kv_bytes_per_token(const Model& model, Dtype kv_dtype);
/// Of one layer; see above.
Bytes kv_bytes_per_token(const Attention& attention, Dtype kv_dtype);
/// Cache bytes of a sequence of `context` tokens that do not grow any more or stop at the window:
/// windows min(context, window) and fixed states (states in fp32 or bf16 as the model defines).
Bytes kv_bounded_bytes(const Model& model, Dtype kv_dtype, int64_t context);
Bytes kv_bounded_bytes(const Attention& attention, Dtype kv_dtype, int64_t context);

/// What follows from a model's keys (counts, cache bytes, layer groups), as rows of
/// Catalog::figures.
std::vector<std::vector<Cell>> derived_figures(const Model& model);

}  // namespace penstock::catalog
