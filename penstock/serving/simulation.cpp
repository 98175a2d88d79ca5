#include "penstock/serving/simulation.h"

#include <algorithm>
#include <deque>

#include "penstock/base/check.h"
#include "penstock/engine/event_queue.h"

namespace penstock::serving {
namespace {

// samples kept of a run: enough for every plot, little to carry
constexpr size_t kSampleCountMax = 1024;
constexpr int64_t kFirstSamplePeriod = kPicosecondsPerSecond / 100;
constexpr int64_t kProgressEvery = 1 << 16;

/// The event loop. Arrivals come before boundaries of the same instant, samples after both.
class Simulation {
 public:
  Simulation(const SimulationInput& input, workload::RequestStream& stream,
             const Progress& progress)
      : input_(input),
        stream_(stream),
        progress_(progress),
        out_(input),
        rng_(input.seed, "router"),
        loads_(static_cast<size_t>(input.replica_count)) {
    const auto* entry = Registry<Router>::find(input.router);
    PENSTOCK_CHECK(entry != nullptr, "no router '{}'", input.router);
    router_ = entry->make();
    instances_.reserve(loads_.size());
    for (int32_t i = 0; i < static_cast<int32_t>(input.replica_count); ++i) {
      instances_.emplace_back(i, input.instance, *input.model, pool_, out_.collector, out_.log);
    }
    out_.requests_of.assign(loads_.size(), 0);
  }

  SimulationOutput run() {
    start();
    while (true) {
      const Time arrival = has_next_ ? reaches_scheduler() : Time::max();
      const Time boundary = queue_.empty() ? Time::max() : queue_.top().time;
      const Time timeout = next_timeout();
      if (arrival == Time::max() && boundary == Time::max()) break;
      const Time first = std::min({arrival, boundary, timeout});
      if (next_sample_ < first) {
        sample(next_sample_);
      } else if (arrival <= boundary && arrival <= timeout) {
        arrive();
      } else if (timeout <= boundary) {
        time_out();
      } else {
        pass_boundary();
      }
    }
    finish();
    return std::move(out_);
  }

 private:
  struct Deadline {
    Time time;
    int32_t slot;
    uint32_t generation;
  };

  void start() {
    sample_period_ = kFirstSamplePeriod;
    next_sample_ = Time::from_picoseconds(0);
    if (!input_.closed_loop) {
      has_next_ = stream_.next(next_);
      return;
    }
    think_ = std::max<int64_t>(1, Time::from_seconds(input_.closed_loop->think_time).picoseconds());
    // every client sends its first request at the start, as serving benchmarks do
    for (int64_t i = 0; i < input_.closed_loop->concurrency; ++i) {
      client_ready_.push_back(Time::from_picoseconds(0));
    }
    pull_for_client();
  }

  /// Takes the next request for the client that is ready first.
  void pull_for_client() {
    has_next_ = !client_ready_.empty() && stream_.next(next_);
    if (!has_next_) return;
    next_.arrival = client_ready_.front();
    client_ready_.pop_front();
  }

  void advance_stream() {
    if (input_.closed_loop) {
      pull_for_client();
    } else {
      has_next_ = stream_.next(next_);
    }
  }

  /// Requests take the same time from the client to the router, so their order stays.
  [[nodiscard]] Time reaches_scheduler() const {
    return next_.arrival.after(input_.instance.engine.request_overhead);
  }

  void arrive() {
    const Time now = reaches_scheduler();
    ++out_.arrived_count;
    out_.arrived_input_tokens += next_.input_tokens;
    out_.arrived_output_tokens += next_.output_tokens;
    const size_t replica = router_->choose(RouterView(loads_, instances_, now), next_, rng_);
    PENSTOCK_CHECK(replica < instances_.size(), "router chose replica {} of {}", replica,
                   instances_.size());
    Instance& instance = instances_[replica];
    const int32_t slot = pool_.take(next_);
    const Outcome refusal = instance.refusal(pool_[slot]);
    if (refusal != Outcome::kCompleted) {
      out_.collector.end(refusal, 0);
      pool_.give_back(slot);
      client_done(now);
    } else {
      instance.enqueue(slot, now);
      ++loads_[replica].request_count;
      loads_[replica].prompt_tokens += next_.input_tokens;
      ++out_.requests_of[replica];
      if (input_.request_timeout) {
        deadlines_.push_back(
            {next_.arrival.after(*input_.request_timeout), slot, pool_[slot].generation});
      }
      reschedule(replica);
    }
    advance_stream();
  }

