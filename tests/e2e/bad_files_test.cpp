// Goal: each kind of bad input (negative, not a number, huge, empty, cut off, wrong unit, key
// twice, unknown key, line ends and byte order marks) is answered in catalogs, model configs,
// traces and flags as bad_input_test shows for scenarios.
// Method: one good text of each, broken in one place, with the message it must give.
#include <utility>
#include <vector>

#include "tests/e2e/program_test_support.h"

namespace penstock {
namespace {

using testing::HasSubstr;

constexpr std::string_view kScenario =
    "workload:\n  arrivals: {process: poisson, rate: 2 req/s}\n  requests: 5\n  lengths:\n"
    "    input: {distribution: fixed, tokens: 50}\n"
    "    output: {distribution: fixed, tokens: 5}\n"
    "serving: {model: llama-3.1-8b, accelerator: h100_sxm}\n";

constexpr std::string_view kEntry =
    "id: mine\nsummary: x\nsource: y\ndate: 2026-03\nconfidence: low\nvendor: v\n"
    "architecture: hopper\npeak: {bf16: 500 TFLOP/s}\nmemory_capacity: 96 GB\n"
    "memory_bandwidth: 4 TB/s\n";

constexpr std::string_view kConfig =
    "{\"model_type\": \"llama\", \"architectures\": [\"LlamaForCausalLM\"],\n"
    " \"hidden_size\": 4096, \"num_hidden_layers\": 32, \"num_attention_heads\": 32,\n"
    " \"num_key_value_heads\": 8, \"intermediate_size\": 14336, \"vocab_size\": 128256,\n"
    " \"max_position_embeddings\": 8192}\n";

/// What is replaced in the good text, by what, and what must be said then.
struct Break {
  std::string_view good, bad, message;
};

std::string broken(std::string_view text, const Break& b) {
  std::string out(text);
  const size_t at = out.find(b.good);
  EXPECT_NE(at, std::string::npos) << b.good;
  return out.replace(at, b.good.size(), b.bad);
}

std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? "\r\n" : std::string(1, c);
  return "\xEF\xBB\xBF" + out;
}

class BadFiles : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (!IsSkipped()) write("s.yaml", kScenario);
  }
  void expect_mistake(std::string_view words, std::string_view message) const {
    const ProgramRun run = penstock(words);
    EXPECT_EQ(run.code, 2) << words << "\n" << run.out << run.err;
    EXPECT_THAT(run.err, HasSubstr(message)) << words;
  }
  void expect_good(std::string_view words) const {
    const ProgramRun run = penstock(words);
    EXPECT_EQ(run.code, 0) << words << "\n" << run.err;
  }
};

TEST_F(BadFiles, Catalogs) {
  const std::string file = "own/accelerators/mine.yaml";
  for (const Break& b : std::vector<Break>{
           {"96 GB", "-96 GB", ":9:18: 'memory_capacity' must be more than 0"},
           {"96 GB", "nan GB", ":9:18: 'memory_capacity' \"nan GB\" is not a number with a unit"},
           {"96 GB", "1e300 GB", ":9:18: 'memory_capacity' \"1e300 GB\" is larger than any"},
           {"96 GB", "\"\"", ":9:18: 'memory_capacity' \"\" is not a number with a unit"},
           {"96 GB", "96 s", ":9:18: 'memory_capacity' needs a unit of bytes"},
           {"vendor: v", "vendor: v\nvendor: w", ":7:1: duplicate key 'vendor'; first at line 6"},
           {"vendor: v", "vendro: v", ":6:1: unknown key 'vendro'; did you mean 'vendor'?"},
           {"acity: 96 GB\nmemory_bandwidth: 4 TB/s\n", "", ":9:1: unknown key 'memory_cap'"},
           {kEntry, "", ": an entry is a group of keys"}}) {
    write(file, broken(kEntry, b));
    expect_mistake("catalog check own", file + std::string(b.message));
  }
  for (const std::string& good : {std::string(kEntry), with_crlf(kEntry)}) {
    write(file, good);
    expect_good("catalog check own");
  }
}

TEST_F(BadFiles, ModelConfigs) {
  const std::string use = "run s.yaml --quiet --set serving.model=./config.json";
  for (const Break& b : std::vector<Break>{
           {"4096", "-1", ":2:17: 'hidden_size' must be between 1"},
           {"4096", "NaN", ":2:17: 'hidden_size' must be a whole number; got \"NaN\""},
           {"4096", "99999999999999999999", ":2:17: 'hidden_size' must be a whole number"},
           {"4096", "\"4096 B\"", ":2:17: 'hidden_size' must be a whole number"},
           {"4096,", "4096, \"hidden_size\": 4096,", ":2:23: duplicate key 'hidden_size'"},
           {"vocab_size", "vocab_sise", ":1:1: missing key 'vocab_size'; is it 'vocab_sise'?"},
           {"8192}\n", "8192", ":1:1: a key must be a plain word, or a bracket is left open"},
           {kConfig, "", ": a model config is a group of keys; got"}}) {
    write("config.json", broken(kConfig, b));
    expect_mistake(use, "config.json" + std::string(b.message));
  }
  for (const std::string& good : {std::string(kConfig), with_crlf(kConfig)}) {
    write("config.json", good);
    expect_good(use);
  }
}

