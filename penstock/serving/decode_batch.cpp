#include "penstock/serving/decode_batch.h"

#include <algorithm>

#include "penstock/base/check.h"

namespace penstock::serving {

DecodeBatch::DecodeBatch(std::span<const int64_t> caps)
    : caps_(caps.begin(), caps.end()),
      sums_(caps.size(), 0),
      growths_(caps.size(), 0),
      totals_(caps.size(), 0),
      reaching_(caps.size()) {}

void DecodeBatch::join(int32_t slot, int64_t order, int64_t context, int64_t tokens_left) {
  PENSTOCK_DCHECK(tokens_left > 0, "a sequence joins with {} tokens left", tokens_left);
  for (size_t c = 0; c < caps_.size(); ++c) {
    sums_[c] += std::min(context, caps_[c]);
    if (context >= caps_[c]) continue;
    ++growths_[c];
    ++reaching_[c][step_ + caps_[c] - context];
  }
  ++count_;
  finishing_.push({step_ + tokens_left, order, slot});
}

void DecodeBatch::leave(int64_t context, int64_t steps) {
  for (size_t c = 0; c < caps_.size(); ++c) {
    sums_[c] -= std::min(context + steps, caps_[c]);
    if (context + steps >= caps_[c]) continue;
    --growths_[c];
    const auto at = reaching_[c].find(step_ - steps + caps_[c] - context);
    if (--at->second == 0) reaching_[c].erase(at);
  }
  --count_;
}

void DecodeBatch::advance(int64_t steps) {
  step_ += steps;
  for (size_t c = 0; c < caps_.size(); ++c) {
    const Int128 n = steps;
    totals_[c] += n * sums_[c] + Int128{growths_[c]} * (n * (n - 1) / 2);
    sums_[c] += steps * growths_[c];
    auto& reaching = reaching_[c];
    while (!reaching.empty() && reaching.begin()->first <= step_) {
      growths_[c] -= reaching.begin()->second;
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
