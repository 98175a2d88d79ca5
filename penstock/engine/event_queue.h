/// Pending events in order of time, with cancellation.
///
/// Events at the same instant leave in order of their `rank`, which the caller makes from what the
/// event is (kind, index), never from when it was pushed: so two ways of simulating the same thing
/// see the same order. Cost: O(log n) to push, pop, move and cancel. Budget: 20 million pops/s.
#pragma once

#include <cstdint>
#include <vector>

#include "penstock/base/check.h"
#include "penstock/base/time.h"

namespace penstock::engine {

/// A queue over the keys 0..n-1: each key has at most one pending event, which can be moved or
/// cancelled. Keys are dense ids (instances, links, jobs).
class EventQueue {
 public:
  struct Event {
    Time time;
    uint64_t rank = 0;
    uint32_t key = 0;
  };

  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] size_t size() const { return heap_.size(); }
  /// The next event; the queue must not be empty.
  [[nodiscard]] const Event& top() const {
    PENSTOCK_DCHECK(!heap_.empty(), "queue of {} events", heap_.size());
    return heap_.front();
  }
  [[nodiscard]] bool contains(uint32_t key) const {
    return key < places_.size() && places_[key] != kNone;
  }

  /// Schedules the event of a key, replacing the one it had.
  void schedule(uint32_t key, Time time, uint64_t rank);
  /// Drops the event of a key; false when it had none.
  bool cancel(uint32_t key);
  /// Removes and returns the next event.
  Event pop();

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr size_t kArity = 4;

  static bool before(const Event& a, const Event& b) {
    return a.time != b.time ? a.time < b.time : a.rank < b.rank;
  }
  void place(size_t at, const Event& event) {
    heap_[at] = event;
    places_[event.key] = static_cast<uint32_t>(at);
  }
  void rise(size_t at, Event event);
  void sink(size_t at, Event event);
  void remove_at(size_t at);

  std::vector<Event> heap_;
  std::vector<uint32_t> places_;  // key -> position in heap_
};

}  // namespace penstock::engine
