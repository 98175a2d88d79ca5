// What follows from a model's keys, as rows for `catalog show`.

#include <fmt/format.h>

#include "penstock/base/text.h"
#include "penstock/base/unit_text.h"
#include "penstock/catalog/model.h"

namespace penstock::catalog {
namespace {

std::string describe(const Attention& a) {
  switch (a.kind) {
    case AttentionKind::kNone: return "no mixer";
    case AttentionKind::kFull:
      return fmt::format("full attention {}/{} heads of {}", a.head_count, a.kv_head_count,
                         a.head_dim);
    case AttentionKind::kSliding:
      return fmt::format("attention over {} tokens, {}/{} heads of {}", a.window, a.head_count,
                         a.kv_head_count, a.head_dim);
    case AttentionKind::kMla:
      return fmt::format("latent attention {} heads, latent {}+{}", a.head_count, a.kv_lora_rank,
                         a.rope_head_dim);
    case AttentionKind::kSparseMla:
      return fmt::format("sparse latent attention {} heads, latent {}+{}, best {} tokens",
                         a.head_count, a.kv_lora_rank, a.rope_head_dim, a.index_topk);
    case AttentionKind::kCompressed:
      if (a.compress_ratio == 0) return fmt::format("attention over {} tokens", a.window);
      return fmt::format("attention over {} tokens and {} of 1/{} of the others", a.window,
                         a.index_topk > 0 ? fmt::format("the best {}", a.index_topk) : "all",
                         a.compress_ratio);
    case AttentionKind::kGatedDelta:
      return fmt::format("gated delta net, {} heads of {}x{}", a.head_count, a.head_dim,
                         a.value_head_dim);
    case AttentionKind::kMamba:
      return fmt::format("Mamba 2, {} heads of {}x{}", a.head_count, a.head_dim, a.state_size);
  }
  return "?";
}

std::string describe(const FeedForward& f) {
  if (f.kind == FeedForwardKind::kNone) return "no feed-forward";
  std::string text;
  if (f.intermediate_size > 0) text = fmt::format("dense {}", f.intermediate_size);
  if (f.kind != FeedForwardKind::kMoe) return text;
  if (!text.empty()) text += " and ";
  text += fmt::format("{} of {} experts of {}", f.experts_per_token, f.expert_count,
                      f.expert_intermediate_size);
  if (f.shared_intermediate_size > 0) {
    text += fmt::format(" and a shared {}", f.shared_intermediate_size);
  }
  return text;
}

/// Rows named and explained alike.
class Rows {
 public:
  explicit Rows(const Model& model) : model_(model) {}
  void add(std::string name, std::string value, std::string note) {
    rows_.push_back({std::move(name), std::move(value), std::string("follows from the keys above"),
                     model_.provenance.date, std::string(enum_name(model_.provenance.confidence)),
                     std::move(note)});
  }
  std::vector<std::vector<Cell>> take() { return std::move(rows_); }

 private:
  const Model& model_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace

std::vector<std::vector<Cell>> derived_figures(const Model& model) {
  Rows rows(model);
  for (size_t i = 0; i < model.layers.size(); ++i) {
    const LayerGroup& group = model.layers[i];
    rows.add(fmt::format("derived.layers.{}", i),
             fmt::format("{} x {}; {}", group.count, describe(group.attention),
                         describe(group.feed_forward)),
             "layers that are alike");
  }
  rows.add("derived.parameter_count", with_commas(parameter_count(model)),
           "embedding and head included, prediction modules not");
  rows.add("derived.active_parameter_count", with_commas(active_parameter_count(model)),
           "a token passes through, embedding and head included");
  if (model.mtp_layer_count > 0) {
    rows.add("derived.mtp_parameter_count", with_commas(mtp_parameter_count(model)),
             fmt::format("{} multi-token prediction module{}", model.mtp_layer_count,
                         model.mtp_layer_count == 1 ? "" : "s"));
  }
  rows.add("derived.weight_bytes", to_text(weight_bytes(model)),
           fmt::format("attention {}, dense {}, experts {}, embedding {}",
                       enum_name(model.weights.attention), enum_name(model.weights.feed_forward),
                       enum_name(model.weights.experts), enum_name(model.weights.embedding)));
  for (const Dtype dtype : {Dtype::kBf16, Dtype::kFp8}) {
    rows.add(fmt::format("derived.kv_bytes_per_token.{}", enum_name(dtype)),
             to_text(kv_bytes_per_token(model, dtype), 6),
             "cache that one more token of context adds");
  }
  const Bytes bounded = kv_bounded_bytes(model, Dtype::kBf16, model.max_position);
  if (bounded > Bytes()) {
    rows.add("derived.kv_bounded_bytes.bf16", to_text(bounded, 6),
             "windows and fixed states of a sequence at the longest context");
  }
  return rows.take();
}

}  // namespace penstock::catalog
