/// The decoding sequences of an instance as sums: how many, how much context, who ends when.
///
/// All sequences gain the same a step, so after any number of steps the sums follow from the count
/// of growing sequences; only joins, departures and reached caps change that count. Sums are in
/// parts of a token (decode_pace.h).
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <queue>
#include <span>
#include <vector>

#include "penstock/base/time.h"
#include "penstock/serving/decode_pace.h"

namespace penstock::serving {

class DecodeBatch {
 public:
  /// `caps`: tokens of context that count, one a context class (see StepModel).
  explicit DecodeBatch(std::span<const int64_t> caps, const DecodePace& pace = {});

  /// Reference to a sequence: stale once `order` no longer is the sequence's.
  struct Member {
    int64_t step = 0;  ///< decode step count at which something happens to it
    int64_t order = 0;
    int32_t slot = 0;
    friend bool operator>(const Member& a, const Member& b) {
      return a.step != b.step ? a.step > b.step : a.order > b.order;
    }
  };

  /// Joins with `context_tokens` to read at its first decode step and `tokens_left` to produce.
  void join(int32_t slot, int64_t order, int64_t context_tokens, int64_t tokens_left);
  /// Leaves after `steps` decode steps with the context it joined with.
  void leave(int64_t context_tokens, int64_t steps);

  /// All sequences take `steps` steps. No sequence may end or reach a cap before the last of them.
  void advance(int64_t steps);

  /// Members whose last token came by now, in order of admission. Stale ones are the caller's to
  /// recognise.
  bool pop_finished(Member& out);

  [[nodiscard]] int64_t count() const { return count_; }
  [[nodiscard]] int64_t step() const { return step_; }
  [[nodiscard]] size_t class_count() const { return caps_.size(); }
  /// Summed context the next step reads, in parts, and how much it grows with every step.
  [[nodiscard]] int64_t sum(size_t c) const { return sums_[c]; }
  [[nodiscard]] int64_t growth(size_t c) const { return growing_[c] * pace_.gain; }
  /// Steps until a sequence ends or reaches a cap; at least 1.
  [[nodiscard]] int64_t steps_to_change() const;
  /// Decode steps and summed context over them since the start, per class.
  [[nodiscard]] Int128 context_total(size_t c) const { return totals_[c]; }

  static constexpr int64_t kForever = std::numeric_limits<int64_t>::max() / 4;

 private:
  using Heap = std::priority_queue<Member, std::vector<Member>, std::greater<>>;

  /// Sequences that reach a cap at one decode step, and by how much they pass it.
  struct Reaching {
    int64_t count = 0;
    int64_t beyond = 0;
  };
  /// Steps until a context below the cap of class `c` reaches it.
  [[nodiscard]] int64_t steps_to_cap(int64_t context, size_t c) const {
    return (caps_[c] - context + pace_.gain - 1) / pace_.gain;
  }

  DecodePace pace_;
  std::vector<int64_t> caps_;  // in parts, like all contexts below
  std::vector<int64_t> sums_;
  std::vector<int64_t> growing_;  // sequences below the cap
  std::vector<Int128> totals_;
  std::vector<std::map<int64_t, Reaching>> reaching_;  // by decode step
  int64_t count_ = 0;
  int64_t step_ = 0;
  Heap finishing_;
};

}  // namespace penstock::serving
