// A model from a config: Hugging Face's as it is, or an entry of data/models with the same keys.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "penstock/base/text.h"
#include "penstock/catalog/model.h"
#include "penstock/catalog/model_keys.h"
#include "penstock/catalog/model_quantization.h"
#include "penstock/catalog/model_reader.h"

namespace penstock::catalog {
namespace {

constexpr CountBounds kStreamBounds{1, 64};
/// A thousand times the largest published model; below it no product of counts overflows.
constexpr double kParametersMax = 1e16;

/// The head of an entry of data/models.
struct ModelHead {
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
  Provenance provenance;
  std::string notes;
};

template <class Visitor>
void fields(Visitor& v, ModelHead& head) {
  head_fields(v, head);
  v.optional("notes", head.notes, "What a reader must know to use the entry.");
}

constexpr std::array<std::string_view, 7> kHeadKeys = {"id",   "aliases",    "summary", "source",
                                                       "date", "confidence", "notes"};

bool is_head_key(std::string_view key) {
  return std::find(kHeadKeys.begin(), kHeadKeys.end(), key) != kHeadKeys.end();
}

/// An entry is its head and a config; each is read by its own reader.
struct SplitEntry {
  Node head;
  Node config;
};

SplitEntry split_entry(const Node& tree) {
  SplitEntry split{tree, tree};
  std::erase_if(split.head.entries, [](const NodeEntry& e) { return !is_head_key(e.key); });
  std::erase_if(split.config.entries, [](const NodeEntry& e) { return is_head_key(e.key); });
  return split;
}

std::string read_architecture(ModelKeys& keys) {
  const auto names = keys.texts({"architectures"});
  return names && !names->empty() ? names->front() : std::string();
}

Frame read_frame(ModelKeys& keys, const std::string& architecture) {
  Frame frame;
  frame.type = lower(keys.text({"model_type"}).value_or(architecture));
  frame.hidden_size =
      keys.need_count({"hidden_size", "n_embd", "d_model", "n_embed"}, kWidthBounds);
  return frame;
}

void read_trunk(ModelKeys& keys, const Frame& frame, Model& model) {
  model.hidden_size = frame.hidden_size;
  model.vocab_size = keys.need_count({"vocab_size", "padded_vocab_size"}, kVocabBounds);
  model.max_position = keys.need_count({"max_position_embeddings", "n_positions", "n_ctx",
                                        "max_sequence_length", "seq_length", "max_seq_len"},
                                       kContextBounds);
  const bool tied = frame.is_classic() || frame.type_starts("gemma") || frame.type_starts("falcon");
  model.tied_embeddings =
      keys.flag_or({"tie_word_embeddings", "share_embeddings_and_output_weights"}, tied);
  model.residual_streams = keys.count_or({"hc_mult"}, kStreamBounds, 1);
  model.post_norms =
      frame.type_starts("gemma2") || frame.type_starts("gemma3") || frame.type_starts("gemma4");
  model.norm_bias = frame.is_classic() || frame.type_starts("falcon");
  const bool learned = frame.type == "gpt2" || frame.type == "gpt_bigcode" || frame.type == "opt";
  if (learned) model.position_embeddings = std::min(model.max_position, kInnerBounds.max);
}

/// Adds a layer to the group of its like.
void add_layer(const Attention& attention, const FeedForward& feed_forward,
               std::vector<LayerGroup>& groups) {
  for (LayerGroup& group : groups) {
    if (group.attention == attention && group.feed_forward == feed_forward) {
      ++group.count;
      return;
    }
  }
  groups.push_back({1, attention, feed_forward});
}

/// Reads each kind of slot once, however many layers are of it.
class SlotReader {
 public:
  SlotReader(ModelKeys& keys, const Frame& frame) : keys_(keys), frame_(frame) {}

  const LayerGroup& read(const Slot& slot) {
    for (const auto& [known, group] : read_) {
      if (known == slot) return group;
    }
    const LayerGroup group{1, read_attention(keys_, frame_, slot),
                           read_feed_forward(keys_, frame_, slot.feed_forward)};
    return read_.emplace_back(slot, group).second;
  }

