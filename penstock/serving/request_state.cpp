#include "penstock/serving/request_state.h"

namespace penstock::serving {

int32_t RequestPool::take(const workload::Request& request) {
  int32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<int32_t>(states_.size());
    states_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  RequestState& state = states_[static_cast<size_t>(slot)];
  // buffers keep their capacity from use to use
  std::vector<uint64_t> hashes = std::move(state.prefix_hashes);
  std::vector<PhaseChange> phases = std::move(state.phases);
  const uint32_t generation = state.generation + 1;
  state = RequestState{};
  hashes.assign(request.prefix_hashes.begin(), request.prefix_hashes.end());
  phases.clear();
  state.prefix_hashes = std::move(hashes);
  state.phases = std::move(phases);
  state.generation = generation;
  state.id = request.id;
  state.arrival = request.arrival;
  state.input_tokens = request.input_tokens;
  state.output_tokens = request.output_tokens;
  state.priority = request.priority;
  state.prefix_run_tokens = request.prefix_run_tokens;
  state.prefill_target = request.input_tokens;
  state.enter(Phase::kQueued, request.arrival);
  return slot;
}

void RequestPool::give_back(int32_t slot) {
  states_[static_cast<size_t>(slot)].phase = Phase::kEnded;
  free_.push_back(slot);
}

}  // namespace penstock::serving
