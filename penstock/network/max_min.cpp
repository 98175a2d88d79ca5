#include "penstock/network/max_min.h"

#include <algorithm>
#include <limits>
#include <queue>
#include <tuple>

#include "penstock/base/check.h"

namespace penstock::network {
namespace {

/// Works in plain numbers: bytes per second, and sums of shares.
class Filling {
 public:
  Filling(const FlowSet& flows, std::span<const BytesPerSecond> capacity)
      : flows_(flows),
        capacity_(capacity),
        left_(capacity.size(), 0.0),
        weight_(capacity.size(), 0.0),
        rate_(flows.size(), kOpen) {
    index_users();
  }

  std::vector<BytesPerSecond> run() {
    open_own_limits();
    while (!queue_.empty()) {
      const auto [fair, channel] = queue_.top();
      queue_.pop();
      if (channel >= kFlow) {
        settle(static_cast<size_t>(channel - kFlow), fair);
      } else {
        fill(static_cast<size_t>(channel), fair);
      }
    }
    std::vector<BytesPerSecond> rates;
    rates.reserve(rate_.size());
    for (const double rate : rate_) {
      rates.emplace_back(rate == kOpen ? std::numeric_limits<double>::infinity() : rate);
    }
    check_capacity();
    return rates;
  }

 private:
  static constexpr double kOpen = -1.0;
  static constexpr int64_t kFlow = int64_t{1} << 62;  // a flow's own limit in the queue

  void index_users() {
    const size_t channels = capacity_.size();
    first_user_.assign(channels + 1, 0);
    for (const Hop& hop : flows_.hops) ++first_user_[static_cast<size_t>(hop.channel) + 1];
    for (size_t c = 0; c < channels; ++c) first_user_[c + 1] += first_user_[c];
    users_.resize(flows_.hops.size());
    std::vector<size_t> at(first_user_.begin(), first_user_.end() - 1);
    for (size_t f = 0; f < flows_.size(); ++f) {
      for (size_t i = flows_.first[f]; i < flows_.first[f + 1]; ++i) {
        const auto c = static_cast<size_t>(flows_.hops[i].channel);
        users_[at[c]++] = f;
        weight_[c] += flows_.hops[i].share_fraction;
      }
    }
    for (size_t c = 0; c < channels; ++c) {
      if (first_user_[c] == first_user_[c + 1]) continue;
      left_[c] = capacity_[c].value();
      queue_.emplace(left_[c] / weight_[c], static_cast<int64_t>(c));
    }
  }

  void open_own_limits() {
    for (size_t f = 0; f < flows_.limit.size(); ++f) {
      queue_.emplace(flows_.limit[f].value(), kFlow + static_cast<int64_t>(f));
    }
  }

  /// A channel is full when its open flows have risen to its fair rate. Entries grow stale when
  /// flows on it have settled lower since; then the fair rate has risen and it queues again.
  void fill(size_t channel, double fair) {
    if (weight_[channel] <= 0.0) return;
    const double now = std::max(0.0, left_[channel]) / weight_[channel];
    if (now > fair) {
      queue_.emplace(now, static_cast<int64_t>(channel));
      return;
    }
    for (size_t i = first_user_[channel]; i < first_user_[channel + 1]; ++i) {
      settle(users_[i], fair);
    }
    weight_[channel] = 0.0;
  }

  void settle(size_t flow, double rate) {
    if (rate_[flow] != kOpen) return;
    rate_[flow] = rate;
    for (size_t i = flows_.first[flow]; i < flows_.first[flow + 1]; ++i) {
      const Hop& hop = flows_.hops[i];
      const auto c = static_cast<size_t>(hop.channel);
      left_[c] -= rate * hop.share_fraction;
      weight_[c] -= hop.share_fraction;
      if (weight_[c] < kRounding) weight_[c] = open_weight(c);
    }
  }

  /// The weight again from its open flows, where subtraction has left mostly rounding.
  [[nodiscard]] double open_weight(size_t channel) const {
    double weight = 0.0;
    for (size_t i = first_user_[channel]; i < first_user_[channel + 1]; ++i) {
      const size_t flow = users_[i];
      if (rate_[flow] != kOpen) continue;
      for (size_t h = flows_.first[flow]; h < flows_.first[flow + 1]; ++h) {
        if (static_cast<size_t>(flows_.hops[h].channel) == channel) {
          weight += flows_.hops[h].share_fraction;
        }
      }
    }
    return weight;
  }

  /// No channel carries more than its capacity.
  void check_capacity() const {
    std::vector<double> carried(capacity_.size(), 0.0);
    for (size_t f = 0; f < flows_.size(); ++f) {
      if (rate_[f] == kOpen) continue;
      for (size_t i = flows_.first[f]; i < flows_.first[f + 1]; ++i) {
        carried[static_cast<size_t>(flows_.hops[i].channel)] +=
            rate_[f] * flows_.hops[i].share_fraction;
      }
    }
    for (size_t c = 0; c < carried.size(); ++c) {
      PENSTOCK_CHECK(carried[c] <= capacity_[c].value() * (1.0 + kRounding),
                     "channel {} carries {} B/s of {} B/s", c, carried[c], capacity_[c].value());
    }
  }

  static constexpr double kRounding = 1e-9;

  using Entry = std::pair<double, int64_t>;  // fair rate, channel or flow: ties in order of number

  const FlowSet& flows_;
  std::span<const BytesPerSecond> capacity_;
  std::vector<double> left_;    // capacity not yet given away
  std::vector<double> weight_;  // sum of shares of open flows
  std::vector<double> rate_;
  std::vector<size_t> first_user_;
  std::vector<size_t> users_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
};

}  // namespace

std::vector<BytesPerSecond> max_min_rates(const FlowSet& flows,
                                          std::span<const BytesPerSecond> capacity) {
  PENSTOCK_CHECK(flows.limit.empty() || flows.limit.size() == flows.size(),
                 "{} limits for {} flows", flows.limit.size(), flows.size());
  return Filling(flows, capacity).run();
}

}  // namespace penstock::network
