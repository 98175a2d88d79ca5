/// How long requests are: distributions of token counts as config, joined by a Gaussian copula.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/units.h"
#include "penstock/workload/limits.h"
#include "penstock/workload/variation.h"

namespace penstock::workload {

/// One kind of token-count distribution with its config. Files in lengths/ register themselves.
class LengthDistribution {
 public:
  static constexpr std::string_view kKey = "distribution";

  virtual ~LengthDistribution() = default;
  virtual void read(ConfigReader& reader, const Node& node) = 0;
  [[nodiscard]] virtual Node write() const = 0;
  [[nodiscard]] virtual std::vector<FieldDoc> describe(std::string path) const = 0;

  [[nodiscard]] virtual Tokens mean() const = 0;
  /// The counts at standard normal scores, each at least 1: the quantile function, a batch at a
  /// call. Both spans have one length.
  virtual void tokens_at(std::span<const double> scores, std::span<int64_t> out) const = 0;
};

using LengthConfig = Variation<LengthDistribution>;

/// Both counts of a request and how they go together.
struct LengthsConfig {
  LengthConfig input;
  LengthConfig output;
  double correlation_ratio = 0.0;
};

template <class Visitor>
void fields(Visitor& v, LengthsConfig& c) {
  v.required("input", c.input, "Prompt tokens: a distribution and its fields.");
  v.required("output", c.output, "Generated tokens: a distribution and its fields.");
  v.optional("correlation", c.correlation_ratio,
             "Correlation of the normal scores of input and output (a Gaussian copula): long "
             "prompts go with long answers when above zero.",
             {.min = -1.0, .max = 1.0});
}

}  // namespace penstock::workload
