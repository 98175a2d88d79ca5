#include <algorithm>
#include <cmath>
#include <memory>

#include "penstock/workload/length.h"
#include "penstock/workload/score_table.h"

namespace penstock::workload {
namespace {

struct QuantileTableConfig {
  std::vector<double> shares;
  std::vector<int64_t> tokens;
};

template <class Visitor>
void fields(Visitor& v, QuantileTableConfig& c) {
  v.required("shares", c.shares,
             "Shares of the requests, not decreasing, for example [0.01, 0.5, 0.99].",
             {.min = 0.0, .max = 1.0});
  v.required("tokens", c.tokens,
             "Tokens that each share does not exceed; in between, the logarithm is linear in the "
             "normal score; nothing lies outside.",
             kTokenBounds);
}

void check(const QuantileTableConfig& c, const Node& node, Findings& findings) {
  const auto complain = [&](std::string_view key, std::string message) {
    const Node* value = node.find(key);
    if (value != nullptr) findings.add(value->mark, std::move(message));
  };
  if (c.shares.empty() && node.find("shares") != nullptr) complain("shares", "needs an entry");
  if (c.shares.size() != c.tokens.size()) {
    complain("tokens",
             fmt::format("{} 'tokens' for {} 'shares'", c.tokens.size(), c.shares.size()));
  }
  if (!std::is_sorted(c.shares.begin(), c.shares.end())) {
    complain("shares", "'shares' must not decrease");
  }
  if (!std::is_sorted(c.tokens.begin(), c.tokens.end())) {
    complain("tokens", "'tokens' must not decrease");
  }
}

class QuantileTable final : public Described<LengthDistribution, QuantileTableConfig> {
 public:
  void read(ConfigReader& reader, const Node& node) override {
    const size_t findings_before = reader.findings().size();
    Described::read(reader, node);
    if (reader.findings().size() > findings_before) return;
    std::vector<ScoreTable::Knot> knots;
    for (size_t i = 0; i < config_.shares.size(); ++i) {
      knots.push_back({config_.shares[i], static_cast<double>(config_.tokens[i])});
    }
    table_ = std::make_unique<ScoreTable>(knots);
  }
  /// Of the table before rounding up to whole tokens, which adds about half a token.
  [[nodiscard]] Tokens mean() const override { return Tokens(table_->mean_factor()); }
  void tokens_at(std::span<const double> scores, std::span<int64_t> out) const override {
    // a knot's own count must not round up: exp(log(n)) may land one bit above n
    constexpr double kBelowOne = 1.0 - 1e-12;
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<int64_t>(std::ceil(table_->value_factor(scores[i]) * kBelowOne));
    }
  }

 private:
  std::unique_ptr<ScoreTable> table_;
};
PENSTOCK_REGISTER(LengthDistribution, QuantileTable,
                  "A measured distribution as knots of its quantile function.");

}  // namespace
}  // namespace penstock::workload
