#include "penstock/engine/event_queue.h"

#include <algorithm>

namespace penstock::engine {

void EventQueue::schedule(uint32_t key, Time time, uint64_t rank) {
  if (key >= places_.size()) places_.resize(size_t{key} + 1, kNone);
  const Event event{time, rank, key};
  if (places_[key] == kNone) {
    heap_.push_back(event);
    rise(heap_.size() - 1, event);
    return;
  }
  const size_t at = places_[key];
  if (before(event, heap_[at])) {
    rise(at, event);
  } else {
    sink(at, event);
  }
}

bool EventQueue::cancel(uint32_t key) {
  if (!contains(key)) return false;
  remove_at(places_[key]);
  return true;
}

EventQueue::Event EventQueue::pop() {
  PENSTOCK_CHECK(!heap_.empty(), "pop from a queue of {} events", heap_.size());
  const Event first = heap_.front();
  remove_at(0);
  return first;
}

void EventQueue::rise(size_t at, Event event) {
  while (at > 0) {
    const size_t parent = (at - 1) / kArity;
    if (!before(event, heap_[parent])) break;
    place(at, heap_[parent]);
    at = parent;
  }
  place(at, event);
}

void EventQueue::sink(size_t at, Event event) {
  while (true) {
    const size_t first_child = at * kArity + 1;
    if (first_child >= heap_.size()) break;
    const size_t end = std::min(first_child + kArity, heap_.size());
    size_t least = first_child;
    for (size_t child = first_child + 1; child < end; ++child) {
      if (before(heap_[child], heap_[least])) least = child;
    }
    if (!before(heap_[least], event)) break;
    place(at, heap_[least]);
    at = least;
  }
  place(at, event);
}

void EventQueue::remove_at(size_t at) {
  places_[heap_[at].key] = kNone;
  const Event last = heap_.back();
  heap_.pop_back();
  if (at == heap_.size()) return;
  if (at > 0 && before(last, heap_[(at - 1) / kArity])) {
    rise(at, last);
  } else {
    sink(at, last);
  }
}

}  // namespace penstock::engine
