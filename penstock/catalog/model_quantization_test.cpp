// Goal: every style of quantization_config says which part of the weights is in which format.
// Method: the blocks as published repositories have them, in a plain mixture of experts.

#include "penstock/catalog/model_quantization.h"

#include <gtest/gtest.h>

#include <array>

namespace penstock::catalog {
namespace {

struct Case {
  const char* name;
  const char* keys;
  WeightDtypes expected;
};

constexpr Dtype kB = Dtype::kBf16;

constexpr auto kCases = std::to_array<Case>({
    {"none", R"("torch_dtype": "float16")", {kB, kB, kB, kB}},
    {"fp32", R"("dtype": "float32")", {Dtype::kFp32, Dtype::kFp32, Dtype::kFp32, Dtype::kFp32}},
    {"deepseek v3",
     R"("quantization_config": {"quant_method": "fp8", "fmt": "e4m3"})",
     {Dtype::kFp8, Dtype::kFp8, Dtype::kFp8, kB}},
    {"deepseek v4",
     R"("expert_dtype": "fp4", "quantization_config": {"quant_method": "fp8"})",
     {Dtype::kFp8, Dtype::kFp8, Dtype::kMxfp4, kB}},
    {"minimax",
     R"("quantization_config": {"quant_method": "fp8",
        "modules_to_not_convert": ["gate", "e_score_correction_bias", "lm_head"]})",
     {Dtype::kFp8, Dtype::kFp8, Dtype::kFp8, kB}},
    {"gpt-oss",
     R"("quantization_config": {"quant_method": "mxfp4", "modules_to_not_convert":
        ["model.layers.*.self_attn", "model.layers.*.mlp.router", "lm_head"]})",
     {kB, kB, Dtype::kMxfp4, kB}},
    {"kimi k2.5",
     R"("quantization_config": {"quant_method": "compressed-tensors",
        "format": "pack-quantized", "config_groups": {"group_0": {"weights":
        {"num_bits": 4, "type": "int", "group_size": 32}}}, "ignore": ["lm_head",
        "re:.*self_attn.*", "re:.*shared_experts.*", "re:.*mlp.(gate|up|gate_up|down)_proj.*"]})",
     {kB, kB, Dtype::kInt4, kB}},
    {"compressed fp8",
     R"("quantization_config": {"quant_method": "compressed-tensors",
        "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "float"}}},
        "ignore": ["lm_head"]})",
     {Dtype::kFp8, Dtype::kFp8, Dtype::kFp8, kB}},
    {"compressed int8",
     R"("quantization_config": {"quant_method": "compressed-tensors",
        "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "int"}}}})",
     {Dtype::kInt8, Dtype::kInt8, Dtype::kInt8, kB}},
    {"compressed nvfp4",
     R"("quantization_config": {"quant_method": "compressed-tensors",
        "format": "nvfp4-pack-quantized", "config_groups": {"group_0": {"weights":
        {"num_bits": 4, "type": "float", "group_size": 16}}}})",
     {Dtype::kNvfp4, Dtype::kNvfp4, Dtype::kNvfp4, kB}},
    {"awq",
     R"("quantization_config": {"quant_method": "awq", "bits": 4})",
     {Dtype::kInt4, Dtype::kInt4, Dtype::kInt4, kB}},
    {"gptq 8",
     R"("quantization_config": {"quant_method": "gptq", "bits": 8})",
     {Dtype::kInt8, Dtype::kInt8, Dtype::kInt8, kB}},
    {"bitsandbytes",
     R"("quantization_config": {"quant_method": "bitsandbytes",
        "load_in_8bit": true})",
     {Dtype::kInt8, Dtype::kInt8, Dtype::kInt8, kB}},
    {"modelopt",
     R"("quantization_config": {"quant_method": "modelopt", "quant_algo": "NVFP4",
        "ignore": ["model.layers.0.self_attn*", "model.layers.1.self_attn*", "lm_head"]})",
     {kB, Dtype::kNvfp4, Dtype::kNvfp4, kB}},
    {"one layer kept",
     R"("quantization_config": {"quant_method": "fp8",
        "modules_to_not_convert": ["model.layers.61.self_attn"]})",
     {Dtype::kFp8, Dtype::kFp8, Dtype::kFp8, kB}},
    {"quark",
     R"("quantization_config": {"quant_method": "quark", "global_quant_config":
        {"weight": {"dtype": "fp4"}}, "exclude": ["*self_attn*"]})",
     {kB, Dtype::kMxfp4, Dtype::kMxfp4, kB}},
});

Model read(const std::string& keys, Findings& findings) {
  auto source = std::make_shared<Source>();
  source->name = "config.json";
  source->text = "{" + keys + R"(, "hidden_size": 64, "intermediate_size": 100,
    "num_hidden_layers": 4, "num_attention_heads": 8, "vocab_size": 1000,
    "max_position_embeddings": 4096, "num_experts": 8, "num_experts_per_tok": 2})";
  return read_model_config(parse_yaml(source, findings), findings);
}

TEST(Quantization, EveryStyle) {
  for (const Case& c : kCases) {
    Findings findings;
    const WeightDtypes weights = read(c.keys, findings).weights;
    EXPECT_TRUE(findings.empty()) << c.name << ": " << to_text(findings.all());
    EXPECT_EQ(enum_name(weights.attention), enum_name(c.expected.attention)) << c.name;
    EXPECT_EQ(enum_name(weights.feed_forward), enum_name(c.expected.feed_forward)) << c.name;
    EXPECT_EQ(enum_name(weights.experts), enum_name(c.expected.experts)) << c.name;
    EXPECT_EQ(enum_name(weights.embedding), enum_name(c.expected.embedding)) << c.name;
  }
}

TEST(Quantization, UnknownStylesAreNamed) {
  Findings findings;
  const Model model = read(R"("torch_dtype": "posit16", "quantization_config":
    {"quant_method": "magic"})",
                           findings);
  EXPECT_TRUE(findings.empty());
  const std::vector<std::string> expected = {"torch_dtype (posit16)",
                                             "quantization_config (quant_method 'magic')"};
  EXPECT_EQ(model.not_understood, expected);
  EXPECT_EQ(model.weights.experts, Dtype::kBf16);
}

TEST(Quantization, MustBeAGroup) {
  Findings findings;
  static_cast<void>(read(R"("quantization_config": "fp8")", findings));
  EXPECT_EQ(findings.size(), 1U);
}

}  // namespace
}  // namespace penstock::catalog
