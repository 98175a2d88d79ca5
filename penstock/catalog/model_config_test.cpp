// Goal: a config.json is read as it is, every mistake in one is named with its place, and what had
// no effect is named too. Method: small configs inline, each a variation of a plain decoder.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "penstock/catalog/catalog.h"
#include "penstock/catalog/model.h"

namespace penstock::catalog {
namespace {

constexpr const char* kPlain = R"({
  "architectures": ["SomethingNewForCausalLM"],
  "model_type": "something_new",
  "hidden_size": 64,
  "intermediate_size": 100,
  "num_hidden_layers": 4,
  "num_attention_heads": 8,
  "num_key_value_heads": 2,
  "vocab_size": 1000,
  "max_position_embeddings": 4096,
  "rope_theta": 10000.0, "bos_token_id": 1, "attention_dropout": 0.0, "use_cache": true,
  "torch_dtype": "bfloat16"
})";

struct Read {
  Model model;
  std::string mistakes;
};

Read read(const std::string& text) {
  auto source = std::make_shared<Source>();
  source->name = "config.json";
  source->text = text;
  Findings findings;
  const Node tree = parse_yaml(source, findings);
  Read out;
  out.model = read_model_config(tree, findings);
  out.mistakes = to_text(findings.all());
  return out;
}

/// The plain config with more keys, or with `from` replaced.
std::string with(const std::string& keys) {
  std::string text = kPlain;
  return text.insert(1, keys + ",");
}
std::string replaced(std::string_view from, std::string_view to) {
  std::string text = kPlain;
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

Model model_of(const std::string& text) {
  Read out = read(text);
  EXPECT_EQ(out.mistakes, "") << text;
  return std::move(out.model);
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(ModelConfig, UnknownArchitectureReadsByItsKeys) {
  const Model model = model_of(kPlain);
  EXPECT_EQ(model.architecture, "SomethingNewForCausalLM");
  ASSERT_EQ(model.layers.size(), 1U);
  const LayerGroup& layer = model.layers[0];
  EXPECT_EQ(layer.count, 4);
  EXPECT_EQ(layer.attention.kind, AttentionKind::kFull);
  EXPECT_EQ(layer.attention.kv_head_count, 2);
  EXPECT_EQ(layer.attention.head_dim, 8);
  EXPECT_EQ(layer.feed_forward.kind, FeedForwardKind::kDense);
  EXPECT_TRUE(layer.feed_forward.gated);
  EXPECT_FALSE(model.tied_embeddings);
  EXPECT_TRUE(model.not_understood.empty());
}

TEST(ModelConfig, WithoutKvHeadsEveryHeadHasItsOwn) {
  const Model model = model_of(replaced("\"num_key_value_heads\": 2,", ""));
  EXPECT_EQ(model.layers[0].attention.kv_head_count, 8);
}

TEST(ModelConfig, NamesKeysWithoutEffect) {
  const Model model = model_of(with(R"("memory_layers": 3, "flash_mode": "on", "unused": false)"));
  const std::vector<std::string> expected = {"memory_layers", "flash_mode"};
  EXPECT_EQ(model.not_understood, expected);  // a feature that is off changes nothing
}

TEST(ModelConfig, MultimodalConfigsHideTheirLanguageModel) {
  const Model model = model_of(R"({"model_type": "seeing", "tie_word_embeddings": true,
    "vision_config": {"hidden_size": 9}, "text_config": )" +
                               std::string(kPlain) + "}");
  EXPECT_EQ(model.hidden_size, 64);
  EXPECT_TRUE(model.tied_embeddings);
  EXPECT_EQ(model.not_understood, std::vector<std::string>{"vision_config"});
}

TEST(ModelConfig, NumbersThatJsonWritersPrint) {
  const Model model = model_of(replaced("\"hidden_size\": 64", "\"hidden_size\": 64.0"));
  EXPECT_EQ(model.hidden_size, 64);
  EXPECT_EQ(model_of(with(R"("time_step_limit": [0.0, Infinity], "eps": NaN)")).not_understood,
            std::vector<std::string>{"eps"});
}

TEST(ModelConfig, CompactJsonAndLineEndsOfWindows) {
  std::string text = kPlain;
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  EXPECT_EQ(model_of(text).hidden_size, 64);
  text = kPlain;
  for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) {
    text.insert(at, "\r");
  }
  EXPECT_EQ(model_of(text).hidden_size, 64);
}

