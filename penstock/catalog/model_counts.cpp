// Parameter counts and cache bytes of a model, layer by layer. docs/models.md states what
// is counted and what published cards count.

#include <algorithm>

#include "penstock/catalog/model.h"

namespace penstock::catalog {
namespace {

/// DeepSeek V4's fine compressor pools overlapping windows, so it projects twice as wide.
int64_t compressor_overlap(const Attention& a) { return a.index_topk > 0 ? 2 : 1; }

int64_t norm_size(const Model& model) { return model.hidden_size * (model.norm_bias ? 2 : 1); }

/// Norms around a mixer or feed-forward part, and its hyper-connections: a product of all streams
/// that gives the weights of mixing them (n x n), reading from them and writing to them (2 n).
int64_t frame_parameters(const Model& model) {
  int64_t count = norm_size(model) * (model.post_norms ? 2 : 1);
  const int64_t n = model.residual_streams;
  if (n > 1) {
    const int64_t outputs = n * n + 2 * n;
    count += outputs * n * model.hidden_size + outputs + 3;
  }
  return count;
}

int64_t grouped_query_parameters(int64_t hidden, const Attention& a) {
  const int64_t query = a.head_count * a.head_dim;
  const int64_t key = a.kv_head_count * a.head_dim;
  const int64_t value = a.shared_kv ? 0 : a.kv_head_count * a.value_head_dim;
  const int64_t out = a.head_count * a.value_head_dim;
  const int64_t gate = a.gated_output ? out : 0;
  const int64_t bias = (a.bias ? query + key + value + gate : 0) + (a.output_bias ? hidden : 0);
  return hidden * (query + key + value + gate + out) + bias;
}

int64_t indexer_parameters(int64_t hidden, const Attention& a) {
  if (a.index_topk == 0) return 0;
  const int64_t query_in = a.q_lora_rank > 0 ? a.q_lora_rank : hidden;
  const int64_t query = query_in * a.index_head_count * a.index_head_dim;
  // V3.2 projects its index keys; V4 compresses them like its cache
  const int64_t key_width = a.kind == AttentionKind::kCompressed ? 2 * compressor_overlap(a) : 1;
  const int64_t key = hidden * key_width * a.index_head_dim + 2 * a.index_head_dim;
  return query + key + hidden * a.index_head_count;
}

int64_t latent_parameters(int64_t hidden, const Attention& a) {
  const int64_t query = a.head_count * (a.nope_head_dim + a.rope_head_dim);
  int64_t count = 0;
  if (a.q_lora_rank > 0) {
    count += hidden * a.q_lora_rank + a.q_lora_rank + a.q_lora_rank * query;
  } else {
    count += hidden * query;
  }
  count += hidden * (a.kv_lora_rank + a.rope_head_dim) + a.kv_lora_rank;
  count += a.kv_lora_rank * a.head_count * (a.nope_head_dim + a.value_head_dim);
  count += a.head_count * a.value_head_dim * hidden;
  if (a.bias) count += a.q_lora_rank + a.kv_lora_rank + a.rope_head_dim;
  if (a.output_bias) count += hidden;
  return count + indexer_parameters(hidden, a);
}

int64_t compressed_parameters(int64_t hidden, const Attention& a) {
  const int64_t query = a.head_count * a.head_dim;
  const int64_t query_in = a.q_lora_rank > 0 ? a.q_lora_rank : hidden;
  int64_t count = query_in * query + hidden * a.head_dim + a.head_dim;
  if (a.q_lora_rank > 0) count += hidden * a.q_lora_rank + a.q_lora_rank;
  if (a.compress_ratio > 0) {
    // keys and their pooling gates, a position bias for every place of the window, a norm
    const int64_t width = compressor_overlap(a) * a.head_dim;
    count += 2 * width * hidden + a.compress_ratio * width + a.head_dim;
  }
  if (a.output_lora_rank > 0) {
    count += query * a.output_lora_rank + a.output_group_count * a.output_lora_rank * hidden;
  } else {
    count += query * hidden;
  }
  return count + indexer_parameters(hidden, a);
}

/// Inputs of the causal convolution of a linear layer, and the width it works in.
struct LinearWidths {
  int64_t conv = 0;
  int64_t inner = 0;
};

LinearWidths linear_widths(const Attention& a) {
  if (a.kind == AttentionKind::kGatedDelta) {
    const int64_t inner = a.head_count * a.value_head_dim;
    return {2 * a.kv_head_count * a.head_dim + inner, inner};
  }
  const int64_t inner = a.head_count * a.head_dim;
  return {inner + 2 * a.kv_head_count * a.state_size, inner};
}

int64_t linear_parameters(int64_t hidden, const Attention& a) {
  const auto [conv, inner] = linear_widths(a);
  // gated delta: decay and write strength for every head; Mamba: one step size
  const bool delta = a.kind == AttentionKind::kGatedDelta;
  const int64_t head_inputs = (delta ? 2 : 1) * a.head_count;
  const int64_t head_weights = (delta ? 2 : 3) * a.head_count;  // A, step bias and Mamba's skip D
  const int64_t norm = delta ? a.value_head_dim : inner;
  const int64_t conv_bias = a.bias ? conv : 0;
  return hidden * (conv + inner + head_inputs) + conv * a.conv_kernel + conv_bias + head_weights +
         norm + inner * hidden;
}

int64_t dense_parameters(const FeedForward& f, int64_t hidden, int64_t width) {
  const int64_t up = (f.gated ? 2 : 1) * width;
  const int64_t bias = f.bias ? up + hidden : 0;
  return hidden * (up + width) + bias;
}

int64_t moe_parameters(const FeedForward& f, int64_t hidden, int64_t experts) {
  const int64_t width = f.expert_hidden_size > 0 ? f.expert_hidden_size : hidden;
  int64_t count = experts * dense_parameters(f, width, f.expert_intermediate_size);
  count += hidden * f.expert_count;
  if (f.router_bias) count += f.expert_count;
  if (f.expert_hidden_size > 0) count += 2 * hidden * f.expert_hidden_size;
  if (f.shared_intermediate_size > 0) {
    count += dense_parameters(f, hidden, f.shared_intermediate_size);
    if (f.shared_gate) count += hidden;
  }
  return count;
}

int64_t feed_forward_parameters(const Model& model, const FeedForward& f, int64_t experts) {
  if (f.kind == FeedForwardKind::kNone) return 0;
  int64_t count = frame_parameters(model);
  if (f.intermediate_size > 0) {
    count += dense_parameters(f, model.hidden_size, f.intermediate_size);
  }
  if (f.kind == FeedForwardKind::kMoe) count += moe_parameters(f, model.hidden_size, experts);
  return count;
}

int64_t table_size(const Model& model) { return model.vocab_size * model.hidden_size; }

/// Everything but embedding, head and layers: the last norm and what joins the residual streams.
int64_t trunk_parameters(const Model& model) {
  int64_t count = norm_size(model) + model.position_embeddings * model.hidden_size;
  const int64_t n = model.residual_streams;
  if (n > 1) count += n * n * model.hidden_size + n + 1;
  return count;
}

double as_double(int64_t number) { return static_cast<double>(number); }

/// Bytes of a layer: its mixer, its dense and shared parts, its routed experts and its router.
Bytes layer_bytes(const Model& model, const LayerGroup& layer) {
  const FeedForward& f = layer.feed_forward;
  const WeightDtypes& w = model.weights;
  double bytes = as_double(attention_parameter_count(model, layer.attention)) *
                 bytes_per_element_factor(w.attention);
  const bool moe = f.kind == FeedForwardKind::kMoe;
  const int64_t router = moe ? model.hidden_size * f.expert_count : 0;
  const int64_t rest = feed_forward_parameters(model, f, 0) - router;
  const int64_t experts = feed_forward_parameter_count(model, f) - rest - router;
  bytes += as_double(rest) * bytes_per_element_factor(w.feed_forward);
  bytes += as_double(experts) * bytes_per_element_factor(w.experts);
  return Bytes(bytes + as_double(router) * bytes_per_element_factor(Dtype::kBf16));
}

double index_key_bytes(const Attention& a) {
  constexpr double kScaleBytes = 4.0;
  return a.index_topk > 0 ? as_double(a.index_head_dim) + kScaleBytes : 0.0;
}

Bytes grouped_query_cache(const Attention& a, Dtype kv_dtype) {
  const int64_t elements = a.kv_head_count * (a.head_dim + a.value_head_dim);
  return Bytes(as_double(elements) * bytes_per_element_factor(kv_dtype));
}

Bytes linear_state(const Attention& a) {
  const auto [conv, inner] = linear_widths(a);
  const bool delta = a.kind == AttentionKind::kGatedDelta;
  const int64_t state = a.head_count * a.head_dim * (delta ? a.value_head_dim : a.state_size);
  // the convolution remembers its last inputs, in the format of the activations
  const int64_t tail = std::max<int64_t>(0, a.conv_kernel - 1) * conv;
  return Bytes(as_double(state) * bytes_per_element_factor(a.state_dtype) +
               as_double(tail) * bytes_per_element_factor(Dtype::kBf16));
}

}  // namespace

int64_t Model::layer_count() const {
  int64_t count = 0;
  for (const LayerGroup& group : layers) count += group.count;
  return count;
}

int64_t attention_parameter_count(const Model& model, const Attention& a) {
  if (a.kind == AttentionKind::kNone) return 0;
  int64_t count = frame_parameters(model) + a.qk_norm_size + (a.sinks ? a.head_count : 0);
  switch (a.kind) {
    case AttentionKind::kNone: break;
    case AttentionKind::kFull:
    case AttentionKind::kSliding: count += grouped_query_parameters(model.hidden_size, a); break;
    case AttentionKind::kMla:
    case AttentionKind::kSparseMla: count += latent_parameters(model.hidden_size, a); break;
    case AttentionKind::kCompressed: count += compressed_parameters(model.hidden_size, a); break;
    case AttentionKind::kGatedDelta:
    case AttentionKind::kMamba: count += linear_parameters(model.hidden_size, a); break;
  }
  return count;
}

int64_t feed_forward_parameter_count(const Model& model, const FeedForward& f) {
  return feed_forward_parameters(model, f, f.expert_count);
}

int64_t active_feed_forward_parameter_count(const Model& model, const FeedForward& f) {
  return feed_forward_parameters(model, f, f.experts_per_token);
}

int64_t parameter_count(const Model& model) {
  int64_t count = table_size(model) * (model.tied_embeddings ? 1 : 2) + trunk_parameters(model);
  for (const LayerGroup& group : model.layers) {
    count += group.count * (attention_parameter_count(model, group.attention) +
                            feed_forward_parameter_count(model, group.feed_forward));
  }
  return count;
}

int64_t mtp_parameter_count(const Model& model) {
  if (!model.mtp_layer) return 0;
  const int64_t layer = attention_parameter_count(model, model.mtp_layer->attention) +
                        feed_forward_parameter_count(model, model.mtp_layer->feed_forward);
  const int64_t join = 2 * model.hidden_size * model.hidden_size;
  // the joined inputs and the output each have a norm
  return model.mtp_layer_count * (layer + join + 3 * norm_size(model));
}

int64_t active_parameter_count(const Model& model, bool count_embedding) {
  const bool both_tables = count_embedding && !model.tied_embeddings;
  int64_t count = table_size(model) * (both_tables ? 2 : 1) + trunk_parameters(model);
  for (const LayerGroup& group : model.layers) {
    count += group.count * (attention_parameter_count(model, group.attention) +
                            active_feed_forward_parameter_count(model, group.feed_forward));
  }
  return count;
}

Bytes weight_bytes(const Model& model) {
  const int64_t tables = table_size(model) * (model.tied_embeddings ? 1 : 2);
  Bytes sum(as_double(tables + trunk_parameters(model)) *
            bytes_per_element_factor(model.weights.embedding));
  for (const LayerGroup& group : model.layers) {
    sum += layer_bytes(model, group) * as_double(group.count);
  }
  return sum;
}

Bytes mtp_weight_bytes(const Model& model) {
  if (!model.mtp_layer) return {};
  const double join = as_double(2 * model.hidden_size * model.hidden_size) *
                      bytes_per_element_factor(model.weights.attention);
  return (layer_bytes(model, *model.mtp_layer) + Bytes(join)) * as_double(model.mtp_layer_count);
}

Bytes kv_bytes_per_token(const Attention& a, Dtype kv_dtype) {
  const double element = bytes_per_element_factor(kv_dtype);
  switch (a.kind) {
    case AttentionKind::kFull: return grouped_query_cache(a, kv_dtype);
    case AttentionKind::kMla:
    case AttentionKind::kSparseMla:
      return Bytes(as_double(a.kv_lora_rank + a.rope_head_dim) * element + index_key_bytes(a));
    case AttentionKind::kCompressed:
      if (a.compress_ratio == 0) return {};
      return Bytes((as_double(a.head_dim) * element + index_key_bytes(a)) /
                   as_double(a.compress_ratio));
    case AttentionKind::kNone:
    case AttentionKind::kSliding:
    case AttentionKind::kGatedDelta:
    case AttentionKind::kMamba: return {};
  }
  return {};
}

Bytes kv_bytes_per_token(const Model& model, Dtype kv_dtype) {
  Bytes sum;
  for (const LayerGroup& group : model.layers) {
    sum += kv_bytes_per_token(group.attention, kv_dtype) * as_double(group.count);
  }
  return sum;
}

Bytes kv_bounded_bytes(const Attention& a, Dtype kv_dtype, int64_t context) {
  if (context <= 0) return {};
  const double held = as_double(std::min(context, a.window));
  switch (a.kind) {
    case AttentionKind::kSliding: return grouped_query_cache(a, kv_dtype) * held;
    case AttentionKind::kCompressed:
      return Bytes(held * as_double(a.head_dim) * bytes_per_element_factor(kv_dtype));
    case AttentionKind::kGatedDelta:
    case AttentionKind::kMamba: return linear_state(a);
    case AttentionKind::kNone:
    case AttentionKind::kFull:
    case AttentionKind::kMla:
    case AttentionKind::kSparseMla: return {};
  }
  return {};
}

Bytes kv_bounded_bytes(const Model& model, Dtype kv_dtype, int64_t context) {
  Bytes sum;
  for (const LayerGroup& group : model.layers) {
    sum += kv_bounded_bytes(group.attention, kv_dtype, context) * as_double(group.count);
  }
  return sum;
}

}  // namespace penstock::catalog
