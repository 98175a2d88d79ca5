/// Prompts that share their beginning, such as system prompts, so that prefix caching has something
/// to find without a recorded trace.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "penstock/base/fields.h"
#include "penstock/base/rng.h"

namespace penstock::workload {

/// Sizes that still fit in memory as hash chains: a million prefixes; prompts of a billion tokens.
constexpr Bounds kPrefixPoolBounds{.min = 1.0, .max = 1e6};
constexpr Bounds kPrefixTokenBounds{.min = 1.0, .max = 1e9};
constexpr Bounds kPrefixRunBounds{.min = 1.0, .max = 65536.0};

struct PrefixConfig {
  int64_t pool = 1;
  int64_t tokens = 1;
  double share_fraction = 1.0;
  double skew_factor = 0.0;
  int64_t run_tokens = 16;
};

template <class Visitor>
void fields(Visitor& v, PrefixConfig& c) {
  v.required("pool", c.pool, "How many different prefixes there are.", kPrefixPoolBounds);
  v.required("tokens", c.tokens,
             "Tokens of each prefix; they are part of the input, which is raised to hold them.",
             kPrefixTokenBounds);
  v.optional("share", c.share_fraction, "Share of the requests that begin with a prefix.",
             {.min = 0.0, .max = 1.0});
  v.optional("skew", c.skew_factor,
             "Popularity of the n-th prefix falls as n^-skew (Zipf); 0 makes all equal.",
             {.min = 0.0, .max = 10.0});
  v.optional("run_tokens", c.run_tokens,
             "Tokens that one content hash stands for; caches work in pages, vLLM's have 16.",
             kPrefixRunBounds);
}

/// Draws prefixes request by request. Only whole runs inside the shared beginning have hashes: what
/// follows is different in every request and never found again.
class PrefixSource {
 public:
  PrefixSource(const PrefixConfig& config, uint64_t seed);

  struct Draw {
    std::span<const uint64_t> hashes;  ///< valid until the next draw
    int64_t tokens = 0;                ///< 0 when the request has no shared prefix
  };
  Draw next();

 private:
  PrefixConfig config_;
  Rng rng_;
  std::vector<double> popularity_;  // cumulative, ends at 1
  std::vector<uint64_t> hashes_;
  size_t drawn_ = 0;  // the prefix that hashes_ holds, from 1; 0 for none
};

}  // namespace penstock::workload
