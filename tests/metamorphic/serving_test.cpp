// Goal: changes of a scenario whose effect is known change the answer in that way and no other.
// Method: pairs of runs; request by request where nothing may change.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <tuple>
#include <vector>

#include "penstock/base/rng.h"
#include "penstock/scenario/run.h"

namespace penstock {
namespace {

using Times = std::tuple<int64_t, int64_t, int64_t, int64_t>;  // arrival, scheduled, first, last

struct Answer {
  std::map<std::string, double> metrics;
  std::map<int64_t, Times> requests;
};

constexpr std::string_view kServing =
    "serving: {model: llama-3.1-8b, accelerator: h100_sxm, slo: {ttft: 1 s, tpot: 30 ms}}\n";
constexpr std::string_view kWorkload =
    "workload:\n  arrivals: {process: poisson, rate: 10 req/s}\n  requests: 400\n  lengths:\n"
    "    input: {distribution: uniform, min_tokens: 10, max_tokens: 3000}\n"
    "    output: {distribution: uniform, min_tokens: 2, max_tokens: 400}\n";

Answer answer(std::string_view workload, const std::vector<std::string>& set = {},
              const std::string& trace = {}) {
  static const catalog::Catalog catalog = catalog::Catalog::built_in();
  scenario::ReadOptions read;
  read.set = set;
  if (!trace.empty()) read.trace_file = trace;
  auto source =
      std::make_shared<Source>(Source{"s.yaml", std::string(workload) + std::string(kServing)});
  Answer result;
  scenario::RunOptions options;
  options.on_end = [&](const serving::RequestState& r) {
    result.requests[r.id] = {r.arrival.picoseconds(), r.scheduled.picoseconds(),
                             r.first_token.picoseconds(), r.last_token.picoseconds()};
  };
  const Result run = scenario::run(scenario::read_scenario(source, catalog, read), options);
  for (const Metric& metric : run.metrics) result.metrics[metric.name] = metric.value_factor;
  EXPECT_FALSE(result.metrics.empty());
  return result;
}

/// Latencies in order of size: arrival to first token, arrival to last token.
std::vector<std::pair<int64_t, int64_t>> latencies(const Answer& answer) {
  std::vector<std::pair<int64_t, int64_t>> sorted;
  for (const auto& [id, t] : answer.requests) {
    sorted.emplace_back(std::get<2>(t) - std::get<0>(t), std::get<3>(t) - std::get<0>(t));
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

TEST(Metamorphic, TwiceThePriceIsTwiceTheCostAndNothingElse) {
  const Answer once = answer(kWorkload, {"serving.accelerator_price=$2/h"});
  const Answer twice = answer(kWorkload, {"serving.accelerator_price=$4/h"});
  EXPECT_EQ(once.requests, twice.requests);
  int doubled = 0;
  for (const auto& [name, value] : once.metrics) {
    const bool money = name.find("cost") != std::string::npos;
    const double expected = money ? 2.0 * value : value;
    EXPECT_NEAR(twice.metrics.at(name), expected, 1e-12 * std::abs(expected)) << name;
    doubled += money && value > 0.0 ? 1 : 0;
  }
  EXPECT_GT(doubled, 0) << "no metric of cost";
}

std::string write_trace(const std::string& name, const std::vector<std::array<int64_t, 3>>& rows) {
  const std::string path = testing::TempDir() + "/" + name;
  std::ofstream file(path);
  file << "arrival,input,output\n";
  for (const auto& [milliseconds, input, output] : rows) {
    file << fmt::format("{}.{:03},{},{}\n", milliseconds / 1000, milliseconds % 1000, input,
                        output);
  }
  return path;
}

std::vector<std::array<int64_t, 3>> random_rows(int count, int64_t gap_max) {
  Rng rng(7, "rows");
  std::vector<std::array<int64_t, 3>> rows;
  int64_t clock = 0;
  for (int i = 0; i < count; ++i) {
    clock += 2 * (1 + rng.below(gap_max));
    rows.push_back({clock, 1 + rng.below(2000), 2 + rng.below(200)});
  }
  return rows;
}

TEST(Metamorphic, HalvedArrivalTimesAreTwiceTheLoad) {
  auto rows = random_rows(300, 100);
  const std::string plain = write_trace("metamorphic_plain.csv", rows);
  for (auto& row : rows) row[0] /= 2;
  const std::string halved = write_trace("metamorphic_halved.csv", rows);
  const Answer a = answer("workload: {load_factor: 2}\n", {}, plain);
  const Answer b = answer("workload: {}\n", {}, halved);
  EXPECT_EQ(a.requests, b.requests);
  EXPECT_EQ(a.metrics, b.metrics);
}

TEST(Metamorphic, ReplicasInTurnEqualEachReplicaOnItsShare) {
  const auto rows = random_rows(300, 40);
  const std::string whole = write_trace("metamorphic_whole.csv", rows);
  const Answer three = answer("workload: {}\n", {"serving.replicas=3"}, whole);
  std::vector<std::pair<int64_t, int64_t>> together;
  for (size_t part = 0; part < 3; ++part) {
    std::vector<std::array<int64_t, 3>> own;
    for (size_t i = part; i < rows.size(); i += 3) own.push_back(rows[i]);
    const auto alone =
        latencies(answer("workload: {}\n", {}, write_trace("metamorphic_part.csv", own)));
    together.insert(together.end(), alone.begin(), alone.end());
  }
  std::sort(together.begin(), together.end());
  EXPECT_EQ(latencies(three), together);
}

TEST(Metamorphic, AnIdleReplicaMoreChangesNoLatencyAtVeryLowLoad) {
  const std::string trace = write_trace("metamorphic_low.csv", random_rows(60, 20000));
  const std::string router = "serving.router=least_outstanding_tokens";
  // the traces leave no two requests inside at once
  Answer one = answer("workload: {}\n", {router}, trace);
  Answer four = answer("workload: {}\n", {router, "serving.replicas=4"}, trace);
  int overlaps = 0;
  int64_t busy_until = 0;
  for (const auto& [id, t] : one.requests) {
    overlaps += std::get<0>(t) < busy_until ? 1 : 0;
    busy_until = std::max(busy_until, std::get<3>(t));
  }
  EXPECT_LT(overlaps, 10);
  int changed = 0;
  for (const auto& [id, t] : one.requests) changed += four.requests.at(id) == t ? 0 : 1;
  EXPECT_LE(changed, 2 * overlaps) << "only requests that shared a step may differ";
}

TEST(Metamorphic, RowsOfOneInstantMayComeInAnyOrderWhenTheyAreAlike) {
  auto rows = random_rows(200, 60);
  for (size_t i = 0; i + 1 < rows.size(); i += 2) rows[i + 1][0] = rows[i][0];
  const std::string sorted = write_trace("metamorphic_sorted.csv", rows);
  std::vector<std::array<int64_t, 3>> reversed(rows.rbegin(), rows.rend());
  // the reader sorts by arrival and keeps the order of equals, so turn those back
  for (size_t i = 0; i + 1 < reversed.size(); i += 2) std::swap(reversed[i], reversed[i + 1]);
  const std::string unsorted = write_trace("metamorphic_unsorted.csv", reversed);
  const Answer a = answer("workload: {}\n", {}, sorted);
  const Answer b = answer("workload: {}\n", {}, unsorted);
  EXPECT_EQ(a.requests, b.requests);
  EXPECT_EQ(a.metrics, b.metrics);
}

TEST(Metamorphic, OneGroupOfExpertsAndOfAttentionIsTheDefault) {
  const std::vector<std::string> plain = {"serving.model=gpt-oss-20b", "serving.tensor_parallel=2"};
  std::vector<std::string> said = plain;
  said.insert(said.end(), {"serving.attention_data_parallel=1", "serving.expert_parallel=1"});
  const Answer a = answer(kWorkload, plain);
  const Answer b = answer(kWorkload, said);
  EXPECT_EQ(a.requests, b.requests);
  EXPECT_EQ(a.metrics, b.metrics);
  // the keys are not without effect
  said[said.size() - 2] = "serving.attention_data_parallel=2";
  EXPECT_NE(answer(kWorkload, said).requests, a.requests);
}

TEST(Metamorphic, TwoAttentionGroupsServeTwinsAsOneRankServesEachAlone) {
  std::vector<std::array<int64_t, 3>> alone;
  std::vector<std::array<int64_t, 3>> twins;
  for (const auto& row : random_rows(60, 20000)) {
    alone.push_back(row);
    twins.push_back(row);
    twins.push_back(row);
  }
  const Answer one = answer("workload: {}\n", {}, write_trace("metamorphic_alone.csv", alone));
  // the model has no experts, so the groups exchange nothing
  const Answer two =
      answer("workload: {}\n", {"serving.tensor_parallel=2", "serving.attention_data_parallel=2"},
             write_trace("metamorphic_twins.csv", twins));
  const auto single = latencies(one);
  const auto pairs = latencies(two);
  ASSERT_EQ(pairs.size(), 2 * single.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    // a rank reads half of the summed context, whose slope is rounded to whole ticks
    EXPECT_NEAR(static_cast<double>(pairs[i].second), static_cast<double>(single[i / 2].second),
                1e-6 * static_cast<double>(pairs[i].second));
  }
}

TEST(Metamorphic, DraftsThatNeverStandCostTimeAndChangeNothingElse) {
  const std::string drafts = "serving.speculation={draft_tokens: 2, acceptance: 0}";
  // one request at a time, so that what waits for what does not change either
  const std::string trace = write_trace("metamorphic_drafts.csv", random_rows(60, 20000));
  const Answer plain = answer("workload: {}\n", {}, trace);
  const Answer never = answer("workload: {}\n", {drafts}, trace);
  EXPECT_EQ(never.metrics.at("serving.decode_yield"), 1.0);
  for (const auto& [id, t] : plain.requests) {
    EXPECT_GE(std::get<3>(never.requests.at(id)), std::get<3>(t)) << id;
  }
  EXPECT_LT(never.metrics.at("serving.tpot.mean"), 1.2 * plain.metrics.at("serving.tpot.mean"))
      << "a lone sequence reads the same weights and cache";
}

TEST(Metamorphic, AHigherAcceptanceAnswersSooner) {
  const std::string trace = write_trace("metamorphic_accept.csv", random_rows(60, 20000));
  double before = answer("workload: {}\n", {}, trace).metrics.at("serving.tpot.mean") * 1.2;
  for (const char* acceptance : {"0", "0.3", "0.6", "0.9", "1"}) {
    const Answer now =
        answer("workload: {}\n",
               {fmt::format("serving.speculation={{draft_tokens: 3, acceptance: {}}}", acceptance)},
               trace);
    const double tpot = now.metrics.at("serving.tpot.mean");
    EXPECT_LT(tpot, before) << acceptance;
    before = tpot;
  }
}

TEST(Metamorphic, ALongerSloIsMetByNoFewerAndTouchesNothingElse) {
  const Answer tight = answer(kWorkload, {"serving.slo.ttft=50 ms"});
  const Answer loose = answer(kWorkload, {"serving.slo.ttft=5 s"});
  EXPECT_EQ(tight.requests, loose.requests);
  EXPECT_LT(tight.metrics.at("serving.good_fraction"), loose.metrics.at("serving.good_fraction"));
  EXPECT_EQ(tight.metrics.at("serving.ttft.p99"), loose.metrics.at("serving.ttft.p99"));
}

}  // namespace
}  // namespace penstock