TEST(ModelConfig, Experts) {
  const Model model = model_of(with(
      R"("n_routed_experts": 32, "num_experts_per_tok": 4, "moe_intermediate_size": 20,
      "n_shared_experts": 2, "first_k_dense_replace": 1, "n_group": 4)"));
  ASSERT_EQ(model.layers.size(), 2U);
  EXPECT_EQ(model.layers[0].count, 1);
  EXPECT_EQ(model.layers[0].feed_forward.intermediate_size, 100);
  const FeedForward& moe = model.layers[1].feed_forward;
  EXPECT_EQ(model.layers[1].count, 3);
  EXPECT_EQ(moe.kind, FeedForwardKind::kMoe);
  EXPECT_EQ(moe.expert_count, 32);
  EXPECT_EQ(moe.experts_per_token, 4);
  EXPECT_EQ(moe.expert_intermediate_size, 20);
  EXPECT_EQ(moe.shared_intermediate_size, 40);
  EXPECT_EQ(moe.expert_group_count, 4);
  EXPECT_EQ(moe.intermediate_size, 0);
}

TEST(ModelConfig, WhereExpertsAre) {
  const std::string experts =
      R"("num_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 20, )";
  const auto moe_layers = [&](const std::string& rule) {
    int64_t count = 0;
    for (const LayerGroup& group : model_of(with(experts + rule)).layers) {
      if (group.feed_forward.kind == FeedForwardKind::kMoe) count += group.count;
    }
    return count;
  };
  EXPECT_EQ(moe_layers(R"("decoder_sparse_step": 1)"), 4);
  EXPECT_EQ(moe_layers(R"("decoder_sparse_step": 2)"), 2);
  EXPECT_EQ(moe_layers(R"("mlp_only_layers": [0, 3])"), 2);
  EXPECT_EQ(moe_layers(R"("interleave_moe_layer_step": 4)"), 1);
  EXPECT_EQ(moe_layers(R"("moe_layer_freq": [0, 1, 1, 1])"), 3);
  EXPECT_EQ(moe_layers(R"("moe_layer_freq": 2)"), 2);
  EXPECT_EQ(moe_layers(R"("moe_layers": [3])"), 1);
}

TEST(ModelConfig, Windows) {
  const auto kinds = [](const std::string& keys) {
    std::string text;
    for (const LayerGroup& group : model_of(with(keys)).layers) {
      const bool sliding = group.attention.kind == AttentionKind::kSliding;
      text += fmt::format("{}{}{} ", group.count, sliding ? "s" : "f", group.attention.window);
    }
    return text;
  };
  EXPECT_EQ(kinds(R"("sliding_window": 128)"), "4s128 ");
  EXPECT_EQ(kinds(R"("sliding_window": null)"), "4f0 ");
  EXPECT_EQ(kinds(R"("sliding_window": 128, "use_sliding_window": false)"), "4f0 ");
  EXPECT_EQ(kinds(R"("sliding_window": 128, "use_sliding_window": true, "max_window_layers": 3)"),
            "3f0 1s128 ");
  EXPECT_EQ(kinds(R"("sliding_window": 128, "sliding_window_pattern": 4)"), "3s128 1f0 ");
  EXPECT_EQ(kinds(R"("sliding_window": 64, "layer_types": ["full_attention",
            "sliding_attention", "sliding_attention", "full_attention"])"),
            "2f0 2s64 ");
}

TEST(ModelConfig, LatentAttention) {
  const std::string keys = R"("kv_lora_rank": 32, "q_lora_rank": null, "qk_nope_head_dim": 16,
      "qk_rope_head_dim": 4, "v_head_dim": 12)";
  const Attention a = model_of(with(keys)).layers[0].attention;
  EXPECT_EQ(a.kind, AttentionKind::kMla);
  EXPECT_EQ(a.q_lora_rank, 0);
  EXPECT_EQ(a.head_dim, 20);
  const Attention sparse =
      model_of(with(keys + R"(, "index_topk": 64, "index_n_heads": 2, "index_head_dim": 8)"))
          .layers[0]
          .attention;
  EXPECT_EQ(sparse.kind, AttentionKind::kSparseMla);
  EXPECT_EQ(sparse.index_topk, 64);
}

