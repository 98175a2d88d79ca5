#include "penstock/serving/collector.h"

#include <algorithm>

namespace penstock::serving {
namespace {

int64_t span(Time later, Time earlier) { return later.picoseconds() - earlier.picoseconds(); }

bool within(int64_t picoseconds, const std::optional<Seconds>& limit) {
  return !limit || Time::from_picoseconds(picoseconds).seconds() <= *limit;
}

/// Slower first; among equals the earlier request.
bool slower(const SlowRequest& a, const SlowRequest& b) {
  return a.latency_picoseconds != b.latency_picoseconds
             ? a.latency_picoseconds > b.latency_picoseconds
             : a.state.id < b.state.id;
}

}  // namespace

void Collector::complete(const RequestState& state, Time time) {
  ++ended[static_cast<size_t>(Outcome::kCompleted)];
  const int64_t first = span(state.first_token, state.arrival);
  const int64_t whole = span(time, state.arrival);
  int64_t per_token = 0;
  ttft.add(first);
  latency.add(whole);
  queue.add(span(state.scheduled, state.arrival));
  if (state.output_tokens > 1) {
    per_token = span(time, state.first_token) / (state.output_tokens - 1);
    tpot.add(per_token);
  }
  const bool good =
      within(first, slo_.ttft) && within(per_token, slo_.tpot) && within(whole, slo_.latency);
  good_count += good ? 1 : 0;
  completed_input_tokens += state.input_tokens;
  completed_output_tokens += state.output_tokens;
  cached_input_tokens += state.cached_tokens;
  preempted_count += state.preempted_count;
  last_end = std::max(last_end, time);
  keep_if_slow(state, time);
}

void Collector::end(Outcome outcome, int64_t generated) {
  ++ended[static_cast<size_t>(outcome)];
  dropped_output_tokens += generated;
}

void Collector::keep_if_slow(const RequestState& state, Time time) {
  if (slowest_count_ == 0) return;
  const int64_t whole = span(time, state.arrival);
  const bool full = slow_.size() == slowest_count_;
  if (full && whole < slow_.front().latency_picoseconds) return;
  SlowRequest candidate{whole, state, time};
  if (full) {
    if (!slower(candidate, slow_.front())) return;
    std::pop_heap(slow_.begin(), slow_.end(), slower);
    slow_.pop_back();
  }
  slow_.push_back(std::move(candidate));
  std::push_heap(slow_.begin(), slow_.end(), slower);
}

std::vector<SlowRequest> Collector::slowest() const {
  std::vector<SlowRequest> result = slow_;
  std::sort(result.begin(), result.end(), slower);
  return result;
}

}  // namespace penstock::serving
