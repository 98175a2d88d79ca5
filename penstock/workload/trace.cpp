#include "penstock/workload/trace.h"

#include <cmath>
#include <utility>

#include "penstock/base/check.h"

namespace penstock::workload {
namespace {

class TraceStream final : public RequestStream {
 public:
  TraceStream(std::shared_ptr<const Trace> trace, double load_ratio, StreamLimits limits)
      : trace_(std::move(trace)), load_ratio_(load_ratio), limits_(limits) {}

  bool next(Request& out) override {
    if (at_ >= trace_->size() || static_cast<int64_t>(at_) >= limits_.requests) return false;
    out.id = static_cast<int64_t>(at_);
    out.arrival = arrival(trace_->arrivals[at_]);
    if (out.arrival >= limits_.end) return false;
    out.input_tokens = trace_->input_tokens[at_];
    out.output_tokens = trace_->output_tokens[at_];
    out.priority = trace_->priorities.empty() ? 0 : trace_->priorities[at_];
    out.prefix_hashes = trace_->hashes(at_);
    out.prefix_run_tokens = trace_->prefix_run_tokens;
    ++at_;
    return true;
  }

 private:
  [[nodiscard]] Time arrival(Time recorded) const {
    if (load_ratio_ == 1.0) return recorded;
    if (load_ratio_ == 0.0) return Time();
    const double ps = static_cast<double>(recorded.picoseconds()) / load_ratio_;
    if (ps >= static_cast<double>(Time::max().picoseconds())) return Time::max();
    return Time::from_picoseconds(std::llround(ps));
  }

  std::shared_ptr<const Trace> trace_;
  double load_ratio_;
  StreamLimits limits_;
  size_t at_ = 0;
};

}  // namespace

void Trace::add(const Request& request) {
  PENSTOCK_CHECK(arrivals.empty() || request.arrival >= arrivals.back(),
                 "request {} at {} ps comes before {} ps", request.id,
                 request.arrival.picoseconds(), arrivals.back().picoseconds());
  const size_t before = size();
  arrivals.push_back(request.arrival);
  input_tokens.push_back(request.input_tokens);
  output_tokens.push_back(request.output_tokens);
  if (request.priority != 0 && priorities.empty()) priorities.resize(before, 0);
  if (request.priority != 0 || !priorities.empty()) priorities.push_back(request.priority);
  if (!request.prefix_hashes.empty() && prefix_ends.empty()) prefix_ends.resize(before, 0);
  if (!request.prefix_hashes.empty()) prefix_run_tokens = request.prefix_run_tokens;
  prefix_hashes.insert(prefix_hashes.end(), request.prefix_hashes.begin(),
                       request.prefix_hashes.end());
  if (!prefix_hashes.empty() || !prefix_ends.empty()) prefix_ends.push_back(prefix_hashes.size());
}

std::unique_ptr<RequestStream> stream_trace(std::shared_ptr<const Trace> trace, double load_ratio,
                                            StreamLimits limits) {
  PENSTOCK_CHECK(trace != nullptr && load_ratio >= 0.0, "load ratio {}", load_ratio);
  return std::make_unique<TraceStream>(std::move(trace), load_ratio, limits);
}

Trace collect(RequestStream& stream, int64_t requests_max) {
  Trace trace;
  Request request;
  while (static_cast<int64_t>(trace.size()) < requests_max && stream.next(request)) {
    trace.add(request);
  }
  return trace;
}

}  // namespace penstock::workload
