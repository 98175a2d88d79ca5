// Goal: the trace commands work together as a user strings them: generate, convert, info, fit; bad
// input exits with 2, names the nearest choice, and leaves no file behind.
// Method: the built program in a shell, in a folder of its own, by exit code, output and files.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "penstock/base/error.h"
#include "penstock/base/node.h"
#include "penstock/workload/workload.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

class TraceCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* binary = std::getenv("PENSTOCK_BINARY");
    if (binary == nullptr) GTEST_SKIP() << "PENSTOCK_BINARY is not set; run by ctest";
    binary_ = binary;
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(::testing::TempDir()) / fmt::format("trace_{}_{}", test->name(), getpid());
    fs::create_directories(folder_);
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }

  [[nodiscard]] std::string content(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }

  /// Runs "penstock trace WORDS" inside the folder.
  [[nodiscard]] Ran trace(const std::string& words) const {
    const std::string line =
        fmt::format("cd '{}' && '{}' trace {} >.out 2>.err", folder_.string(), binary_, words);
    const int status = std::system(line.c_str());  // NOLINT: a test's own words
    return {WEXITSTATUS(status), content(".out"), content(".err")};
  }

  [[nodiscard]] nlohmann::json metrics(const std::string& words) const {
    const Ran info = trace("info " + words + " --json");
    EXPECT_EQ(info.code, 0) << info.err;
    nlohmann::json named;
    const nlohmann::json result = nlohmann::json::parse(info.out);
    for (const auto& m : result.at("metrics")) {
      named[m.at("name").get<std::string>()] = m.at("value");
    }
    return named;
  }

  /// Names in the folder that do not begin with a dot.
  [[nodiscard]] std::string files() const {
    std::string names;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      const std::string name = entry.path().filename();
      if (!name.starts_with('.')) names += name + ' ';
    }
    return names;
  }

  std::string binary_;
  fs::path folder_;
};

TEST_F(TraceCommands, GeneratedTracesSurviveEveryFormat) {
  const Ran made = trace("generate azure_conversation_2023 --requests 500 --seed 4 --out made.csv");
  ASSERT_EQ(made.code, 0) << made.err;
  const nlohmann::json before = metrics("made.csv");
  EXPECT_EQ(before.at("workload.requests"), 500);
  for (const std::string format : {"azure_csv", "mooncake_jsonl", "burstgpt_csv", "plain_csv"}) {
    const Ran there = trace(fmt::format("convert made.csv --to {0} --out {0}.trace", format));
    ASSERT_EQ(there.code, 0) << format << there.err;
    const nlohmann::json after = metrics(format + ".trace");
    for (const std::string name :
         {"workload.requests", "workload.input_tokens.mean", "workload.input_tokens.p99",
          "workload.output_tokens.mean", "workload.output_tokens.max", "workload.correlation"}) {
      EXPECT_EQ(after.at(name), before.at(name)) << format << ' ' << name;
    }
    // formats round arrivals to a second at the coarsest
    EXPECT_NEAR(after.at("workload.span").get<double>(), before.at("workload.span").get<double>(),
                1.0)
        << format;
  }
  // what a coarser format cannot hold is said
  EXPECT_NE(trace("convert made.csv --to mooncake_jsonl").err.find("keeps arrivals to 1 ms"),
            std::string::npos);
}

TEST_F(TraceCommands, EqualSeedsGiveEqualFiles) {
  const std::string ask = "generate azure_code_2023 --requests 200 --seed ";
  EXPECT_EQ(trace(ask + "7").out, trace(ask + "7").out);
  EXPECT_NE(trace(ask + "7").out, trace(ask + "8").out);
  const Ran file = trace(ask + "7 --out seven.csv");
  EXPECT_EQ(file.out, "");
  EXPECT_EQ(content("seven.csv"), trace(ask + "7").out);
}

TEST_F(TraceCommands, LoadAndDurationShapeTheTrace) {
  const double usual = metrics("azure_conversation_2023").at("workload.rate");
  const double doubled =
      metrics("azure_conversation_2023 --load-factor 2 --duration '58 min'").at("workload.rate");
  // twice the load passes the whole profile in the same time
  EXPECT_NEAR(doubled / usual, 2.0, 0.06);
  EXPECT_LE(metrics("azure_conversation_2023 --duration '2 min'").at("workload.span"), 120.0);
}

TEST_F(TraceCommands, InfoShowsHistograms) {
  write("small.csv", "arrival,input,output\n0,10,1\n1,12,2\n5,100,9\n");
  const Ran info = trace("info small.csv");
  EXPECT_EQ(info.code, 0) << info.err;
  for (const std::string part :
       {"3 requests", "Requests by input length", "8 to 15", "64 to 127", "Burstiness"}) {
    EXPECT_NE(info.out.find(part), std::string::npos) << part << " is missing in\n" << info.out;
  }
}

