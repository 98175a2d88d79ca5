/// What a pool's run adds up: latencies, outcomes, token counts, and the slowest requests.
///
/// All sums are whole numbers, so the order and grouping of additions never shows.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "penstock/base/histogram.h"
#include "penstock/serving/config.h"
#include "penstock/serving/request_state.h"

namespace penstock::serving {

/// One of the slowest requests, kept whole for the waterfall.
struct SlowRequest {
  int64_t latency_picoseconds = 0;
  RequestState state;
  Time end;
};

class Collector {
 public:
  Collector(const SloConfig& slo, size_t slowest_count)
      : slo_(slo), slowest_count_(slowest_count) {}

  /// A request completed at `time`.
  void complete(const RequestState& state, Time time);
  /// A request ended without completing; `generated` tokens had come out.
  void end(Outcome outcome, int64_t generated);
  /// `count` decoding sequences lived through steps first, first+growth, ... (ticks).
  void token_gaps(Int128 first, Int128 growth, int64_t steps, int64_t count) {
    token_gap.add_linear(first, growth, steps, count);
  }

  LogHistogram ttft;
  LogHistogram tpot;
  LogHistogram latency;
  LogHistogram queue;
  LogHistogram token_gap{kFineBits};
  std::array<int64_t, static_cast<size_t>(Outcome::kCount)> ended{};
  int64_t good_count = 0;  ///< met every SLO
  int64_t completed_input_tokens = 0;
  int64_t completed_output_tokens = 0;
  int64_t dropped_output_tokens = 0;  ///< generated for requests that did not complete
  int64_t cached_input_tokens = 0;
  int64_t preempted_count = 0;
  Time last_end;

  /// Slowest first; ties by id.
  [[nodiscard]] std::vector<SlowRequest> slowest() const;

 private:
  void keep_if_slow(const RequestState& state, Time time);

  SloConfig slo_;
  size_t slowest_count_;
  std::vector<SlowRequest> slow_;  // heap, least slow on top
};

}  // namespace penstock::serving
