// Goal: a published config.json, read as it is, gives the architecture of our own entry. Method:
// the collected config files beside the repository (PENSTOCK_SHARED); skipped where they are not.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "penstock/catalog/catalog.h"

namespace penstock::catalog {
namespace {

namespace fs = std::filesystem;

fs::path shared_models() {
  const char* shared = std::getenv("PENSTOCK_SHARED");
  const char* source = std::getenv("PENSTOCK_SOURCE_DIR");
  const fs::path root = shared != nullptr
                            ? fs::path(shared)
                            : fs::path(source != nullptr ? source : ".") / "../shared";
  return root / "catalog_facts/models";
}

struct Pair {
  const char* file;
  const char* id;
};

// file of the collection, id of the catalog; a list because files are named by their repository
const std::vector<Pair>& pairs() {
  static const std::vector<Pair> all = {
      {"DeepSeek-R1", "deepseek-r1"},
      {"DeepSeek-V3", "deepseek-v3"},
      {"DeepSeek-V3.2", "deepseek-v3.2"},
      {"DeepSeek-V4-Flash", "deepseek-v4-flash"},
      {"DeepSeek-V4-Pro", "deepseek-v4-pro"},
      {"GLM-5", "glm-5"},
      {"GLM-5.1", "glm-5.1"},
      {"Kimi-K2-Instruct", "kimi-k2"},
      {"Kimi-K2.5", "kimi-k2.5"},
      {"Llama-4-Maverick-17B-128E-Instruct", "llama-4-maverick"},
      {"Llama-4-Scout-17B-16E-Instruct", "llama-4-scout"},
      {"Meta-Llama-3.1-405B", "llama-3.1-405b"},
      {"Meta-Llama-3.1-70B", "llama-3.1-70b"},
      {"Meta-Llama-3.1-8B", "llama-3.1-8b"},
      {"MiMo-V2-Flash", "mimo-v2-flash"},
      {"MiniMax-M2.5", "minimax-m2.5"},
      {"Mixtral-8x22B-v0.1", "mixtral-8x22b"},
      {"Mixtral-8x7B-v0.1", "mixtral-8x7b"},
      {"NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "nemotron-3-nano"},
      {"NVIDIA-Nemotron-3-Super-120B-A12B-FP8", "nemotron-3-super"},
      {"NVIDIA-Nemotron-3-Ultra-550B-A55B-BF16", "nemotron-3-ultra"},
      {"Nemotron-H-56B-Base-8K", "nemotron-h-56b"},
      {"Qwen3-0.6B", "qwen3-0.6b"},
      {"Qwen3-235B-A22B", "qwen3-235b-a22b"},
      {"Qwen3-30B-A3B", "qwen3-30b-a3b"},
      {"Qwen3-32B", "qwen3-32b"},
      {"Qwen3-8B", "qwen3-8b"},
      {"Qwen3-Coder-480B-A35B-Instruct", "qwen3-coder-480b-a35b"},
      {"Qwen3.5-122B-A10B", "qwen3.5-122b-a10b"},
      {"Qwen3.5-27B", "qwen3.5-27b"},
      {"Qwen3.5-397B-A17B", "qwen3.5-397b-a17b"},
      {"Step-3.7-Flash", "step-3.7-flash"},
      {"gemma-4-26B-A4B", "gemma-4-26b-a4b"},
      {"gpt-oss-120b", "gpt-oss-120b"},
      {"gpt-oss-20b", "gpt-oss-20b"},
  };
  return all;
}

void expect_same(const Model& config, const Model& entry) {
  EXPECT_EQ(config.architecture, entry.architecture);
  EXPECT_EQ(config.hidden_size, entry.hidden_size);
  EXPECT_EQ(config.vocab_size, entry.vocab_size);
  EXPECT_EQ(config.max_position, entry.max_position);
  EXPECT_EQ(config.tied_embeddings, entry.tied_embeddings);
  EXPECT_EQ(config.residual_streams, entry.residual_streams);
  EXPECT_EQ(config.post_norms, entry.post_norms);
  EXPECT_EQ(config.mtp_layer_count, entry.mtp_layer_count);
  EXPECT_TRUE(config.layers == entry.layers);
  EXPECT_TRUE(config.mtp_layer == entry.mtp_layer);
  EXPECT_TRUE(config.weights == entry.weights);
  EXPECT_EQ(parameter_count(config), parameter_count(entry));
}

class PublishedConfigs : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::is_directory(shared_models())) {
      GTEST_SKIP() << "no collected configs at " << shared_models();
    }
  }
};

TEST_F(PublishedConfigs, GiveTheArchitectureOfOurEntries) {
  const Catalog catalog = Catalog::built_in();
  for (const Pair& pair : pairs()) {
    SCOPED_TRACE(pair.file);
    Findings findings;
    const std::string file = (shared_models() / pair.file).string() + ".json";
    const auto config = catalog.model(file, Mark{}, findings);
    const auto entry = catalog.model(pair.id, Mark{}, findings);
    ASSERT_TRUE(config && entry) << to_text(findings.all());
    expect_same(*config, *entry);
    // all that is left out is what the language model does not consist of
    for (const std::string& key : config->not_understood) EXPECT_EQ(key, "vision_config");
  }
}

TEST_F(PublishedConfigs, AllHaveAnEntry) {
  for (const auto& file : fs::directory_iterator(shared_models())) {
    if (file.path().extension() != ".json") continue;
    const std::string stem = file.path().stem().string();
    const bool listed = std::any_of(pairs().begin(), pairs().end(),
                                    [&](const Pair& pair) { return stem == pair.file; });
    EXPECT_TRUE(listed) << stem;
  }
}

}  // namespace
}  // namespace penstock::catalog
