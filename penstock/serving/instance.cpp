#include "penstock/serving/instance.h"

#include <algorithm>

#include "penstock/base/check.h"
#include "penstock/base/error.h"

namespace penstock::serving {

Instance::Instance(int32_t index, const InstanceSetup& setup, StepModel& model, RequestPool& pool,
                   Collector& collector, StepLog& log)
    : index_(index),
      setup_(setup),
      model_(model),
      pace_(model.pace()),
      pool_(pool),
      collector_(collector),
      log_(log),
      pages_(setup.page_count, setup.engine.page_tokens, pace_),
      decode_(model.caps(), pace_),
      watermark_pages_(static_cast<int64_t>(setup.engine.watermark_fraction *
                                            static_cast<double>(setup.page_count))),
      sequences_max_(setup.engine.max_num_seqs * model.forward().plan().attention_data) {}

Outcome Instance::refusal(const RequestState& state) const {
  if (state.output_tokens > setup_.model_len_max - state.input_tokens) return Outcome::kTooLong;
  const EngineConfig& engine = setup_.engine;
  const bool whole_prompt = !engine.chunked_prefill;
  if (whole_prompt && state.input_tokens > engine.max_num_batched_tokens) return Outcome::kTooLong;
  // the last step may bring more than is left to make, up to all drafts
  const int64_t tokens = state.input_tokens + state.output_tokens + pace_.queries - 1;
  // all pages of a sequence are on the ranks of one attention group
  const int64_t group_pages = pages_.capacity() / model_.forward().plan().attention_data;
  if (pages_.pages_for(tokens) + bounded_pages(state) > group_pages) {
    return Outcome::kNeverFits;
  }
  const int64_t waiting = waiting_count_ + static_cast<int64_t>(inbox_.size());
  const bool full = engine.max_waiting && waiting >= *engine.max_waiting && !empty();
  return full ? Outcome::kQueueFull : Outcome::kCompleted;
}

void Instance::enqueue(int32_t slot, Time now) {
  const bool was_idle = next_event_ == Time::max();
  const bool had_waiting = waiting_count_ > 0;
  pool_[slot].instance = index_;
  const int64_t interval = setup_.engine.receive_interval_steps;
  if (interval > 1) {
    inbox_.push_back(slot);
  } else {
    push_waiting(slot, false);
  }
  if (was_idle) {
    // the step starts once every request of this instant is in
    now_ = Fine::from_time(now);
    stretch_ = {};
    planned_steps_ = 0;
    next_event_ = now;
    return;
  }
  if (interval > 1) {
    if (planned_steps_ <= 1) return;
    const int64_t reached = steps_since_look_ + stretch_.steps_reaching(now);
    const int64_t look = (reached + interval - 1) / interval * interval - steps_since_look_;
    planned_steps_ = std::min(planned_steps_, look);
    set_event();
    return;
  }
  const bool new_head =
      !had_waiting || (setup_.engine.policy == QueuePolicy::kPriority && waiting_head() == slot);
  if (!new_head) return;
  admission_blocked_ = false;
  if (planned_steps_ > 1 && running_count_ < sequences_max_) {
    planned_steps_ = stretch_.steps_reaching(now);
    set_event();
  }
}

void Instance::cancel(int32_t slot, Time now) {
  RequestState& state = pool_[slot];
  state.cancelled = true;
  any_cancelled_ = true;
  admission_blocked_ = false;
  if (planned_steps_ > 1) {
    planned_steps_ = std::min(planned_steps_, stretch_.steps_reaching(now));
    set_event();
  }
}

void Instance::set_event() {
  if (planned_steps_ == 0) {
    next_event_ = Time::max();
    return;
  }
  const Fine end = stretch_.end_of(planned_steps_);
  if (end >= Fine::from_time(Time::max())) {
    Findings findings;
    findings.add("scenario",
                 "does not end within the 106 days of the simulated clock: far more is "
                 "asked than is served; ask less, or serve with more");
    findings.throw_if_any();
  }
  next_event_ = end.clock();
}

void Instance::at_boundary(Time now) {
  PENSTOCK_DCHECK(now == next_event_, "boundary at {} ps, expected at {}", now.picoseconds(),
                  next_event_.picoseconds());
  if (planned_steps_ > 0) complete_steps(planned_steps_);
  schedule();
  if (setup_.stepping == Stepping::kOneByOne && planned_steps_ > 1) planned_steps_ = 1;
  set_event();
  static_cast<void>(now);
}

void Instance::complete_steps(int64_t steps) {
  const Fine end = stretch_.end_of(steps);
  const Time now = end.clock();
  busy_ += end - now_;
  log_.note(step_tokens_, chunk_tokens_max_, step_heads_, decode_in_step_ ? decode_.count() : 0,
            steps, model_);
  log_.note_overhead(model_.overhead(step_sequences_, !chunks_.empty()) * steps);
  if (decode_in_step_) {
    note_gaps(steps);
    generated_parts_ += decode_.count() * steps * pace_.gain;
    if (!reserves()) pages_.use(pages_.growth_over(decode_.step(), steps));
    decode_.advance(steps);
  }
  now_ = end;
  const bool looks = !chunks_.empty();
  steps_since_look_ =
      looks ? 0 : (steps_since_look_ + steps) % setup_.engine.receive_interval_steps;
  for (const Chunk& chunk : chunks_) finish_chunk(chunk, now);
  chunks_.clear();
  if (decode_in_step_) finish_decoded(now);
}

void Instance::note_gaps(int64_t steps) {
  const Int128 n = steps;
  log_.note_decode_ticks(n * curve_first_ + curve_growth_ * (n * (n - 1) / 2));
  if (paused_.empty()) {
    collector_.token_gaps(stretch_.first, stretch_.growth, steps, decode_.count());
    return;
  }
  // the first step after prefill-only steps ends the longer gap of everyone who waited
  for (const auto& [since, count] : paused_) {
    const Int128 waited = stretch_.start.ticks - since.ticks;
    collector_.token_gaps(waited + stretch_.first, 0, 1, count);
  }
  paused_.clear();
  collector_.token_gaps(stretch_.first + stretch_.growth, stretch_.growth, steps - 1,
                        decode_.count());
}

int64_t Instance::run_pages(const RequestState& state) const {
  const int64_t run = state.prefix_run_tokens;
  const bool usable = setup_.engine.prefix_caching && run > 0 && !state.prefix_hashes.empty() &&
                      run % pages_.page_tokens() == 0;
  return usable ? run / pages_.page_tokens() : 0;
}

void Instance::finish_chunk(const Chunk& chunk, Time now) {
  RequestState& state = pool_[chunk.slot];
  state.computed += chunk.tokens;
  prefill_tokens_ += chunk.tokens;
  cache_runs(state);
  if (!chunk.completes) return;
  prefilling_.erase(std::find(prefilling_.begin(), prefilling_.end(), chunk.slot));
  emit_first_token(chunk.slot, now);
}

void Instance::cache_runs(RequestState& state) {
  const int64_t run_page_count = run_pages(state);
  if (run_page_count == 0) return;
  const auto runs = static_cast<int64_t>(state.prefix_hashes.size());
  const int64_t whole =
      std::min(std::min(state.computed, state.input_tokens) / state.prefix_run_tokens, runs);
  for (; state.held_runs < whole; ++state.held_runs) {
    int64_t woken = 0;
    const uint64_t hash = state.prefix_hashes[static_cast<size_t>(state.held_runs)];
    const bool fresh = pages_.cache().insert(hash, run_page_count, woken);
    // pages move from the request to the cache; a run that was there already frees them
    state.private_pages -= run_page_count;
    if (!fresh) pages_.free_up(run_page_count - woken);
    // freed pages, or a longer cached prefix, may let the head of the queue in
    admission_blocked_ = false;
  }
}

void Instance::emit_first_token(int32_t slot, Time now) {
  RequestState& state = pool_[slot];
  generated_parts_ += pace_.unit;
  log_.note_first_token();
  if (state.generated == 0) {
    state.first_token = now;
  } else {
    // the token that ends a preemption: its gap is the whole interruption
    const Int128 gap = now_.ticks - Fine::from_time(state.last_token).ticks;
    collector_.token_gaps(gap, 0, 1, 1);
  }
  ++state.generated;
  state.last_token = now;
  if (state.generated == state.output_tokens) {
    end_request(slot, Outcome::kCompleted, now);
    return;
  }
  state.enter(Phase::kDecode, now);
  state.decode_start_step = decode_.step();
  const int64_t left = state.output_tokens - state.generated;
  state.finish_step = decode_.step() + pace_.steps_for(left);
  // a decode step reads the whole cache and the tokens it adds
  decode_.join(slot, state.order, state.prefill_target + pace_.queries, left);
  if (!reserves()) pages_.start_growing(state.prefill_target, decode_.step());
  if (!setup_.engine.mixed_steps) {
    if (!paused_.empty() && paused_.back().first == now_) {
      ++paused_.back().second;
    } else {
      paused_.emplace_back(now_, 1);
    }
  }
}

void Instance::finish_decoded(Time now) {
  DecodeBatch::Member member;
  while (decode_.pop_finished(member)) {
    RequestState& state = pool_[member.slot];
    const bool current =
        state.instance == index_ && state.order == member.order && state.phase == Phase::kDecode;
    if (!current) continue;
    leave_decode(state);
    end_request(member.slot, Outcome::kCompleted, now);
  }
}

void Instance::leave_decode(RequestState& state) {
  const int64_t steps = decode_.step() - state.decode_start_step;
  decode_.leave(state.prefill_target + pace_.queries, steps);
  const int64_t left = state.output_tokens - state.generated;
  const int64_t tokens = std::min(pace_.tokens_after(steps), left);
  state.generated += tokens;
  log_.note_decoded(steps, tokens);
  // what steps were expected to bring makes way for what this sequence got
  generated_parts_ += tokens * pace_.unit - steps * pace_.gain;
  if (!paused_.empty()) {
    // it waited since its last token; without it the group is one smaller
    const auto joined = std::find_if(paused_.begin(), paused_.end(), [&](const auto& group) {
      return steps == 0 && group.first.clock() == state.last_token;
    });
    --(joined == paused_.end() ? paused_.front() : *joined).second;
  }
  state.last_token = paused_.empty() ? now_.clock() : state.last_token;
  if (reserves()) return;
  pages_.stop_growing(state.prefill_target, state.decode_start_step);
  state.private_pages += pages_.pages_grown(state.prefill_target, steps);
}

void Instance::release_pages(RequestState& state) {
  pages_.free_up(state.private_pages + state.bounded_pages);
  const std::span<const uint64_t> held =
      std::span(state.prefix_hashes).first(static_cast<size_t>(state.held_runs));
  pages_.free_up(pages_.cache().release(held));
  state.private_pages = 0;
  state.bounded_pages = 0;
  state.held_runs = 0;
  admission_blocked_ = false;
}

void Instance::end_request(int32_t slot, Outcome outcome, Time now) {
  RequestState& state = pool_[slot];
  release_pages(state);
  unlink_running(slot);
  state.enter(Phase::kEnded, now);
  if (outcome == Outcome::kCompleted) {
    PENSTOCK_DCHECK(state.generated == state.output_tokens, "request {} ended with {} of {} tokens",
                    state.id, state.generated, state.output_tokens);
    collector_.complete(state, now);
  } else {
    collector_.end(outcome, state.generated);
  }
  ended_.push_back(slot);
}

InstanceSnapshot Instance::observe(Time now) const {
  InstanceSnapshot snapshot;
  snapshot.waiting_count = waiting_count_ + static_cast<int64_t>(inbox_.size());
  snapshot.running_count = running_count_;
  snapshot.decoding_count = decode_.count();
  snapshot.pages_used = pages_used(now);
  snapshot.prefill_tokens = prefill_tokens_;
  int64_t parts = generated_parts_;
  if (decode_in_step_ && planned_steps_ > 0) {
    const int64_t steps = std::min(stretch_.steps_within(now), planned_steps_);
    parts += decode_.count() * steps * pace_.gain;
  }
  snapshot.generated_tokens = parts / pace_.unit;
  return snapshot;
}

std::optional<StepSpan> Instance::pending_span() const {
  if (planned_steps_ == 0) return std::nullopt;
  const int64_t decoding = decode_in_step_ ? decode_.count() : 0;
  return StepSpan{index_,
                  stretch_.start.clock(),
                  stretch_.end_of(planned_steps_).clock(),
                  planned_steps_,
                  decoding,
                  step_tokens_ - decoding * pace_.queries};
}

int64_t Instance::pages_used(Time now) const {
  if (!decode_in_step_ || planned_steps_ == 0 || reserves()) return pages_.used();
  const int64_t steps = std::min(stretch_.steps_within(now), planned_steps_);
  return pages_.used() + pages_.growth_over(decode_.step(), steps);
}

}  // namespace penstock::serving
