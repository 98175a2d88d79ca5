// Goal: every model of the catalog has the size its makers publish and the cache a hand calculation
// gives. Method: tests/golden/models.csv, one row a model with its source and tolerance.

#include <gtest/gtest.h>

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "penstock/base/text.h"
#include "penstock/catalog/catalog.h"

namespace penstock::catalog {
namespace {

struct Row {
  std::string model;
  std::string total;
  std::string total_tolerance;
  std::string total_tables;
  std::string active;
  std::string active_tolerance;
  std::string active_tables;
  std::string kv;
};

std::string source_directory() {
  const char* directory = std::getenv("PENSTOCK_SOURCE_DIR");
  return directory != nullptr ? directory : ".";
}

std::vector<Row> rows() {
  std::vector<Row> all;
  std::ifstream file(source_directory() + "/tests/golden/models.csv");
  std::string line;
  bool header = true;
  while (std::getline(file, line)) {
    if (line.starts_with('#')) continue;
    const auto cells = split(line, ',');
    EXPECT_EQ(cells.size(), 9U) << line;
    if (!std::exchange(header, false) && cells.size() == 9) {
      const auto cell = [&](size_t i) { return std::string(cells[i]); };
      all.push_back({cell(0), cell(1), cell(2), cell(3), cell(4), cell(5), cell(6), cell(7)});
    }
  }
  return all;
}

double number(const std::string& text) {
  double value = std::nan("");
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Sums, products and quotients of whole numbers, with brackets.
class Arithmetic {
 public:
  explicit Arithmetic(std::string_view text) : text_(text) {}
  double sum() {
    double value = product();
    while (take('+')) value += product();
    return value;
  }
  [[nodiscard]] bool done() const { return text_.empty(); }

 private:
  double product() {
    double value = factor();
    while (true) {
      if (take('*')) {
        value *= factor();
      } else if (take('/')) {
        value /= factor();
      } else {
        return value;
      }
    }
  }
  double factor() {
    if (take('(')) {
      const double value = sum();
      EXPECT_TRUE(take(')')) << text_;
      return value;
    }
    double value = std::nan("");
    const auto [end, code] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    text_.remove_prefix(static_cast<size_t>(end - text_.data()));
    return value;
  }
  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::string_view text_;
};

/// A count in 1e9 with as many embedding tables as the card counts.
double with_tables(const Model& model, int64_t all, const std::string& tables) {
  const int64_t table = model.vocab_size * model.hidden_size;
  int64_t dropped = 0;
  if (tables == "head" && !model.tied_embeddings) dropped = 1;
  if (tables == "none") dropped = model.tied_embeddings ? 1 : 2;
  return static_cast<double>(all - dropped * table) / 1e9;
}

void expect_near(double ours, const std::string& published, const std::string& percent,
                 const std::string& what) {
  const double off = 100.0 * std::abs(ours / number(published) - 1.0);
  EXPECT_LE(off, number(percent)) << what << ": ours " << ours << ", published " << published;
}

Model model_named(const std::string& id) {
  Findings findings;
  const auto model = Catalog::built_in().model(id, Mark{}, findings);
  findings.throw_if_any();
  return model.value_or(Model{});
}

TEST(ModelCards, TotalsAndActiveParameters) {
  for (const Row& row : rows()) {
    const Model model = model_named(row.model);
    expect_near(with_tables(model, parameter_count(model), row.total_tables), row.total,
                row.total_tolerance, row.model + " total");
    expect_near(with_tables(model, active_parameter_count(model), row.active_tables), row.active,
                row.active_tolerance, row.model + " active");
  }
}

TEST(ModelCards, CacheBytesByHand) {
  for (const Row& row : rows()) {
    Arithmetic by_hand(row.kv);
    const double expected = by_hand.sum();
    EXPECT_TRUE(by_hand.done()) << row.model << ": " << row.kv;
    EXPECT_DOUBLE_EQ(kv_bytes_per_token(model_named(row.model), Dtype::kBf16).value(), expected)
        << row.model;
  }
}

TEST(ModelCards, EveryModelHasARow) {
  std::set<std::string> known;
  for (const Row& row : rows()) known.insert(row.model);
  for (const std::string& id : Catalog::built_in().ids("models")) {
    EXPECT_TRUE(known.contains(id)) << id << ": add a row to tests/golden/models.csv";
  }
  EXPECT_EQ(known.size(), Catalog::built_in().ids("models").size());
}

// DeepSeek README_WEIGHTS (2024-12): the prediction module of V3 has 11.5e9 parameters of its own.
TEST(ModelCards, PredictionModuleOfDeepSeekV3) {
  const double ours = static_cast<double>(mtp_parameter_count(model_named("deepseek-v3"))) / 1e9;
  EXPECT_NEAR(ours, 11.5, 0.12);
}

// Checkpoint sizes: OpenAI model card (2025-08), 12.8 and 60.8 GiB; DeepSeek V4 (2026-04), about
// 160 and 865 GB, prediction module included.
TEST(ModelCards, CheckpointSizes) {
  EXPECT_NEAR(weight_bytes(model_named("gpt-oss-20b")) / 1.0_GiB, 12.8, 0.05);
  EXPECT_NEAR(weight_bytes(model_named("gpt-oss-120b")) / 1.0_GiB, 60.8, 0.1);
  const Model flash = model_named("deepseek-v4-flash");
  EXPECT_NEAR((weight_bytes(flash) + mtp_weight_bytes(flash)) / 160.0_GB, 1.0, 0.02);
  const Model pro = model_named("deepseek-v4-pro");
  EXPECT_NEAR((weight_bytes(pro) + mtp_weight_bytes(pro)) / 865.0_GB, 1.0, 0.01);
}

// Press on the V4 report (2026-04): a sequence of 1M tokens takes 9.62 GiB with every entry in
// bf16, index keys too; ours keeps those in a byte an element and a scale.
TEST(ModelCards, CacheOfAMillionTokensOfDeepSeekV4) {
  const Model pro = model_named("deepseek-v4-pro");
  constexpr double kTokens = 1 << 20;
  const Bytes ours = kv_bytes_per_token(pro, Dtype::kBf16) * kTokens;
  const Bytes index_in_bf16 = Bytes(30 * (128.0 * 2 - 128 - 4) / 4 * kTokens);
  EXPECT_NEAR((ours + index_in_bf16) / 1.0_GiB, 9.62, 0.005);
}

}  // namespace
}  // namespace penstock::catalog
