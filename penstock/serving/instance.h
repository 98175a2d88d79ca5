/// One serving instance: continuous batching over a step model and a set of KV pages.
///
/// At every step boundary the scheduler decides the next step: decoding sequences first (one token
/// each), then prompts already begun, then waiting requests, within the token budget, the sequence
/// limit and the free pages. While no decision could differ, many steps are taken at once.
/// Source of the policy: vLLM V1 scheduler; SGLang's prefill-first steps and TensorRT-LLM's
/// no-evict admission are the knobs `mixed_steps` and `admission`.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "penstock/base/result.h"
#include "penstock/serving/collector.h"
#include "penstock/serving/config.h"
#include "penstock/serving/decode_batch.h"
#include "penstock/serving/kv_pages.h"
#include "penstock/serving/request_state.h"
#include "penstock/serving/step_log.h"
#include "penstock/serving/step_model.h"
#include "penstock/serving/stretch.h"

namespace penstock::serving {

/// How steps are taken: many at once where nothing changes, or each on its own (the reference).
enum class Stepping : uint8_t { kClosedForm, kOneByOne };

/// What an instance is built from.
struct InstanceSetup {
  EngineConfig engine;
  int64_t page_count = 0;     ///< of all attention groups
  Bytes page;                 ///< on one rank
  int64_t model_len_max = 0;  ///< prompt plus output
  Stepping stepping = Stepping::kClosedForm;
};

/// What can be seen from outside at an instant.
struct InstanceSnapshot {
  int64_t waiting_count = 0;
  int64_t running_count = 0;
  int64_t decoding_count = 0;
  int64_t pages_used = 0;
  int64_t generated_tokens = 0;  ///< since the start
  int64_t prefill_tokens = 0;    ///< computed since the start
};

/// A run of steps, for a Chrome trace.
struct StepSpan {
  int32_t instance = 0;
  Time start;
  Time end;
  int64_t steps = 0;
  int64_t decoding = 0;
  int64_t prefill_tokens = 0;
};

class Instance {
 public:
  Instance(int32_t index, const InstanceSetup& setup, StepModel& model, RequestPool& pool,
           Collector& collector, StepLog& log);

  /// Why a request cannot be taken at all; kCompleted when it can.
  [[nodiscard]] Outcome refusal(const RequestState& state) const;
  /// Takes a request in at `now`, which must not lie before the last boundary.
  void enqueue(int32_t slot, Time now);
  /// Drops a request at the next boundary (at once when it only waits).
  void cancel(int32_t slot, Time now);
  /// The next boundary at which this instance decides; Time::max() when idle.
  [[nodiscard]] Time next_event() const { return next_event_; }
  /// Completes the steps up to the boundary at `now` and decides the next ones.
  void at_boundary(Time now);

  [[nodiscard]] InstanceSnapshot observe(Time now) const;
  /// The steps that end at the next boundary; none when the instance only wakes there.
  [[nodiscard]] std::optional<StepSpan> pending_span() const;
  /// Pages in use at an instant.
  [[nodiscard]] int64_t pages_used(Time now) const;
  [[nodiscard]] const KvPages& pages() const { return pages_; }
  [[nodiscard]] Fine busy() const { return busy_; }
  [[nodiscard]] const DecodeBatch& decoding() const { return decode_; }
  /// Slots whose requests ended since the last call, in order of their end.
  std::vector<int32_t>& ended() { return ended_; }
  [[nodiscard]] const EngineConfig& engine() const { return setup_.engine; }
  [[nodiscard]] bool empty() const {
    return running_count_ == 0 && waiting_count_ == 0 && inbox_.empty();
  }

 private:
  struct Chunk {
    int32_t slot;
    int64_t tokens;
    int64_t context;
    bool completes;  // the prompt is whole after this chunk
  };

