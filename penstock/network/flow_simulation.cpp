#include "penstock/network/flow_simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "penstock/base/check.h"
#include "penstock/base/unit_text.h"
#include "penstock/engine/event_queue.h"
#include "penstock/engine/ledger.h"
#include "penstock/network/max_min.h"

namespace penstock::network {
namespace {

constexpr uint64_t kRankOfChange = 0;  // links change before flows start, and those before ends
constexpr uint64_t kRankOfStart = 1;
constexpr uint64_t kRankOfEnd = 2;
constexpr double kSecondsPerDay = 86400.0;

class Run {
 public:
  Run(const Topology& topology, const std::vector<Flow>& flows, std::vector<LinkChange> changes)
      : topology_(topology), flows_(flows), changes_(std::move(changes)) {
    std::stable_sort(changes_.begin(), changes_.end(),
                     [](const LinkChange& a, const LinkChange& b) { return a.at < b.at; });
    find_channels();
    state_.resize(flows.size());
    report_.flows.resize(flows.size());
    report_.bytes_of_class.resize(topology.links().size());
    report_.peak_fraction_of_class.assign(topology.links().size(), 0.0);
  }

  FlowReport run() {
    schedule_first();
    while (!queue_.empty()) {
      take_events(queue_.top().time);
      solve();
    }
    finish();
    return std::move(report_);
  }

 private:
  struct State {
    Bytes left;
    BytesPerSecond rate;
    Time updated;
    bool active = false;
  };

  /// Only channels that flows use are kept, under numbers of their own.
  void find_channels() {
    std::vector<Hop> way;
    std::vector<int64_t> used;
    for (const Flow& flow : flows_) {
      way.clear();
      topology_.route(flow.from, flow.to, way);
      ways_.add(way);
    }
    for (const Hop& hop : ways_.hops) used.push_back(hop.channel);
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    for (Hop& hop : ways_.hops) {
      hop.channel = std::lower_bound(used.begin(), used.end(), hop.channel) - used.begin();
    }
    for (const int64_t channel : used) {
      full_.push_back(topology_.capacity(channel));
      class_.push_back(topology_.class_of_channel(channel));
    }
    channels_ = std::move(used);
    capacity_ = full_;
    users_.resize(channels_.size());
    seen_channel_.assign(channels_.size(), 0);
    seen_flow_.assign(flows_.size(), 0);
    dense_.resize(channels_.size());
  }

  void schedule_first() {
    const auto changes = static_cast<uint32_t>(changes_.size());
    for (uint32_t i = 0; i < changes; ++i) {
      queue_.schedule(i, changes_[i].at, kRankOfChange << 32U | i);
    }
    for (uint32_t f = 0; f < flows_.size(); ++f) {
      PENSTOCK_CHECK(flows_[f].payload >= Bytes(), "flow {} of {} bytes", f,
                     flows_[f].payload.value());
      const Seconds latency = topology_.latency(flows_[f].from, flows_[f].to);
      queue_.schedule(changes + f, flows_[f].start.after(latency), kRankOfStart << 32U | f);
    }
  }

  /// All events of one instant, and ends within a tick of it: equal flows end together although
  /// the last bits of their rates differ.
  void take_events(Time now) {
    now_ = now;
    const auto changes = static_cast<uint32_t>(changes_.size());
    while (!queue_.empty()) {
      const engine::EventQueue::Event& next = queue_.top();
      const bool near =
          next.rank >> 32U == kRankOfEnd && next.time.picoseconds() <= now.picoseconds() + 1;
      if (next.time != now && !near) break;
      const engine::EventQueue::Event event = queue_.pop();
      if (event.key < changes) {
        change_link(changes_[event.key]);
      } else if (event.rank >> 32U == kRankOfStart) {
        start_flow(event.key - changes);
      } else {
        end_flow(event.key - changes, event.time);
      }
    }
  }

  void change_link(const LinkChange& change) {
    PENSTOCK_CHECK(change.capacity_fraction >= 0.0 && change.capacity_fraction <= 1.0,
                   "a link with {} of its capacity", change.capacity_fraction);
    for (const int direction : {0, 1}) {
      const int64_t channel = topology_.channel(change.link_class, change.bundle, direction);
      const auto at = std::lower_bound(channels_.begin(), channels_.end(), channel);
      if (at == channels_.end() || *at != channel) continue;
      const auto own = static_cast<size_t>(at - channels_.begin());
      capacity_[own] = full_[own] * change.capacity_fraction;
      touched_.push_back(own);
    }
  }