  void reschedule(size_t replica) {
    const Time at = instances_[replica].next_event();
    const auto key = static_cast<uint32_t>(replica);
    if (at == Time::max()) {
      queue_.cancel(key);
    } else {
      queue_.schedule(key, at, key);
    }
  }

  void pass_boundary() {
    const engine::EventQueue::Event event = queue_.pop();
    Instance& instance = instances_[event.key];
    trace_step(instance);
    instance.at_boundary(event.time);
    for (const int32_t slot : instance.ended()) {
      ReplicaLoad& load = loads_[event.key];
      --load.request_count;
      load.prompt_tokens -= pool_[slot].input_tokens;
      if (input_.on_end) input_.on_end(pool_[slot]);
      pool_.give_back(slot);
      client_done(event.time);
      ++ended_count_;
      if (progress_ && ended_count_ % kProgressEvery == 0) progress_(ended_count_, event.time);
    }
    instance.ended().clear();
    reschedule(event.key);
  }

  void client_done(Time now) {
    if (!input_.closed_loop) return;
    client_ready_.push_back(Time::from_picoseconds(now.picoseconds() + think_));
    if (!has_next_) pull_for_client();
  }

  Time next_timeout() {
    while (!deadlines_.empty()) {
      const Deadline& first = deadlines_.front();
      const RequestState& state = pool_[first.slot];
      const bool over = state.generation != first.generation || state.phase == Phase::kEnded;
      if (!over) return first.time;
      deadlines_.pop_front();
    }
    return Time::max();
  }

  void time_out() {
    const Deadline deadline = deadlines_.front();
    deadlines_.pop_front();
    const auto replica = static_cast<size_t>(pool_[deadline.slot].instance);
    instances_[replica].cancel(deadline.slot, deadline.time);
    reschedule(replica);
  }

  void sample(Time now) {
    Sample total{now, {}};
    for (const Instance& instance : instances_) {
      const InstanceSnapshot s = instance.observe(now);
      total.state.waiting_count += s.waiting_count;
      total.state.running_count += s.running_count;
      total.state.decoding_count += s.decoding_count;
      total.state.pages_used += s.pages_used;
      total.state.generated_tokens += s.generated_tokens;
      total.state.prefill_tokens += s.prefill_tokens;
    }
    out_.samples.push_back(total);
    if (out_.samples.size() >= kSampleCountMax) {
      // a longer run than thought: keep every second sample and look half as often
      size_t kept = 0;
      for (size_t i = 0; i < out_.samples.size(); i += 2) out_.samples[kept++] = out_.samples[i];
      out_.samples.resize(kept);
      sample_period_ *= 2;
    }
    next_sample_ = Time::from_picoseconds(out_.samples.back().time.picoseconds() + sample_period_);
  }

  void trace_step(const Instance& instance) {
    if (static_cast<int64_t>(out_.spans.size()) >= input_.traced_step_count) return;
    const std::optional<StepSpan> span = instance.pending_span();
    if (!span) return;
    out_.spans.push_back(*span);
  }

  void finish() {
    out_.end = out_.collector.last_end;
    sample(std::max(out_.end, out_.samples.empty() ? Time() : out_.samples.back().time));
    for (const Instance& instance : instances_) {
      const InstanceSnapshot s = instance.observe(out_.end);
      out_.prefill_tokens += s.prefill_tokens;
      out_.generated_tokens += s.generated_tokens;
      out_.pages_left_in_use += s.pages_used;
      out_.busy += instance.busy();
      out_.busy_of.push_back(instance.busy());
      for (size_t c = 0; c < input_.model->caps().size(); ++c) {
        out_.log.note_context(c, instance.decoding().context_total(c));
      }
    }
    out_.requests_inside = pool_.inside_count();
    out_.slot_count = pool_.slot_count();
  }

  const SimulationInput& input_;
  workload::RequestStream& stream_;
  const Progress& progress_;
  SimulationOutput out_;
  RequestPool pool_;
  std::vector<Instance> instances_;
  engine::EventQueue queue_;
  std::unique_ptr<Router> router_;
  Rng rng_;
  std::vector<ReplicaLoad> loads_;
  workload::Request next_;
  bool has_next_ = false;
  std::deque<Time> client_ready_;
  int64_t think_ = 1;
  std::deque<Deadline> deadlines_;
  Time next_sample_;
  int64_t sample_period_ = 0;
  int64_t ended_count_ = 0;
};

}  // namespace

SimulationOutput simulate(const SimulationInput& input, workload::RequestStream& stream,
                          const Progress& progress) {
  return Simulation(input, stream, progress).run();
}

}  // namespace penstock::serving