TEST_F(TraceCommands, FitGivesBackTheParametersOfAGeneratedTrace) {
  write("known.yaml",
        "summary: known\nsource: a test\ndate: 2026-01\n"
        "generator:\n"
        "  arrivals: {process: gamma_renewal, rate: 6 req/s, burstiness: 1.5}\n"
        "  lengths:\n"
        "    input: {distribution: lognormal, median_tokens: 600, sigma: 0.8}\n"
        "    output: {distribution: uniform, min_tokens: 50, max_tokens: 150}\n"
        "    correlation: 0.4\n");
  ASSERT_EQ(trace("generate known.yaml --duration '1 h' --out known.csv").code, 0);
  const Ran fit = trace("fit known.csv --name again");
  ASSERT_EQ(fit.code, 0) << fit.err;
  EXPECT_NE(fit.err.find("generated against recorded"), std::string::npos) << fit.err;
  auto source = std::make_shared<Source>();
  source->name = "fit";
  source->text = fit.out;
  Findings findings;
  const auto preset = read_config<workload::WorkloadPreset>(parse_yaml(source, findings), findings);
  ASSERT_TRUE(findings.empty()) << to_text(findings.all());
  EXPECT_EQ(preset.id, "again");
  EXPECT_NEAR(preset.generator.arrivals->mean_rate().value(), 6.0, 0.25);
  EXPECT_NEAR(preset.generator.lengths.correlation_ratio, 0.4, 0.03);
  // mean of a lognormal: median * exp(sigma^2 / 2)
  EXPECT_NEAR(preset.generator.lengths.input->mean().value(), 600.0 * std::exp(0.32), 20.0);
  EXPECT_NEAR(preset.generator.lengths.output->mean().value(), 100.0, 2.0);
  // and what was printed is a preset that generates
  write("again.yaml", fit.out);
  EXPECT_NEAR(metrics("again.yaml").at("workload.burstiness"), 1.5, 0.1);
}

TEST_F(TraceCommands, MistakesInFlagsExitWithTwoAndTheNearestChoice) {
  struct Case {
    std::string words;
    std::string part;
  };
  write("good.csv", "arrival,input,output\n0,10,1\n");
  const std::vector<Case> cases = {
      {"generate azure_code_2024 --requests 5", "'azure_code_2023'"},
      {"generate azure_code_2023 --format azure_cvs --out x.csv", "'azure_csv'"},
      {"generate azure_code_2023 --request 5 --out x.csv", "'--requests'"},
      {"generate azure_code_2023 --requests 0 --out x.csv", "between 1"},
      {"generate azure_code_2023 --duration 5 --out x.csv", "needs a unit of seconds"},
      {"generate azure_code_2023 --load-factor nan --out x.csv", "load_factor"},
      {"generate azure_code_2023 --load-factor 1e5 --out x.csv", "10,000,000"},
      {"generate good.csv --out x.csv", "no preset"},
      {"convert good.csv --out x.csv", "needs --to"},
      {"convert good.csv --to plain --out x.csv", "'plain_csv'"},
      {"convert good.csv --to plain_csv --from azure_csv --out x.csv", "TIMESTAMP"},
      {"convert missing.csv --to plain_csv --out x.csv", "missing.csv"},
      {"info azure_conversation", "'azure_conversation_2023'"},
      {"info good.csv --seed 3", "--seed"},
      {"info azure_code_2023 --from plain_csv", "--from"},
      {"fit good.csv --knots 1 --out x.csv", "--knots"},
      {"fit good.csv --name 'My Trace' --out x.csv", "my_trace"},
      {"infos good.csv", "info"}};
  for (const Case& c : cases) {
    const Ran run = trace(c.words);
    EXPECT_EQ(run.code, 2) << c.words << '\n' << run.err;
    EXPECT_EQ(run.out, "") << c.words;
    EXPECT_NE(run.err.find(c.part), std::string::npos) << c.words << '\n' << run.err;
  }
  EXPECT_EQ(files(), "good.csv ");
}

TEST_F(TraceCommands, EveryMistakeOfAFileIsToldAndNothingIsWritten) {
  write("bad.csv", "arrival,input,output\n0,10,1\n-1,10,1\n2,nan,1\n3,10\n4,10,2.5\n");
  for (const std::string words :
       {"convert bad.csv --to azure_csv --out x.csv", "info bad.csv", "fit bad.csv --out x.yaml"}) {
    const Ran run = trace(words);
    EXPECT_EQ(run.code, 2) << words;
    for (const std::string place : {"bad.csv:3:1", "bad.csv:4:3", "bad.csv:5:", "bad.csv:6:6"}) {
      EXPECT_NE(run.err.find(place), std::string::npos) << words << ' ' << place << '\n' << run.err;
    }
  }
  EXPECT_EQ(files(), "bad.csv ");
}

TEST_F(TraceCommands, AnOutputThatCannotBeWrittenIsSaid) {
  const Ran run = trace("generate azure_code_2023 --requests 5 --out missing/folder/x.csv");
  EXPECT_EQ(run.code, 74);
  EXPECT_NE(run.err.find("missing/folder/x.csv"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace penstock