 private:
  ModelKeys& keys_;
  const Frame& frame_;
  std::vector<std::pair<Slot, LayerGroup>> read_;
};

void read_layers(ModelKeys& keys, const Frame& frame, Model& model) {
  const Layout layout = read_layout(keys, frame);
  SlotReader slots(keys, frame);
  for (const Slot& slot : layout.layers) {
    const LayerGroup layer = slots.read(slot);
    add_layer(layer.attention, layer.feed_forward, model.layers);
  }
  if (layout.mtp.empty()) return;
  model.mtp_layer_count = layout.mtp_count;
  // a module of Nemotron is written as two layers, a mixer and a feed-forward part
  LayerGroup module = slots.read(layout.mtp.front());
  for (const Slot& slot : layout.mtp) {
    const LayerGroup part = slots.read(slot);
    if (part.attention.kind != AttentionKind::kNone) module.attention = part.attention;
    if (part.feed_forward.kind != FeedForwardKind::kNone) module.feed_forward = part.feed_forward;
  }
  model.mtp_layer = module;
}

void check_size(const Node& tree, const Model& model, Findings& findings) {
  double total =
      2.0 * static_cast<double>(model.vocab_size) * static_cast<double>(model.hidden_size);
  for (const LayerGroup& group : model.layers) {
    const int64_t layer = attention_parameter_count(model, group.attention) +
                          feed_forward_parameter_count(model, group.feed_forward);
    total += static_cast<double>(group.count) * static_cast<double>(layer);
  }
  if (total > kParametersMax) {
    findings.add(tree.mark, fmt::format("the sizes make {:.2g} parameters; at most {:.0g} are read",
                                        total, kParametersMax));
  }
}

/// All but what becomes of keys without effect, which the two kinds of file treat apart.
void read_body(const Node& tree, ModelKeys& keys, Model& model, Findings& findings) {
  const size_t mistakes = findings.size();
  model.architecture = read_architecture(keys);
  if (keys.flag_or({"is_encoder_decoder"}, false)) {
    keys.mistake({"is_encoder_decoder"}, "an encoder-decoder; only decoders are modelled");
  }
  const Frame frame = read_frame(keys, model.architecture);
  read_trunk(keys, frame, model);
  read_layers(keys, frame, model);
  model.weights = read_weight_dtypes(keys, model.not_understood);
  if (findings.size() == mistakes) check_size(tree, model, findings);
}

}  // namespace

Model read_model_config(const Node& tree, Findings& findings) {
  Model model;
  ModelKeys keys(tree, findings);
  if (!tree.is_map()) return model;
  read_body(tree, keys, model, findings);
  for (ModelKeys::Unused& key : keys.unused()) {
    if (!key.off) model.not_understood.push_back(std::move(key.name));
  }
  return model;
}

Model read_model_entry(const Node& tree, Findings& findings) {
  Model model;
  if (!tree.is_map()) {
    findings.add(tree.mark, "a model entry is a group of keys");
    return model;
  }
  const SplitEntry split = split_entry(tree);
  ModelHead head = read_config<ModelHead>(split.head, findings);
  check_dates(split.head, findings);
  ModelKeys keys(split.config, findings);
  read_body(split.config, keys, model, findings);
  model.id = std::move(head.id);
  model.aliases = std::move(head.aliases);
  model.summary = std::move(head.summary);
  model.provenance = std::move(head.provenance);
  for (const std::string& name : model.not_understood) {
    findings.add(tree.mark, fmt::format("not understood: {}", name));
  }
  for (const ModelKeys::Unused& key : keys.unused()) {
    findings.add(key.mark,
                 fmt::format("unknown key '{}'{}", key.name, keys.suggestion_for(key.name)),
                 static_cast<int>(key.name.size()));
  }
  return model;
}

}  // namespace penstock::catalog