  void start_flow(uint32_t flow) {
    State& state = state_[flow];
    state.left = flows_[flow].payload;
    state.updated = now_;
    const bool local = ways_.first[flow] == ways_.first[flow + 1];
    if (state.left == Bytes() || (local && !flows_[flow].limit)) {
      deliver(flow, now_);
      return;
    }
    state.active = true;
    if (local) {
      alone_.push_back(flow);
      return;
    }
    for (size_t i = ways_.first[flow]; i < ways_.first[flow + 1]; ++i) {
      const auto channel = static_cast<size_t>(ways_.hops[i].channel);
      users_[channel].push_back(flow);
      touched_.push_back(channel);
    }
  }

  void end_flow(uint32_t flow, Time at) {
    state_[flow].active = false;
    for (size_t i = ways_.first[flow]; i < ways_.first[flow + 1]; ++i) {
      touched_.push_back(static_cast<size_t>(ways_.hops[i].channel));
    }
    deliver(flow, at);
  }

  void deliver(uint32_t flow, Time at) {
    state_[flow].left = Bytes();
    report_.flows[flow] = {at, flows_[flow].payload};
    report_.end = std::max(report_.end, at);
    for (size_t i = ways_.first[flow]; i < ways_.first[flow + 1]; ++i) {
      Bytes& bytes = report_.bytes_of_class[class_[static_cast<size_t>(ways_.hops[i].channel)]];
      bytes = bytes + flows_[flow].payload * ways_.hops[i].share_fraction;
    }
  }

  /// New rates for every flow that shares channels, directly or through others, with a change.
  void solve() {
    ++stamp_;
    component_.clear();
    frontier_.clear();
    for (const size_t channel : touched_) reach(channel);
    touched_.clear();
    for (size_t i = 0; i < frontier_.size(); ++i) visit(frontier_[i]);
    for (const uint32_t flow : alone_) component_.push_back(flow);
    alone_.clear();
    if (component_.empty()) return;
    // in order of number, so that equal problems give equal bits
    std::sort(component_.begin(), component_.end());
    std::sort(frontier_.begin(), frontier_.end());
    FlowSet set;
    std::vector<BytesPerSecond> capacity(frontier_.size());
    for (size_t i = 0; i < frontier_.size(); ++i) {
      dense_[frontier_[i]] = static_cast<int64_t>(i);
      capacity[i] = capacity_[frontier_[i]];
    }
    std::vector<Hop> way;
    bool limited = false;
    for (const uint32_t flow : component_) {
      way.clear();
      for (size_t i = ways_.first[flow]; i < ways_.first[flow + 1]; ++i) {
        way.push_back(
            {dense_[static_cast<size_t>(ways_.hops[i].channel)], ways_.hops[i].share_fraction});
      }
      set.add(way);
      limited = limited || flows_[flow].limit.has_value();
    }
    for (const uint32_t flow : component_) {
      if (!limited) break;
      set.limit.push_back(
          flows_[flow].limit.value_or(BytesPerSecond(std::numeric_limits<double>::infinity())));
    }
    apply(max_min_rates(set, capacity), set, capacity);
  }

  void reach(size_t channel) {
    if (seen_channel_[channel] == stamp_) return;
    seen_channel_[channel] = stamp_;
    frontier_.push_back(channel);
  }

  void visit(size_t channel) {
    std::vector<uint32_t>& users = users_[channel];
    std::erase_if(users, [&](uint32_t flow) { return !state_[flow].active; });
    for (const uint32_t flow : users) {
      if (seen_flow_[flow] == stamp_) continue;
      seen_flow_[flow] = stamp_;
      component_.push_back(flow);
      for (size_t i = ways_.first[flow]; i < ways_.first[flow + 1]; ++i) {
        reach(static_cast<size_t>(ways_.hops[i].channel));
      }
    }
  }

