/// Counts of steps by what they processed; work, energy and breakdowns follow from them at the end.
#pragma once

#include <cstdint>
#include <vector>

#include "penstock/base/time.h"
#include "penstock/serving/step_model.h"

namespace penstock::serving {

/// Shared by the instances of a pool.
class StepLog {
 public:
  explicit StepLog(size_t class_count) : context_(class_count, 0) {}

  /// `steps` equal steps of `tokens` tokens, those of `decoding` sequences among them.
  void note(int64_t tokens, int64_t chunk_tokens_max, int64_t heads, int64_t decoding,
            int64_t steps, StepModel& model);
  void note_prefill(const Work& work) { prefill_.add(work, 1.0); }
  void note_decode_ticks(Int128 ticks) { decode_ticks_ += ticks; }
  /// A prompt was whole, so a token came out of a prefill step.
  void note_first_token() { ++first_token_count_; }
  /// A sequence stopped decoding, having taken `steps` steps that brought it `tokens` tokens.
  void note_decoded(int64_t steps, int64_t tokens) {
    sequence_step_count_ += steps;
    decode_token_count_ += tokens;
  }
  void note_overhead(Int128 ticks) { overhead_ticks_ += ticks; }
  void note_context(size_t context_class, Int128 sum) { context_[context_class] += sum; }

  [[nodiscard]] int64_t step_count() const { return step_count_; }
  [[nodiscard]] int64_t decode_step_count() const { return decode_step_count_; }
  /// Sequences in decode steps, summed over steps; and the same counted as sequences left.
  [[nodiscard]] int64_t decoding_count() const { return decoding_count_; }
  [[nodiscard]] int64_t sequence_step_count() const { return sequence_step_count_; }
  /// Tokens that decode steps brought sequences which have stopped decoding.
  [[nodiscard]] int64_t decode_token_count() const { return decode_token_count_; }
  [[nodiscard]] int64_t prefill_token_count() const { return prefill_token_count_; }
  [[nodiscard]] int64_t first_token_count() const { return first_token_count_; }
  [[nodiscard]] Int128 overhead_ticks() const { return overhead_ticks_; }
  [[nodiscard]] size_t class_count() const { return context_.size(); }
  /// Context read by decode steps, in parts of a token.
  [[nodiscard]] Int128 context_total(size_t c) const { return context_[c]; }
  [[nodiscard]] Seconds overhead() const { return Fine{overhead_ticks_}.seconds(); }

  /// Work of one rank of the pool's instances over the whole run, attention of decode included.
  [[nodiscard]] Work total(StepModel& model) const;

 private:
  static void count(std::vector<int64_t>& counts, int64_t at, int64_t steps) {
    const auto index = static_cast<size_t>(at);
    if (index >= counts.size()) counts.resize(index + 1, 0);
    counts[index] += steps;
  }

  std::vector<int64_t> by_group_tokens_;  // see StepModel::spread
  std::vector<int64_t> by_stage_tokens_;
  std::vector<int64_t> by_heads_;
  std::vector<int64_t> by_decoding_;
  std::vector<Int128> context_;
  Work prefill_;
  Int128 decode_ticks_ = 0;
  Int128 overhead_ticks_ = 0;
  int64_t step_count_ = 0;
  int64_t decode_step_count_ = 0;
  int64_t decode_token_count_ = 0;
  int64_t decoding_count_ = 0;
  int64_t sequence_step_count_ = 0;
  int64_t prefill_token_count_ = 0;
  int64_t first_token_count_ = 0;
};

}  // namespace penstock::serving