TEST_F(BadFiles, Traces) {
  struct Format {
    std::string file, good;
    std::vector<Break> breaks;
  };
  const std::vector<Format> formats = {
      {"plain.csv",
       "arrival,input,output\n0,5,3\n2,6,4\n",
       {{"2,6,4", "2,-6,4", ":3:3: 'input' must not be negative"},
        {"2,6,4", "nan,6,4", ":3:1: 'arrival' must be a number"},
        {"2,6,4", "2,6,99999999999999999999", ":3:5: 'output' must be at most"},
        {"2,6,4", "2,,4", ":3:3: 'input' is empty"},
        {"2,6,4", "2,6 GB,4", ":3:3: 'input' must be a number of tokens"},
        {"2,6,4\n", "2,6", ":3:"},
        {"output", "output,input", ":1:22: column 'input' stands twice"},
        {"output", "output,colour", ":1:22: unknown column \"colour\""},
        {"0,5,3\n2,6,4\n", "", ": holds a first line but no requests"}}},
      {"azure.csv",
       "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.68,5,3\n"
       "2023-11-16 18:15:47.68,6,4\n",
       {{",6,4", ",-6,4", ":3:24: 'ContextTokens' must not be negative"},
        {",6,4", ",nan,4", ":3:24: 'ContextTokens'"},
        {":47", ":77", ":3:1: 'TIMESTAMP' must be a date and time"},
        {"2023-11-16 18:15:47.68,6,4\n", "2023-11-16 18", ":3:"}}},
      {"burst.csv",
       "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
       "5,ChatGPT,5,3,8,API log\n6,GPT-4,5,3,8,API log\n",
       {{"6,GPT", "-6,GPT", ":3:1: 'Timestamp' must not be negative"},
        {"6,GPT", "nan,GPT", ":3:1: 'Timestamp' must be a number"},
        {"6,GPT", "1e30,GPT", ":3:1: 'Timestamp' is too large"},
        {"6,GPT-4,5,3,8,API log\n", "6,GPT-4,5", ":3:"}}},
      {"mooncake.jsonl",
       "{\"timestamp\": 0, \"input_length\": 5, \"output_length\": 3, \"hash_ids\": [1]}\n"
       "{\"timestamp\": 9, \"input_length\": 6, \"output_length\": 4, \"hash_ids\": [1]}\n",
       {{"p\": 9", "p\": -9", ":2:15: 'timestamp' must be milliseconds, at least 0"},
        {"p\": 9", "p\": NaN", ":2:1: is no JSON object"},
        {"p\": 9", "p\": 9, \"timestamp\": 9", ": key 'timestamp' stands twice"},
        {"h\": 6", "h\": 1e30", ":2:"},
        {"h\": 6, \"output_length\": 4, \"hash_ids\": [1]}\n", "h",
         ":2:1: the last line is cut off"}}},
  };
  for (const Format& format : formats) {
    const std::string use = "run s.yaml --quiet --trace-file " + format.file;
    for (const Break& b : format.breaks) {
      write(format.file, broken(format.good, b));
      const size_t place = b.message.starts_with(": key") ? 2 : 0;
      expect_mistake(use, (place == 0 ? format.file : "") + std::string(b.message.substr(place)));
    }
    for (const std::string& good : {format.good, with_crlf(format.good)}) {
      write(format.file, good);
      expect_good(use);
    }
    write(format.file, "");
    expect_mistake(use, format.file);
  }
}

TEST_F(BadFiles, Flags) {
  for (const auto& [words, message] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"run s.yaml --threads -1", "--threads: must be between 0 and 1024; got -1"},
           {"run s.yaml --threads nan", "--threads: must be a whole number; got \"nan\""},
           {"run s.yaml --threads ''", "--threads: must be a whole number; got \"\""},
           {"run s.yaml --threads 1 --threads 2", "--threads: is given twice"},
           {"run s.yaml --width 100cm", "--width: must be a whole number"},
           {"run s.yaml --explain-slowest 99999999999", "--explain-slowest: must be between 1"},
           {"run s.yaml --quite", "--quite: is no option of 'penstock run'; did you mean"},
           {"run s.yaml --trace-file ''", "--trace-file: needs the path of a file"},
           {"sweep s.yaml --over ''", "--over: \"\" is not KEY=V1,V2,..."},
           {"sweep s.yaml --over seed=1,2 --over seed=3", "--over: seed is given twice"},
           {"sweep s.yaml --over serving.replicas=1,-2", "'replicas' must be between 1"},
           {"estimate capacity s.yaml --slo ''", "--slo: \"\" is not METRIC<LIMIT"},
           {"estimate capacity s.yaml --slo 'ttft.p99<nan s'", "\"nan s\" is not a number"},
           {"estimate capacity s.yaml --slo 'ttft.p99<2 GB'", "needs a unit of seconds"},
           {"estimate capacity s.yaml --slo 'step.mfu>1'", "no metric"}}) {
    expect_mistake(words, message);
  }
}

}  // namespace
}  // namespace penstock