  void apply(const std::vector<BytesPerSecond>& rates, const FlowSet& set,
             const std::vector<BytesPerSecond>& capacity) {
    ++report_.solve_count;
    const auto first_key = static_cast<uint32_t>(changes_.size());
    std::vector<double> carried(capacity.size(), 0.0);
    for (size_t i = 0; i < component_.size(); ++i) {
      const uint32_t flow = component_[i];
      State& state = state_[flow];
      for (size_t h = set.first[i]; h < set.first[i + 1]; ++h) {
        carried[static_cast<size_t>(set.hops[h].channel)] +=
            rates[i].value() * set.hops[h].share_fraction;
      }
      if (rates[i] == state.rate && queue_.contains(first_key + flow)) continue;
      state.left = std::max(Bytes(), state.left - state.rate * (now_ - state.updated));
      state.updated = now_;
      state.rate = rates[i];
      schedule_end(flow, first_key);
    }
    for (size_t i = 0; i < capacity.size(); ++i) {
      if (capacity[i] == BytesPerSecond()) continue;
      double& peak = report_.peak_fraction_of_class[class_[frontier_[i]]];
      peak = std::max(peak, carried[i] / capacity[i].value());
    }
  }

  void schedule_end(uint32_t flow, uint32_t first_key) {
    queue_.cancel(first_key + flow);
    const State& state = state_[flow];
    if (state.rate == BytesPerSecond()) return;
    const Seconds span = state.left / state.rate;
    const double most =
        (Time::max() - now_).value() * (1.0 - std::numeric_limits<double>::epsilon());
    if (span.value() >= most) return;
    queue_.schedule(first_key + flow, now_.after(span), kRankOfEnd << 32U | flow);
  }

  void finish() {
    Bytes sent;
    Bytes arrived;
    Bytes left;
    for (uint32_t f = 0; f < flows_.size(); ++f) {
      sent = sent + flows_[f].payload;
      FlowOutcome& outcome = report_.flows[f];
      if (!outcome.end) {
        note_stalled(f);
        outcome.delivered = flows_[f].payload - state_[f].left;
      }
      arrived = arrived + outcome.delivered;
      left = left + state_[f].left;
    }
    engine::Ledger ledger;
    ledger.amount("bytes of flows", "sent", sent.value(), "arrived and left over",
                  (arrived + left).value(), 1e-9, "B");
    ledger.require_balanced();
  }

  void note_stalled(uint32_t flow) {
    const State& state = state_[flow];
    if (report_.stalled_count++ > 0) return;
    const Flow& spec = flows_[flow];
    if (state.rate == BytesPerSecond()) {
      report_.stalled_reason =
          fmt::format("endpoints {} and {} are cut off: a bundle on the way has no capacity left",
                      spec.from, spec.to);
    } else {
      report_.stalled_reason =
          fmt::format("{} from {} to {} at {} end after more than the {} days of the clock",
                      to_text(state.left), spec.from, spec.to, to_text(state.rate),
                      static_cast<int64_t>(Time::max().seconds().value() / kSecondsPerDay));
    }
  }

  const Topology& topology_;
  const std::vector<Flow>& flows_;
  std::vector<LinkChange> changes_;
  FlowSet ways_;                   // hops name channels by their place in channels_
  std::vector<int64_t> channels_;  // of the topology, sorted
  std::vector<BytesPerSecond> full_;
  std::vector<BytesPerSecond> capacity_;
  std::vector<size_t> class_;
  std::vector<std::vector<uint32_t>> users_;  // flows on a channel; ended ones leave at a visit
  std::vector<State> state_;
  engine::EventQueue queue_;
  Time now_;
  std::vector<size_t> touched_;
  std::vector<uint32_t> alone_;  // started without a channel, held by their own limit
  std::vector<uint32_t> component_;
  std::vector<size_t> frontier_;
  std::vector<uint64_t> seen_channel_;
  std::vector<uint64_t> seen_flow_;
  std::vector<int64_t> dense_;
  uint64_t stamp_ = 0;
  FlowReport report_;
};

}  // namespace

FlowReport simulate_flows(const Topology& topology, const std::vector<Flow>& flows,
                          std::vector<LinkChange> changes) {
  return Run(topology, flows, std::move(changes)).run();
}

}  // namespace penstock::network
