#include "penstock/serving/decode_batch.h"

#include <algorithm>

#include "penstock/base/check.h"

namespace penstock::serving {

DecodeBatch::DecodeBatch(std::span<const int64_t> caps, const DecodePace& pace)
    : pace_(pace),
      caps_(caps.begin(), caps.end()),
      sums_(caps.size(), 0),
      growing_(caps.size(), 0),
      totals_(caps.size(), 0),
      reaching_(caps.size()) {
  // a cap beyond any context stays one
  for (int64_t& cap : caps_) cap = cap > kForever / pace.unit ? kForever : cap * pace.unit;
}

void DecodeBatch::join(int32_t slot, int64_t order, int64_t context_tokens, int64_t tokens_left) {
  PENSTOCK_DCHECK(tokens_left > 0, "a sequence joins with {} tokens left", tokens_left);
  const int64_t context = context_tokens * pace_.unit;
  for (size_t c = 0; c < caps_.size(); ++c) {
    sums_[c] += std::min(context, caps_[c]);
    if (context >= caps_[c]) continue;
    ++growing_[c];
    const int64_t steps = steps_to_cap(context, c);
    Reaching& reaching = reaching_[c][step_ + steps];
    ++reaching.count;
    reaching.beyond += context + steps * pace_.gain - caps_[c];
  }
  ++count_;
  finishing_.push({step_ + pace_.steps_for(tokens_left), order, slot});
}

void DecodeBatch::leave(int64_t context_tokens, int64_t steps) {
  const int64_t context = context_tokens * pace_.unit;
  const int64_t now = context + steps * pace_.gain;
  for (size_t c = 0; c < caps_.size(); ++c) {
    sums_[c] -= std::min(now, caps_[c]);
    if (now >= caps_[c]) continue;
    --growing_[c];
    const int64_t needed = steps_to_cap(context, c);
    const auto at = reaching_[c].find(step_ - steps + needed);
    at->second.beyond -= context + needed * pace_.gain - caps_[c];
    if (--at->second.count == 0) reaching_[c].erase(at);
  }
  --count_;
}

void DecodeBatch::advance(int64_t steps) {
  step_ += steps;
  for (size_t c = 0; c < caps_.size(); ++c) {
    const Int128 n = steps;
    totals_[c] += n * sums_[c] + Int128{growth(c)} * (n * (n - 1) / 2);
    sums_[c] += steps * growth(c);
    auto& reaching = reaching_[c];
    while (!reaching.empty() && reaching.begin()->first <= step_) {
      growing_[c] -= reaching.begin()->second.count;
      sums_[c] -= reaching.begin()->second.beyond;
      reaching.erase(reaching.begin());
    }
  }
}

bool DecodeBatch::pop_finished(Member& out) {
  if (finishing_.empty() || finishing_.top().step > step_) return false;
  out = finishing_.top();
  finishing_.pop();
  return true;
}

int64_t DecodeBatch::steps_to_change() const {
  int64_t change = kForever;
  if (!finishing_.empty()) change = finishing_.top().step - step_;
  for (const auto& reaching : reaching_) {
    if (!reaching.empty()) change = std::min(change, reaching.begin()->first - step_);
  }
  return std::max<int64_t>(1, change);
}

}  // namespace penstock::serving