TEST(ModelConfig, PredictionModulesRepeatTheLastLayer) {
  const Model model = model_of(with(R"("num_nextn_predict_layers": 2)"));
  EXPECT_EQ(model.mtp_layer_count, 2);
  ASSERT_TRUE(model.mtp_layer.has_value());
  EXPECT_EQ(model.mtp_layer->attention, model.layers.back().attention);
  EXPECT_FALSE(model_of(kPlain).mtp_layer.has_value());
}

struct Mistake {
  const char* name;
  std::string text;
  std::vector<std::string> expected;
};

/// Wrong as text or as single values.
std::vector<Mistake> mistakes_of_form() {
  return {
      {"empty", "", {"a model config is a group of keys"}},
      {"list", "[1, 2]", {"config.json:1:1: a model config is a group of keys; got a list"}},
      {"no keys",
       "{}",
       {"missing key 'hidden_size'", "missing key 'vocab_size'",
        "missing key 'num_hidden_layers'"}},
      {"truncated", std::string(kPlain).substr(0, 200), {"not readable as YAML"}},
      {"misspelt",
       replaced("\"hidden_size\"", "\"hiden_size\""),
       {"missing key 'hidden_size'; is it 'hiden_size'?"}},
      {"word",
       replaced("\"vocab_size\": 1000", "\"vocab_size\": \"big\""),
       {"config.json:9:17: 'vocab_size' must be a whole number; got \"big\""}},
      {"fraction",
       replaced("\"vocab_size\": 1000", "\"vocab_size\": 1.5"),
       {"'vocab_size' must be a whole number"}},
      {"not a number",
       replaced("\"vocab_size\": 1000", "\"vocab_size\": NaN"),
       {"'vocab_size' must be a whole number"}},
      {"endless",
       replaced("\"vocab_size\": 1000", "\"vocab_size\": Infinity"),
       {"'vocab_size' must be a whole number"}},
      {"negative",
       replaced("\"hidden_size\": 64", "\"hidden_size\": -64"),
       {"config.json:4:18: 'hidden_size' must be between 1 and 131,072; got -64"}},
      {"none",
       replaced("\"num_hidden_layers\": 4", "\"num_hidden_layers\": 0"),
       {"'num_hidden_layers' must be between 1 and 1,024; got 0"}},
      {"absurd",
       replaced("\"num_hidden_layers\": 4", "\"num_hidden_layers\": 1e12"),
       {"'num_hidden_layers' must be between 1 and 1,024; got 1e12"}},
      {"overflow",
       replaced("\"vocab_size\": 1000", "\"vocab_size\": 99999999999999999999"),
       {"'vocab_size'"}},
      {"heads",
       replaced("\"num_attention_heads\": 8", "\"num_attention_heads\": 7"),
       {"'hidden_size' 64 does not divide by 7 attention heads",
        "7 heads do not divide into 2 groups"}},
      {"twice", with("\"vocab_size\": 3"), {"duplicate key 'vocab_size'"}},
  };
}

/// Values that contradict each other or name what is not known.
std::vector<Mistake> mistakes_of_architecture() {
  return {
      {"too few types",
       with(R"("sliding_window": 8, "layer_types": ["full_attention"])"),
       {"'layer_types' has 1 entries for 4 layers"}},
      {"unknown type",
       with(R"("layer_types": ["full_attention", "sparse", "a", "b"])"),
       {"'layer_types' names an unknown kind of layer \"sparse\"; known: full_attention"}},
      {"no window",
       with(R"("sliding_window": null, "layer_types": ["full_attention",
            "sliding_attention", "full_attention", "full_attention"])"),
       {"missing key 'sliding_window'"}},
      {"flag",
       with(R"("tie_word_embeddings": "yes")"),
       {"'tie_word_embeddings' must be true or false; got \"yes\""}},
      {"topk",
       with(R"("num_experts": 8, "num_experts_per_tok": 9, "moe_intermediate_size": 20)"),
       {"9 experts a token of 8 experts"}},
      {"no topk",
       with(R"("num_experts": 8, "moe_intermediate_size": 20)"),
       {"missing key 'num_experts_per_tok'"}},
      {"groups",
       with(R"("num_experts": 8, "num_experts_per_tok": 2, "n_group": 3)"),
       {"8 experts do not divide into 3 groups"}},
      {"encoder", with(R"("is_encoder_decoder": true)"), {"only decoders are modelled"}},
      {"latent",
       with(R"("kv_lora_rank": 32)"),
       {"missing key 'qk_nope_head_dim'", "missing key 'v_head_dim'"}},
      {"blocks",
       with(R"("hybrid_override_pattern": "M*X")"),
       {"'hybrid_override_pattern' names an unknown kind of layer \"X\""}},
  };
}

