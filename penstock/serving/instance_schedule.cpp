// The scheduler of an instance: what the next step holds, and for how many steps that stands.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "penstock/base/check.h"
#include "penstock/serving/instance.h"

namespace penstock::serving {

void Instance::schedule() {
  drop_cancelled();
  receive();
  chunks_.clear();
  preempted_in_step_ = false;
  decode_in_step_ = decode_.count() > 0;
  const EngineConfig& engine = setup_.engine;
  const int64_t lanes = model_.forward().plan().lane_count();
  int64_t budget = engine.max_num_batched_tokens * lanes;
  if (decode_in_step_ && engine.mixed_steps) {
    preempted_in_step_ = make_room_for_growth();
    decode_in_step_ = decode_.count() > 0;
    budget -= decode_.count() * pace_.queries;
  }
  continue_prefills(budget, preempted_in_step_);
  if (!preempted_in_step_) admit_waiting(budget);
  if (!engine.mixed_steps) {
    // prompts first and alone; decoding sequences wait, and grow only when none is left
    decode_in_step_ = chunks_.empty() && decode_.count() > 0;
    if (decode_in_step_) {
      if (make_room_for_growth()) preempted_in_step_ = true;
      decode_in_step_ = decode_.count() > 0;
    }
  }
  plan_stretch();
}

void Instance::receive() {
  if (inbox_.empty()) return;
  // one that has nothing to do looks all the time
  const bool idle = running_count_ == 0 && waiting_count_ == 0;
  if (idle) steps_since_look_ = 0;
  if (steps_since_look_ != 0) return;
  const bool by_priority = setup_.engine.policy == QueuePolicy::kPriority;
  if (waiting_count_ == 0 || by_priority) admission_blocked_ = false;
  for (const int32_t slot : inbox_) push_waiting(slot, false);
  inbox_.clear();
}

void Instance::drop_cancelled() {
  if (!any_cancelled_) return;
  any_cancelled_ = false;
  const Time now = now_.clock();
  for (int32_t slot = oldest_running_; slot != kNoSlot;) {
    RequestState& state = pool_[slot];
    const int32_t next = state.newer;
    if (state.cancelled) {
      if (state.phase == Phase::kDecode) {
        leave_decode(state);
      } else {
        prefilling_.erase(std::find(prefilling_.begin(), prefilling_.end(), slot));
      }
      end_request(slot, Outcome::kTimedOut, now);
    }
    slot = next;
  }
  const auto drop = [&](int32_t slot) {
    RequestState& state = pool_[slot];
    if (!state.cancelled) return false;
    state.enter(Phase::kEnded, now);
    collector_.end(Outcome::kTimedOut, state.generated);
    ended_.push_back(slot);
    return true;
  };
  std::erase_if(inbox_, drop);
  waiting_count_ -= static_cast<int64_t>(std::erase_if(waiting_, drop));
  waiting_count_ -= static_cast<int64_t>(
      std::erase_if(ordered_, [&](const auto& entry) { return drop(std::get<2>(entry)); }));
}

int32_t Instance::victim() const {
  if (setup_.engine.policy == QueuePolicy::kFcfs) return newest_running_;
  // the least urgent, among equals the latest to arrive
  int32_t worst = oldest_running_;
  for (int32_t slot = oldest_running_; slot != kNoSlot; slot = pool_[slot].newer) {
    const RequestState& a = pool_[slot];
    const RequestState& b = pool_[worst];
    if (std::tie(a.priority, a.arrival, a.id) > std::tie(b.priority, b.arrival, b.id)) {
      worst = slot;
    }
  }
  return worst;
}

bool Instance::make_room_for_growth() {
  if (reserves()) return false;
  bool preempted = false;
  while (decode_.count() > 0 && pages_.growth_at(decode_.step()) > pages_.free()) {
    preempt(victim());
    preempted = true;
  }
  return preempted;
}

int64_t Instance::spare_pages() const {
  // what decoding sequences take in this very step is spoken for
  const bool grows = decode_in_step_ && setup_.engine.mixed_steps && !reserves();
  return pages_.free() - (grows ? pages_.growth_at(decode_.step()) : 0);
}

void Instance::preempt(int32_t slot) {
  RequestState& state = pool_[slot];
  const Time now = now_.clock();
  if (state.phase == Phase::kDecode) {
    leave_decode(state);
  } else {
    prefilling_.erase(std::find(prefilling_.begin(), prefilling_.end(), slot));
  }
  release_pages(state);
  unlink_running(slot);
  // everything produced so far is computed again before the next token
  state.prefill_target = state.input_tokens + state.generated;
  state.computed = 0;
  ++state.preempted_count;
  state.enter(Phase::kPreempted, now);
  push_waiting(slot, true);
}

int64_t Instance::chunk_limit(int64_t remaining, int64_t budget) const {
  const EngineConfig& engine = setup_.engine;
  int64_t limit = std::min({remaining, budget, engine.max_num_batched_tokens});
  const int64_t threshold = engine.long_prefill_token_threshold;
  if (engine.chunked_prefill) return threshold > 0 ? std::min(limit, threshold) : limit;
  // only what is computed again after a preemption may be longer than a step; it comes in parts
  return limit == remaining || remaining > engine.max_num_batched_tokens ? limit : 0;
}

int64_t Instance::bounded_pages(const RequestState& state) const {
  const Bytes bytes =
      model_.forward().kv_bounded_bytes_per_rank(state.input_tokens + state.output_tokens);
  if (bytes <= Bytes()) return 0;
  return static_cast<int64_t>(std::ceil(bytes / setup_.page));
}

int64_t Instance::reserved_pages(const RequestState& state) const {
  // the last token's KV is never written, but drafts beyond it may be
  return pages_.pages_for(state.input_tokens + state.output_tokens - 1 + pace_.queries - 1);
}

void Instance::continue_prefills(int64_t& budget, bool& preempted) {
  // whoever gives way leaves the list, so go by order of admission rather than by place
  for (int64_t order = -1; budget > 0;) {
    const auto next = std::find_if(prefilling_.begin(), prefilling_.end(),
                                   [&](int32_t slot) { return pool_[slot].order > order; });
    if (next == prefilling_.end()) return;
    const int32_t slot = *next;
    RequestState& state = pool_[slot];
    order = state.order;
    const int64_t remaining = state.prefill_target - state.computed;
    const int64_t tokens = chunk_limit(remaining, budget);
    if (tokens == 0) continue;
    if (!reserves()) {
      const int64_t need =
          pages_.pages_for(state.computed + tokens) - pages_.pages_for(state.computed);
      while (need > spare_pages() && state.phase == Phase::kPrefill) {
        const int32_t out = victim();
        budget += withdraw_chunk(out);
        preempt(out);
        preempted = true;
      }
      if (state.phase != Phase::kPrefill) continue;
      pages_.use(need);
      state.private_pages += need;
    }
    budget -= tokens;
    chunks_.push_back({slot, tokens, state.computed, tokens == remaining});
  }
}

int64_t Instance::withdraw_chunk(int32_t slot) {
  const auto chunk =
      std::find_if(chunks_.begin(), chunks_.end(), [&](const Chunk& c) { return c.slot == slot; });
  if (chunk == chunks_.end()) return 0;
  const int64_t tokens = chunk->tokens;
  chunks_.erase(chunk);
  return tokens;
}

void Instance::admit_waiting(int64_t& budget) {
  while (waiting_count_ > 0 && !admission_blocked_ && budget > 0 &&
         running_count_ < sequences_max_) {
    const int32_t slot = waiting_head();
    if (!admit(slot, budget)) return;
    pop_waiting();
  }
}

bool Instance::admit(int32_t slot, int64_t& budget) {
  RequestState& state = pool_[slot];
  pages_.settle_cache();
  const int64_t run_page_count = run_pages(state);
  int64_t hits = 0;
  if (run_page_count > 0) {
    // at least one token is computed, so that there is a next token to draw
    const int64_t most =
        std::min(state.prefill_target - 1, state.input_tokens) / state.prefix_run_tokens;
    hits = std::min(pages_.cache().match(state.prefix_hashes), most);
  }
  const std::span<const uint64_t> reused =
      std::span(state.prefix_hashes).first(static_cast<size_t>(hits));
  const int64_t cached = hits * state.prefix_run_tokens;
  const int64_t tokens = chunk_limit(state.prefill_target - cached, budget);
  if (tokens == 0) {
    // a step without prompts may have room for it
    admission_blocked_ = chunks_.empty();
    return false;
  }
  const int64_t bounded = bounded_pages(state);
  const int64_t pages = (reserves() ? reserved_pages(state) : pages_.pages_for(cached + tokens)) -
                        hits * run_page_count;
  const int64_t need = pages + bounded + pages_.cache().idle_pages(reused);
  const int64_t kept_free = running_count_ > 0 ? watermark_pages_ : 0;
  if (need + kept_free > spare_pages()) {
    admission_blocked_ = true;
    return false;
  }
  pages_.use(pages_.cache().hold(reused));
  pages_.use(pages + bounded);
  state.held_runs = hits;
  state.private_pages = pages;
  state.bounded_pages = bounded;
  state.computed = cached;
  const Time now = now_.clock();
  if (state.preempted_count == 0) {
    state.scheduled = now;
    state.cached_tokens = cached;
  }
  state.enter(Phase::kPrefill, now);
  state.order = next_order_++;
  link_running(slot);
  prefilling_.push_back(slot);
  budget -= tokens;
  chunks_.push_back({slot, tokens, cached, cached + tokens == state.prefill_target});
  return true;
}

Int128 Instance::chunk_ticks() {
  if (chunks_.empty()) return 0;
  std::vector<compute::PrefillChunk>& parts = chunk_scratch_;
  parts.clear();
  compute::PrefillChunk largest;
  // twice the query-key pairs of a chunk, which tell two chunks of equal length apart
  const auto pairs = [](const compute::PrefillChunk& chunk) {
    return Int128{chunk.tokens} * (2 * Int128{chunk.context} + chunk.tokens);
  };
  for (const Chunk& chunk : chunks_) {
    parts.push_back({chunk.tokens, chunk.context});
    if (pairs(parts.back()) > pairs(largest)) largest = parts.back();
  }
  const Work sum = model_.prefill(parts);
  const int64_t lanes = model_.forward().plan().lane_count();
  if (lanes == 1) {
    log_.note_prefill(sum);
    return sum.ticks;
  }
  // lanes run side by side, but one prompt chunk stays whole
  const Int128 alone = model_.prefill(std::span(&largest, 1)).ticks;
  const Int128 charged = std::max(alone, sum.ticks / lanes);
  if (sum.ticks == 0) return 0;
  const double time_share = static_cast<double>(charged) / static_cast<double>(sum.ticks);
  Work shared;
  shared.add(sum, model_.context_share_fraction());
  shared.ticks = charged;
  for (size_t i = 0; i < kSectionCount; ++i) {
    shared.section_seconds[i] = sum.section_seconds[i] * time_share;
  }
  log_.note_prefill(shared);
  return charged;
}

void Instance::plan_stretch() {
  const int64_t decoding = decode_in_step_ ? decode_.count() : 0;
  step_tokens_ = decoding * pace_.queries;
  chunk_tokens_max_ = 0;
  step_heads_ = decoding * pace_.queries;
  step_sequences_ = decoding + static_cast<int64_t>(chunks_.size());
  for (const Chunk& chunk : chunks_) {
    step_tokens_ += chunk.tokens;
    chunk_tokens_max_ = std::max(chunk_tokens_max_, chunk.tokens);
    if (chunk.completes) ++step_heads_;
  }
  stretch_ = {now_, 0, 0, 0};
  planned_steps_ = 0;
  if (step_tokens_ == 0) {
    PENSTOCK_CHECK(empty(), "instance {} stalls with {} running and {} waiting", index_,
                   running_count_, waiting_count_);
    return;
  }
  // decoding sequences that a prefill-only step makes wait have had their last token by now
  if (!decode_in_step_ && decode_.count() > 0 && paused_.empty()) {
    paused_.emplace_back(now_, decode_.count());
  }
  stretch_.first = model_.overhead(step_sequences_, !chunks_.empty()) +
                   model_.token_ticks(model_.spread(step_tokens_, chunk_tokens_max_)) +
                   model_.head(step_heads_).ticks + chunk_ticks();
  int64_t steps = DecodeBatch::kForever;
  curve_first_ = 0;
  curve_growth_ = 0;
  if (decoding > 0) {
    steps = plan_decode(decoding);
    stretch_.first += model_.decode_fixed(decoding).ticks + curve_first_;
    stretch_.growth = curve_growth_;
  }
  // a step with prompts, or one after which a retry of admission is due, stands alone
  const bool retry = waiting_count_ > 0 && !admission_blocked_ && preempted_in_step_;
  if (!chunks_.empty() || retry) steps = 1;
  // whoever came since the last look is seen at the next
  if (!inbox_.empty()) {
    steps = std::min(steps, setup_.engine.receive_interval_steps - steps_since_look_);
  }
  stretch_.count = std::max<int64_t>(1, steps);
  planned_steps_ = stretch_.count;
}

int64_t Instance::plan_decode(int64_t decoding) {
  int64_t steps = decode_.steps_to_change();
  const DecodeCurve& curve = model_.curve(decoding);
  for (size_t c = 0; c < decode_.class_count(); ++c) {
    const int64_t sum = decode_.sum(c);
    const int64_t growth = decode_.growth(c);
    const Segment& segment = curve.segment(c, sum);
    curve_first_ += segment.value + Int128{segment.slope} * (sum - segment.start);
    curve_growth_ += Int128{segment.slope} * growth;
    // the line holds until the sum reaches the next knot
    const int64_t end = curve.segment_end(c, sum);
    if (end != DecodeCurve::kNoEnd && growth > 0) {
      steps = std::min(steps, (end - sum + growth - 1) / growth);
    }
  }
  if (!reserves()) steps = std::min(steps, pages_.steps_that_fit(decode_.step()));
  return steps;
}

void Instance::push_waiting(int32_t slot, bool front) {
  ++waiting_count_;
  if (front) admission_blocked_ = false;
  if (setup_.engine.policy == QueuePolicy::kPriority) {
    const RequestState& state = pool_[slot];
    ordered_.insert({state.priority, state.id, slot});
    return;
  }
  if (front) {
    waiting_.push_front(slot);
  } else {
    waiting_.push_back(slot);
  }
}

int32_t Instance::waiting_head() {
  return setup_.engine.policy == QueuePolicy::kPriority ? std::get<2>(*ordered_.begin())
                                                        : waiting_.front();
}

void Instance::pop_waiting() {
  --waiting_count_;
  if (setup_.engine.policy == QueuePolicy::kPriority) {
    ordered_.erase(ordered_.begin());
  } else {
    waiting_.pop_front();
  }
}

void Instance::link_running(int32_t slot) {
  RequestState& state = pool_[slot];
  state.older = newest_running_;
  state.newer = kNoSlot;
  (newest_running_ == kNoSlot ? oldest_running_ : pool_[newest_running_].newer) = slot;
  newest_running_ = slot;
  ++running_count_;
}

void Instance::unlink_running(int32_t slot) {
  const RequestState& state = pool_[slot];
  (state.older == kNoSlot ? oldest_running_ : pool_[state.older].newer) = state.newer;
  (state.newer == kNoSlot ? newest_running_ : pool_[state.newer].older) = state.older;
  --running_count_;
}

}  // namespace penstock::serving
