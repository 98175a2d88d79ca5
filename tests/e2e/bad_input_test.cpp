// Goal: bad scenarios, catalogs, configs, traces and flags are answered with every mistake, its
// place and the nearest choice, exit code 2 and no file written; infeasible plans with the
// arithmetic and exit code 3. Method: the built program on small bad files.
#include "tests/e2e/program_test_support.h"

namespace penstock {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kGood =
    "workload:\n"
    "  arrivals: {process: poisson, rate: 2 req/s}\n"
    "  requests: 20\n"
    "  lengths:\n"
    "    input: {distribution: fixed, tokens: 500}\n"
    "    output: {distribution: fixed, tokens: 20}\n"
    "serving:\n"
    "  model: llama-3.1-8b\n"
    "  accelerator: h100_sxm\n";

class BadInput : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (!IsSkipped()) write("good.yaml", kGood);
  }

  /// Runs a scenario text that holds mistakes; returns what was said about them.
  [[nodiscard]] std::string mistakes(std::string_view text) const {
    write("bad.yaml", text);
    return mistakes_of("run bad.yaml --out out");
  }
  [[nodiscard]] std::string mistakes_of(std::string_view words) const {
    const ProgramRun run = penstock(words);
    EXPECT_EQ(run.code, 2) << words << "\n" << run.out << run.err;
    EXPECT_EQ(run.out, "") << words;
    EXPECT_FALSE(exists("out")) << "nothing may be written on a mistake";
    return run.err;
  }
  [[nodiscard]] std::string set(std::string_view assignment) const {
    return mistakes_of(fmt::format("run good.yaml --out out --set '{}'", assignment));
  }
};

