// Goal: result.json is valid JSON with stable keys for every result, and reads back to the same
// numbers. Method: parse with an independent reader; compare exact snippets; time a large result.
#include "penstock/report/json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "penstock/report/json_writer.h"
#include "penstock/report/result_test_support.h"

namespace penstock::report {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

TEST(ToJson, KeepsTheOrderOfItsKeys) {
  const std::vector<std::string> expected = {
      "schema_version", "version",    "name",     "description", "scenario_hash", "catalog_hash",
      "seed",           "infeasible", "headline", "metrics",     "tables",        "plots",
      "ledger",         "inputs",     "notes",    "scenario"};
  EXPECT_EQ(keys(Json::parse(to_json(realistic_result()))), expected);
  EXPECT_EQ(keys(Json::parse(to_json(Result{}))), expected);
}

TEST(ToJson, ReadsBackToTheSameNumbersAndTexts) {
  const Result result = realistic_result();
  const Json json = Json::parse(to_json(result));
  EXPECT_EQ(json["schema_version"], Result::kSchemaVersion);
  EXPECT_EQ(json["seed"], result.seed);
  EXPECT_EQ(json["scenario"], result.scenario_yaml);
  ASSERT_EQ(json["metrics"].size(), result.metrics.size());
  EXPECT_EQ(json["metrics"][0]["value"].get<double>(), result.metrics[0].value_factor);
  EXPECT_TRUE(json["metrics"][5]["low"].is_null());
  ASSERT_EQ(json["plots"].size(), result.plots.size());
  EXPECT_EQ(json["plots"][0]["lines"][1]["x"].get<std::vector<double>>(),
            result.plots[0].lines[1].x);
  EXPECT_EQ(json["plots"][0]["kind"], "cdf");
  EXPECT_EQ(json["tables"][0]["rows"][0][2], 32);
  EXPECT_EQ(json["ledger"][0]["balanced"], true);
  EXPECT_EQ(json["inputs"][2]["confidence"], "low");
}

TEST(ToJson, WritesOneMetricALine) {
  Result result;
  result.metrics = {{"a.b", 0.1, "s", 1e-7, std::nullopt}};
  EXPECT_NE(to_json(result).find(
                "\"metrics\":[\n{\"name\":\"a.b\",\"value\":0.1,\"unit\":\"s\",\"low\":1e-07,"
                "\"high\":null}\n],\n\"tables\":[],\n"),
            std::string::npos)
      << to_json(result);
}

TEST(ToJson, IsValidWhateverTheTextsAndNumbers) {
  const Json json = Json::parse(to_json(hostile_result()));
  EXPECT_TRUE(json["metrics"][0]["value"].is_null());
  EXPECT_TRUE(json["metrics"][0]["high"].is_null());
  EXPECT_EQ(json["metrics"][1]["value"].get<double>(), 1e300);
  EXPECT_TRUE(json["plots"][0]["lines"][0]["y"][0].is_null());
  const Json infeasible = Json::parse(to_json(infeasible_result()));
  EXPECT_EQ(infeasible["infeasible"], *infeasible_result().infeasible);
}

TEST(JsonWriter, EscapesTextsAndRepairsBytes) {
  EXPECT_EQ(JsonWriter().text("a\"\\\n\t\x01/é\xff").take(), "\"a\\\"\\\\\\n\\t\\u0001/é\uFFFD\"");
  EXPECT_EQ(JsonWriter(true).text("</script>&").take(), "\"\\u003c/script\\u003e\\u0026\"");
}

TEST(JsonWriter, WritesTheShortestNumbers) {
  const auto text = [](double value) { return JsonWriter().number(value).take(); };
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(3.0), "3");
  EXPECT_EQ(text(-0.0), "-0");
  EXPECT_EQ(text(5e-324), "5e-324");
  EXPECT_EQ(text(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(JsonWriter().integer(std::numeric_limits<uint64_t>::max()).take(),
            "18446744073709551615");
}

TEST(ToJson, HoldsPicturesOnlyWhereThereAreSome) {
  Result result;
  EXPECT_FALSE(nlohmann::json::parse(to_json(result)).contains("diagrams"));
  Diagram diagram{"topology", "Fabrics", {{"mesh", "", {}, {}, {}}}};
  diagram.planes[0].vertices = {{"accelerator", VertexRole::kAccelerator, 0, 8, 8, ""}};
  diagram.planes[0].links = {{.name = "board",
                              .pattern = LinkPattern::kAllPairs,
                              .bundle_count = 28,
                              .bandwidth_each_way = BytesPerSecond(64e9),
                              .medium = "board",
                              .used_fraction = 0.5}};
  result.diagrams.push_back(diagram);
  const auto json = nlohmann::json::parse(to_json(result));
  const auto& plane = json["diagrams"][0]["planes"][0];
  EXPECT_EQ(plane["vertices"][0]["count"], 8);
  EXPECT_EQ(plane["links"][0]["pattern"], "all_pairs");
  EXPECT_EQ(plane["links"][0]["bandwidth_each_way"], 64e9);
  EXPECT_EQ(plane["links"][0]["used"], 0.5);
}

}  // namespace
}  // namespace penstock::report
