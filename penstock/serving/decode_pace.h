/// How many tokens a decode step brings a sequence, as an expectation in whole numbers.
///
/// With speculation, a step verifies k drafts beside the next token of a sequence. Each draft
/// stands with probability p if all before it do, so a step yields y = (1 - p^(k+1)) / (1 - p)
/// tokens on average. Every sequence gains just that: after j steps it has floor(j y) tokens more.
/// y is a whole number of parts, 1/unit of a token, so that steps add up exactly in any grouping.
/// Without speculation a step yields one token and the unit is one token.
/// Source: Leviathan et al. 2023 (expected tokens of a step).
#pragma once

#include <cstdint>
#include <optional>

#include "penstock/serving/config.h"

namespace penstock::serving {

struct DecodePace {
  int64_t queries = 1;  ///< tokens of each sequence that a step verifies: drafts and the next one
  int64_t gain = 1;     ///< parts that a sequence gains a step
  int64_t unit = 1;     ///< parts of a token

  /// The yield is rounded to 1/1024 of a token; coarser for pages beyond 1,024 tokens, so that the
  /// parts of a page are no more than a million.
  static DecodePace of(const std::optional<SpeculationConfig>& speculation, int64_t page_tokens);

  /// Steps until `tokens` more tokens are there.
  [[nodiscard]] int64_t steps_for(int64_t tokens) const {
    return (tokens * unit + gain - 1) / gain;
  }
  /// Tokens that `steps` steps bring.
  [[nodiscard]] int64_t tokens_after(int64_t steps) const { return steps * gain / unit; }
};

}  // namespace penstock::serving