TEST(ModelConfig, EveryMistakeIsNamed) {
  for (const auto& mistakes : {mistakes_of_form(), mistakes_of_architecture()}) {
    for (const Mistake& mistake : mistakes) {
      const std::string text = read(mistake.text).mistakes;
      for (const std::string& part : mistake.expected) {
        EXPECT_TRUE(mentions(text, part)) << mistake.name << ": " << text;
      }
    }
  }
}

TEST(ModelConfig, ImpossiblyLargeModelsAreRefused) {
  const Read out = read(R"({"hidden_size": 131072, "intermediate_size": 524288, "vocab_size": 9,
    "num_hidden_layers": 1024, "num_attention_heads": 4096, "max_position_embeddings": 1,
    "num_experts": 16384, "num_experts_per_tok": 1})");
  EXPECT_TRUE(mentions(out.mistakes, "parameters; at most 1e+16 are read")) << out.mistakes;
}

TEST(ModelEntry, AKeyWithoutEffectIsAMistake) {
  auto source = std::make_shared<Source>();
  source->name = "mine.yaml";
  source->text = R"(id: mine
summary: A test model
source: its card
date: someday
confidence: high
hidden_size: 64
intermediate_size: 100
num_hidden_layers: 4
num_attention_heads: 8
num_key_value_head: 2
vocab_size: 1000
max_position_embeddings: 4096
)";
  Findings findings;
  const Model model = read_model_entry(parse_yaml(source, findings), findings);
  const std::string text = to_text(findings.all());
  EXPECT_EQ(findings.size(), 2U) << text;
  EXPECT_TRUE(mentions(text, "mine.yaml:4:7: 'date' must be a year")) << text;
  EXPECT_TRUE(mentions(text, "mine.yaml:10:1: unknown key 'num_key_value_head'")) << text;
  EXPECT_TRUE(mentions(text, "'num_key_value_heads'")) << text;
  EXPECT_EQ(model.id, "mine");
  EXPECT_EQ(model.provenance.source, "its card");
}

TEST(CatalogModel, FindsEntriesByRepositoryName) {
  Findings findings;
  const auto model =
      Catalog::built_in().model("meta-llama/Llama-3.1-8B-Instruct", Mark{}, findings);
  ASSERT_TRUE(model.has_value()) << to_text(findings.all());
  EXPECT_EQ(model->id, "llama-3.1-8b");
  EXPECT_FALSE(Catalog::built_in().model("llama-3.1-9b", Mark{}, findings).has_value());
  EXPECT_TRUE(mentions(to_text(findings.all()), "no model 'llama-3.1-9b'"));
  EXPECT_TRUE(mentions(to_text(findings.all()), "'llama-3.1-8b'"));
}

TEST(CatalogModel, AFolderIsReadWithTheQuantizationBesideItsConfig) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / "penstock_my-model";
  std::filesystem::create_directories(folder);
  // a byte order mark, tabs and an escaped character beyond 16 bits, as some writers leave them
  std::string text = kPlain;
  text.insert(1, "\n\t\"_name_or_path\": \"\\ud83d\\ude00\\/x\",");
  std::ofstream(folder / "config.json") << "\xef\xbb\xbf" << text;
  std::ofstream(folder / "hf_quant_config.json")
      << R"({"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "FP8",
             "exclude_modules": ["lm_head"]}})";
  Findings findings;
  const auto model = Catalog::built_in().model(folder.string(), Mark{}, findings);
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(model.has_value()) << to_text(findings.all());
  EXPECT_EQ(model->id, "penstock_my-model");
  EXPECT_EQ(model->weights.feed_forward, Dtype::kFp8);
  EXPECT_EQ(model->weights.embedding, Dtype::kBf16);
}

TEST(CatalogModel, AMissingFileIsAFinding) {
  Findings findings;
  EXPECT_FALSE(Catalog::built_in().model("nowhere/config.json", Mark{}, findings).has_value());
  EXPECT_TRUE(mentions(to_text(findings.all()), "nowhere/config.json: cannot be opened"));
}

}  // namespace
}  // namespace penstock::catalog