TEST_F(BadInput, EveryMistakeOfAScenarioInOneRun) {
  const std::string text = mistakes(
      "wrokload:\n"
      "  requests: 20\n"
      "workload:\n"
      "  arrivals: {process: poison, rate: 2}\n"
      "  requests: -5\n"
      "  load_factor: nan\n"
      "  lengths:\n"
      "    input: {distribution: fixed, tokens: 1.5}\n"
      "    output: {distribution: fixed}\n"
      "serving:\n"
      "  model: lama-3.1-8b\n"
      "  accelerator: h100_smx\n"
      "  router: roundrobin\n"
      "  replicas: 0\n"
      "  request_timeout: 1 year\n"
      "  slo: {ttft: 2 GB}\n"
      "engine_options: {max_num_seq: 4, policy: fcsf, watermark: 90%}\n");
  for (const char* part :
       {"bad.yaml:1:1: unknown key 'wrokload'; did you mean 'workload'?", "bad.yaml:4:23:",
        "poisson", "bad.yaml:5:13: 'requests' must be between 1", "bad.yaml:6:16: 'load_factor'",
        "bad.yaml:8:42: 'tokens' must be a whole number", "bad.yaml:9:13: missing key 'tokens'",
        "bad.yaml:11:10: no model 'lama-3.1-8b' in the catalog; nearest: 'llama-3.1-8b'",
        "bad.yaml:12:16: no accelerator 'h100_smx' in the catalog", "'h100_sxm'",
        "bad.yaml:13:11: no router 'roundrobin'; did you mean 'round_robin'?",
        "bad.yaml:14:13: 'replicas' must be between 1", "bad.yaml:15:20: 'request_timeout'",
        "bad.yaml:16:15: 'ttft' needs a unit of seconds",
        "bad.yaml:17:18: unknown key 'max_num_seq'; did you mean 'max_num_seqs'?",
        "bad.yaml:17:42: 'policy' must be one of fcfs, priority",
        "bad.yaml:17:59: 'watermark' must be between 0 and 0.5"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST_F(BadInput, BrokenTextIsNamedWithItsPlace) {
  EXPECT_THAT(mistakes(""), HasSubstr("bad.yaml: is not a scenario"));
  EXPECT_THAT(mistakes(kGood.substr(0, 150)), HasSubstr("bad.yaml:6:1: not readable as YAML"));
  EXPECT_THAT(mistakes(std::string(kGood) + "name: \"cut\n"), HasSubstr("never closed"));
  EXPECT_THAT(mistakes(std::string(kGood) + "serving: {}\n"),
              HasSubstr("bad.yaml:10:1: duplicate key 'serving'; first at line 7"));
  EXPECT_THAT(mistakes(std::string("a\0b\n", 4)), HasSubstr("bad.yaml:1:1: holds a zero byte"));
  EXPECT_THAT(mistakes("\xFF\xFE\x61\x0A"), HasSubstr("bad.yaml"));
  EXPECT_THAT(mistakes(std::string(5000, '[')), HasSubstr("bad.yaml:1:"));
  EXPECT_THAT(mistakes("- 1\n"), HasSubstr("is not a scenario"));
  EXPECT_THAT(mistakes_of("run nowhere.yaml --out out"),
              HasSubstr("nowhere.yaml: cannot be opened"));
  EXPECT_THAT(mistakes_of("run . --out out"), HasSubstr("it is a folder"));
}

TEST_F(BadInput, NumbersAreNeverGuessed) {
  for (const char* assignment : {"seed=-1",
                                 "seed=99999999999999999999",
                                 "seed=1.5",
                                 "serving.replicas=nan",
                                 "serving.replicas=100001",
                                 "workload.load_factor=0",
                                 "workload.load_factor=inf",
                                 "workload.arrivals.rate=5",
                                 "workload.arrivals.rate=-1 req/s",
                                 "workload.arrivals.rate=inf req/s",
                                 "workload.arrivals.rate=1e99 req/s",
                                 "workload.requests=1e3",
                                 "workload.requests=99999999999999",
                                 "workload.lengths.input.tokens=0",
                                 "serving.request_timeout=5",
                                 "serving.accelerator_price=-$1/h",
                                 "serving.accelerator_price=5",
                                 "engine_options.page_tokens=0",
                                 "engine_options.step_overhead=11 s",
                                 "engine_options.memory_utilization=110%",
                                 "engine_options.reserved_memory=-1 GB",
                                 "serving.tensor_parallel=0",
                                 "serving.pipeline_parallel=999",
                                 "bands=yes"}) {
    EXPECT_THAT(set(assignment), HasSubstr("--set")) << assignment;
  }
  EXPECT_THAT(set("serving.tensor_parallel=3"), HasSubstr("do not divide by tensor_parallel 3"));
  EXPECT_THAT(set("serving.attention_data_parallel=3"),
              HasSubstr("attention_data_parallel 3 does not divide tensor_parallel 1"));
  EXPECT_THAT(set("serving.expert_parallel=8"),
              HasSubstr("expert_parallel 8 does not divide tensor_parallel 1"));
  EXPECT_THAT(set("serving.expert_exchange=telepathy"), HasSubstr("all_to_all"));
  EXPECT_THAT(set("serving.speculation.draft_tokens=17"), HasSubstr("draft_tokens"));
  EXPECT_THAT(set("serving.speculation={draft_tokens: 2, acceptance: 120%}"),
              HasSubstr("acceptance"));
  EXPECT_THAT(set("serving.speculation={draft_tokens: 15, acceptance: 0.5}"),
              HasSubstr("of 16 tokens each exceeds max_num_batched_tokens"));
  EXPECT_THAT(set("serving.pipeline_parallel=200"), HasSubstr("cannot fill 200 pipeline stages"));
  EXPECT_THAT(set("engine_options.max_num_seqs=5000"), HasSubstr("exceeds max_num_batched_tokens"));
  EXPECT_THAT(set("serving.slo.ttft.x=2 s"), HasSubstr("--set"));
  EXPECT_THAT(set("nonsense"), HasSubstr("needs KEY=VALUE"));
}

TEST_F(BadInput, LineEndsAndByteOrderMarkDoNotMatter) {
  std::string crlf;
  for (const char c : kGood) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  write("crlf.yaml", crlf);
  write("bom.yaml", "\xEF\xBB\xBF" + std::string(kGood));
  const auto metrics = [&](std::string_view file) {
    return shell(fmt::format("\"$P\" run {} --json --set name=x | grep -v version", file)).out;
  };
  const std::string plain = metrics("good.yaml");
  EXPECT_THAT(plain, HasSubstr("serving.ttft.p99"));
  EXPECT_EQ(metrics("crlf.yaml"), plain);
  EXPECT_EQ(metrics("bom.yaml"), plain);
}

TEST_F(BadInput, AbsurdRequestsAreRejectedNotSimulated) {
  const ProgramRun run = penstock("run good.yaml --set workload.lengths.input.tokens=1000000000");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("longer than the model"));
  EXPECT_THAT(mistakes_of("run good.yaml --out out --set 'engine_options.step_overhead=10 s' "
                          "--set engine_options.max_num_seqs=1 "
                          "--set workload.lengths.output.tokens=100000 --set workload.requests=99"),
              HasSubstr("106 days of the simulated clock"));
}

TEST_F(BadInput, InfeasiblePlansAreAnswersWithTheArithmetic) {
  const ProgramRun weights = penstock(
      "run good.yaml --set serving.model=llama-3.1-405b --set serving.accelerator=a100_sxm_80");
  EXPECT_EQ(weights.code, 3);
  EXPECT_EQ(weights.err, "");
  for (const char* part : {"Infeasible", "llama-3.1-405b", "85.9 GB x 0.90", "weights", "usable"}) {
    EXPECT_THAT(weights.out, HasSubstr(part));
  }
  const ProgramRun cache =
      penstock("run good.yaml --out out --set 'engine_options.reserved_memory=61 GB'");
  EXPECT_EQ(cache.code, 3) << cache.out << cache.err;
  EXPECT_THAT(cache.out, HasSubstr("61 GB"));
  EXPECT_TRUE(exists("out/result.json")) << "an infeasible plan is an answer like another";
  EXPECT_EQ(shell("python3 -c 'import json; json.load(open(\"out/result.json\"))'").code, 0);
}

TEST_F(BadInput, EveryMistakeOfATraceWithItsLine) {
  write("t.csv",
        "arrival,input,output\n0,10,5\n-1,10,5\n2,0,5\n3,ten,5\n4,nan,5\n5,10\n6,10,5,7\n");
  const std::string text = mistakes_of("run good.yaml --out out --trace-file t.csv");
  for (const char* part :
       {"t.csv:3:", "t.csv:4:", "t.csv:5:", "t.csv:6:", "t.csv:7:", "t.csv:8:"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, Not(HasSubstr("t.csv:2:")));
  write("odd.csv", "when,how,much\n1,2,3\n");
  EXPECT_THAT(mistakes_of("run good.yaml --out out --trace-file odd.csv"), HasSubstr("odd.csv"));
  write("none.csv", "");
  EXPECT_THAT(mistakes_of("run good.yaml --out out --trace-file none.csv"), HasSubstr("none.csv"));
  EXPECT_THAT(mistakes_of("run good.yaml --out out --trace-file gone.csv"), HasSubstr("gone.csv"));
  EXPECT_THAT(mistakes_of("run good.yaml --out out --trace-file t.csv --trace-format azur_csv"),
              HasSubstr("azure_csv"));
}

TEST_F(BadInput, UnsortedTracesAreSortedAndHugeRequestsRejected) {
  write("t.csv",
        "\xEF\xBB\xBF"
        "arrival,input,output\r\n5,100,5\r\n1,1000000000,5\r\n3,100,5\r\n");
  const ProgramRun run = penstock("run good.yaml --trace-file t.csv");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("3 arrived"));
  EXPECT_THAT(run.out, HasSubstr("longer than the model"));
  EXPECT_THAT(run.out, HasSubstr("sort")) << "the reader says what it mended";
}

TEST_F(BadInput, ConfigsOfModels) {
  write("config.json",
        "{\"model_type\": \"llama\", \"architectures\": [\"LlamaForCausalLM\"],\n"
        " \"hidden_size\": -4096, \"num_hidden_layers\": \"x\",\n"
        " \"num_attention_heads\": 32, \"vocab_sise\": 5}\n");
  const std::string text = set("serving.model=config.json");
  EXPECT_THAT(text, HasSubstr("config.json:2:17: 'hidden_size' must be between"));
  EXPECT_THAT(text, HasSubstr("config.json:2:45: 'num_hidden_layers'"));
  EXPECT_THAT(text, HasSubstr("missing key 'vocab_size'; is it 'vocab_sise'?"));
  write("config.json", "{\"hidden_size\": 1");
  EXPECT_THAT(set("serving.model=config.json"), HasSubstr("config.json:1:"));
  EXPECT_THAT(set("serving.model=./none.json"), HasSubstr("none.json: cannot be opened"));
}

TEST_F(BadInput, OwnCatalogs) {
  write("own/accelerators/mine.yaml",
        "id: mine\nsummary: x\nsource: y\nmemory_capactiy: {value: \"80\"}\nmemory_capactiy: 1\n");
  const std::string run =
      mistakes_of("run good.yaml --out out --catalog own --set serving.accelerator=mine");
  EXPECT_THAT(run, HasSubstr("own/accelerators/mine.yaml:5:1: duplicate key"));
  write("own/accelerators/mine.yaml", "id: mine\nsummary: x\nsource: y\nmemory_capactiy: 80 GB\n");
  EXPECT_THAT(mistakes_of("catalog check own"),
              HasSubstr("own/accelerators/mine.yaml:4:1: unknown key 'memory_capactiy'; did you "
                        "mean 'memory_capacity'?"));
  EXPECT_THAT(mistakes_of("run good.yaml --out out --catalog nowhere"), HasSubstr("nowhere"));
}

TEST_F(BadInput, EveryWrongFlagInOneRun) {
  const std::string text =
      mistakes_of("run good.yaml extra --thread 3 --explain-slowest ten --width 9x --out");
  for (const char* part : {"extra: is one argument too many",
                           "--thread: is no option of 'penstock run'; did you mean '--threads'?",
                           "--explain-slowest: must be a whole number; got \"ten\"",
                           "--width: must be a whole number", "--out: needs a value: --out DIR"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(mistakes_of("rnu good.yaml"), HasSubstr("did you mean 'run'?"));
  EXPECT_THAT(mistakes_of("catalog lst"), HasSubstr("'catalog list'"));
  EXPECT_THAT(mistakes_of("run -out x"), HasSubstr("'--out'"));
  EXPECT_THAT(mistakes_of("run good.yaml --threads 5000 --width 3"),
              HasSubstr("--width: must be between 40"));
  EXPECT_THAT(mistakes_of("catalog list acelerators"), HasSubstr("did you mean 'accelerators'?"));
  EXPECT_THAT(mistakes_of("explain serving.tttf"), HasSubstr("'serving.ttft'"));
  const std::string slo =
      mistakes_of("estimate capacity good.yaml --slo 'ttft.p99<2,tpto.p99<50ms'");
  EXPECT_THAT(slo, HasSubstr("serving.ttft needs a unit of seconds"));
  EXPECT_THAT(slo, HasSubstr("no metric 'serving.tpto.p99'; nearest: 'serving.tpot'"));
}

TEST_F(BadInput, AnOutputThatCannotBeWrittenIsItsOwnExitCode) {
  write("file", "x");
  const ProgramRun run = penstock("run good.yaml --out file");
  EXPECT_EQ(run.code, 74);
  EXPECT_THAT(run.err, HasSubstr("file"));
  EXPECT_EQ(shell("\"$P\" man > /dev/full").code, 74);
}

}  // namespace
}  // namespace penstock
