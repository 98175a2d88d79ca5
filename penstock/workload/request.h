/// A request as the fleet sees it, and the streams that hand requests out in order of arrival.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "penstock/base/time.h"

namespace penstock::workload {

struct Request {
  int64_t id = 0;  ///< position in the stream, from 0
  Time arrival;
  int64_t input_tokens = 0;   ///< at least 1
  int64_t output_tokens = 0;  ///< at least 1
  int32_t priority = 0;       ///< smaller is more urgent
  /// Content hashes of the prompt's leading token runs, each `prefix_run_tokens` long: equal hashes
  /// at equal places mean an equal prefix. Recorded traces also hash a last run that is shorter, so
  /// count tokens as min(input_tokens, hashes * run). Runs without a hash are never found again.
  /// Valid until the next call of `next`.
  std::span<const uint64_t> prefix_hashes;
  int64_t prefix_run_tokens = 0;
};

/// Requests in non-decreasing order of arrival, one at a time, so that a day of traffic needs no
/// memory.
class RequestStream {
 public:
  virtual ~RequestStream() = default;
  /// Fills `out` and returns true, or returns false at the end.
  virtual bool next(Request& out) = 0;
};

}  // namespace penstock::workload
