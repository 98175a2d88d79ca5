/// A request inside the fleet: its progress, its pages, and when each phase of its life began.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/base/fields.h"
#include "penstock/base/time.h"
#include "penstock/workload/request.h"

namespace penstock::serving {

/// How a request's life ended. A new way to end one is added here, and the books count it.
enum class Outcome : uint8_t {
  kCompleted,
  kTooLong,    ///< longer than the model or the engine takes
  kNeverFits,  ///< its KV cache is larger than an instance's whole cache
  kQueueFull,  ///< turned away at a full waiting queue
  kTimedOut,   ///< dropped at the request timeout
  kCount,
};

/// What a request is doing; also the phases a waterfall shows.
enum class Phase : uint8_t { kQueued, kPrefill, kDecode, kPreempted, kEnded };

struct PhaseChange {
  Time time;
  Phase phase = Phase::kQueued;
};

constexpr int32_t kNoSlot = -1;

struct RequestState {
  // what was asked
  int64_t id = 0;
  Time arrival;
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
  int32_t priority = 0;
  std::vector<uint64_t> prefix_hashes;
  int64_t prefix_run_tokens = 0;

  // where it stands
  uint32_t generation = 0;  ///< counts uses of the slot, so stale references are recognised
  int32_t instance = kNoSlot;
  Phase phase = Phase::kEnded;
  bool cancelled = false;         ///< timed out while running; leaves at the next step boundary
  int64_t generated = 0;          ///< output tokens so far, as of the last phase change
  int64_t prefill_target = 0;     ///< tokens whose KV has to be there before the next token
  int64_t computed = 0;           ///< of those, computed or reused
  int64_t held_runs = 0;          ///< leading prefix runs held in the cache
  int64_t private_pages = 0;      ///< pages outside the prefix cache, without decode growth
  int64_t bounded_pages = 0;      ///< pages for windows and fixed states
  int64_t decode_start_step = 0;  ///< decode step count of the instance when decoding began
  int64_t finish_step = 0;        ///< decode step count at which its last token comes
  int64_t order = 0;              ///< of admission, larger is later
  int32_t older = kNoSlot;        ///< running list
  int32_t newer = kNoSlot;

  // what it lived through
  Time scheduled;  ///< first time in a step
  Time first_token;
  Time last_token;
  int64_t cached_tokens = 0;  ///< prompt tokens reused at first admission
  int64_t preempted_count = 0;
  std::vector<PhaseChange> phases;

  void enter(Phase next, Time time) {
    phase = next;
    phases.push_back({time, next});
  }
};

/// Request slots, reused so that memory follows the requests inside, not those that ended.
class RequestPool {
 public:
  int32_t take(const workload::Request& request);
  void give_back(int32_t slot);
  RequestState& operator[](int32_t slot) { return states_[static_cast<size_t>(slot)]; }
  const RequestState& operator[](int32_t slot) const { return states_[static_cast<size_t>(slot)]; }
  [[nodiscard]] int64_t inside_count() const {
    return static_cast<int64_t>(states_.size() - free_.size());
  }
  [[nodiscard]] int64_t slot_count() const { return static_cast<int64_t>(states_.size()); }

 private:
  std::vector<RequestState> states_;
  std::vector<int32_t> free_;
};

}  // namespace penstock::serving

template <>
struct penstock::EnumText<penstock::serving::Outcome> {
  using O = penstock::serving::Outcome;
  static constexpr std::array<std::pair<O, std::string_view>, 5> kNames = {
      {{O::kCompleted, "completed"},
       {O::kTooLong, "rejected: longer than the model or engine takes"},
       {O::kNeverFits, "rejected: KV larger than the whole cache"},
       {O::kQueueFull, "rejected: queue full"},
       {O::kTimedOut, "timed out"}}};
};
