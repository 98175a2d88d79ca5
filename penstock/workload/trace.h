/// A recorded (or collected) sequence of requests in memory, and its replay as a stream.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "penstock/base/time.h"
#include "penstock/workload/request.h"

namespace penstock::workload {

/// Requests as columns, in order of arrival; the first arrives at zero. 24 bytes a request, more
/// only where priorities or prefixes are there.
struct Trace {
  std::string name;    ///< where it came from: a path, a preset
  std::string format;  ///< the registered name of the format it was read in; empty for none
  std::vector<Time> arrivals;
  std::vector<int64_t> input_tokens;
  std::vector<int64_t> output_tokens;
  std::vector<int32_t> priorities;      ///< empty when all are 0
  std::vector<uint64_t> prefix_hashes;  ///< of all requests, one after the other
  std::vector<uint64_t> prefix_ends;    ///< end of each request's hashes; empty when none has any
  int64_t prefix_run_tokens = 0;        ///< 0 when no request has hashes
  std::vector<std::string> notes;       ///< what the reader mended or skipped

  [[nodiscard]] size_t size() const { return arrivals.size(); }
  /// From the first arrival to the last.
  [[nodiscard]] Seconds span() const {
    return arrivals.empty() ? Seconds() : arrivals.back() - arrivals.front();
  }
  [[nodiscard]] std::span<const uint64_t> hashes(size_t index) const {
    if (prefix_ends.empty()) return {};
    const uint64_t begin = index == 0 ? 0 : prefix_ends[index - 1];
    return {prefix_hashes.data() + begin, prefix_hashes.data() + prefix_ends[index]};
  }
  /// Appends a request; its arrival must not be before the last one.
  void add(const Request& request);
};

/// Ends of a stream; the first that is reached counts.
struct StreamLimits {
  int64_t requests = std::numeric_limits<int64_t>::max();
  /// Arrivals at or after this instant are not handed out.
  Time end = Time::max();
};

/// Replays a trace. `load_ratio` divides every arrival time, so 2 is twice the rate; 0 places all
/// arrivals at zero, for closed loops.
std::unique_ptr<RequestStream> stream_trace(std::shared_ptr<const Trace> trace, double load_ratio,
                                            StreamLimits limits = {});

/// Draws a stream to its end, at most `requests_max` requests.
Trace collect(RequestStream& stream, int64_t requests_max = std::numeric_limits<int64_t>::max());

}  // namespace penstock::workload