  // instance_schedule.cpp: deciding the next step
  void schedule();
  void receive();
  void drop_cancelled();
  bool make_room_for_growth();
  [[nodiscard]] int64_t spare_pages() const;
  void preempt(int32_t slot);
  [[nodiscard]] int32_t victim() const;
  void continue_prefills(int64_t& budget, bool& preempted);
  /// Takes a request's chunk out of the step again; the tokens go back to the budget.
  int64_t withdraw_chunk(int32_t slot);
  void admit_waiting(int64_t& budget);
  bool admit(int32_t slot, int64_t& budget);
  void plan_stretch();
  int64_t plan_decode(int64_t decoding);
  [[nodiscard]] Int128 chunk_ticks();
  [[nodiscard]] int64_t chunk_limit(int64_t remaining, int64_t budget) const;
  [[nodiscard]] int64_t bounded_pages(const RequestState& state) const;
  [[nodiscard]] int64_t reserved_pages(const RequestState& state) const;
  [[nodiscard]] bool reserves() const { return setup_.engine.admission == Admission::kReserve; }

  // instance.cpp: living through steps
  void complete_steps(int64_t steps);
  void note_gaps(int64_t steps);
  void finish_chunk(const Chunk& chunk, Time now);
  void cache_runs(RequestState& state);
  void emit_first_token(int32_t slot, Time now);
  void finish_decoded(Time now);
  void end_request(int32_t slot, Outcome outcome, Time now);
  void release_pages(RequestState& state);
  void leave_decode(RequestState& state);
  [[nodiscard]] int64_t run_pages(const RequestState& state) const;
  void set_event();

  // queues
  void push_waiting(int32_t slot, bool front);
  [[nodiscard]] int32_t waiting_head();
  void pop_waiting();
  void link_running(int32_t slot);
  void unlink_running(int32_t slot);

  int32_t index_;
  InstanceSetup setup_;
  StepModel& model_;
  DecodePace pace_;
  RequestPool& pool_;
  Collector& collector_;
  StepLog& log_;
  KvPages pages_;
  DecodeBatch decode_;
  int64_t watermark_pages_ = 0;
  int64_t sequences_max_ = 0;  // running at once

  Fine now_;                // last boundary
  Stretch stretch_;         // steps decided at it
  Int128 curve_first_ = 0;  // of the stretch, the part of decode attention over contexts
  Int128 curve_growth_ = 0;
  int64_t planned_steps_ = 0;  // of those, up to the next event
  Time next_event_ = Time::max();
  std::vector<Chunk> chunks_;  // prompt chunks of the step (then the stretch is one step)
  std::vector<compute::PrefillChunk> chunk_scratch_;
  bool decode_in_step_ = false;
  int64_t step_tokens_ = 0;
  int64_t chunk_tokens_max_ = 0;
  int64_t step_heads_ = 0;
  int64_t step_sequences_ = 0;
  bool preempted_in_step_ = false;
  bool admission_blocked_ = false;  // the head did not fit and nothing was freed since

  std::vector<int32_t> inbox_;    // arrived since the scheduler last looked, in order
  int64_t steps_since_look_ = 0;  // modulo the interval
  std::deque<int32_t> waiting_;   // FCFS
  std::set<std::tuple<int32_t, int64_t, int32_t>> ordered_;  // priority, then id
  int64_t waiting_count_ = 0;
  std::vector<int32_t> prefilling_;  // prompts begun, in order of admission
  int64_t running_count_ = 0;
  int32_t oldest_running_ = kNoSlot;
  int32_t newest_running_ = kNoSlot;
  int64_t next_order_ = 0;
  bool any_cancelled_ = false;

  // sequences whose decoding pauses while prefill-only steps run: since when, how many
  std::vector<std::pair<Fine, int64_t>> paused_;

  Fine busy_;
  int64_t generated_parts_ = 0;  // parts of a token; whole tokens for sequences that have left
  int64_t prefill_tokens_ = 0;
  std::vector<int32_t> ended_;
};

}  // namespace penstock::serving
