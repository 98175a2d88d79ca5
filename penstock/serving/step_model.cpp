#include "penstock/serving/step_model.h"

#include <algorithm>
#include <cmath>

#include "penstock/base/check.h"

namespace penstock::serving {

using compute::Collective;
using compute::ContextOperator;
using compute::Family;
using compute::Operator;
using compute::OperatorCost;

namespace {

double as_double(int64_t number) { return static_cast<double>(number); }

/// The largest of `count` things split evenly over `places`.
int64_t parts(int64_t count, int64_t places) { return (count + places - 1) / places; }

/// One operator's duration over S as at most two lines.
std::vector<Segment> segments_of(const compute::Roofline::Lines& lines, double count,
                                 double slope_share) {
  const double ticks = count * static_cast<double>(kPicosecondsPerSecond) * 0x1p16;
  const double fixed = lines.fixed.value();
  struct Raw {
    double at_zero, slope;
  };
  Raw low{fixed + lines.memory_at_zero.value(), lines.memory_per_token.value() * slope_share};
  Raw high{fixed + lines.compute_at_zero.value(), lines.compute_per_token.value() * slope_share};
  if (low.slope > high.slope) std::swap(low, high);
  // `low` rises slower: it is the larger one up to the crossing, `high` beyond it
  const auto line = [&](const Raw& raw, double start) {
    return Segment{static_cast<int64_t>(start),
                   static_cast<Int128>((raw.at_zero + raw.slope * start) * ticks + 0.5),
                   static_cast<int64_t>(std::llround(raw.slope * ticks))};
  };
  if (low.at_zero <= high.at_zero) return {line(high, 0.0)};
  if (high.slope <= low.slope) return {line(low, 0.0)};
  const double crossing = std::ceil((low.at_zero - high.at_zero) / (high.slope - low.slope));
  constexpr double kFarthest = 0x1p60;
  if (crossing >= kFarthest) return {line(low, 0.0)};
  return {line(low, 0.0), line(high, crossing)};
}

/// A generation kernel's duration over S, straight between contexts a factor of two apart: the
/// kernel model is all but straight there.
std::vector<Segment> sampled_segments(const compute::Roofline& roofline, const ContextOperator& op,
                                      int64_t sequences, double count, double slope_share) {
  constexpr int64_t kFirstContext = 16;
  constexpr int64_t kLastContext = int64_t{1} << 21;
  const double ticks = count * static_cast<double>(kPicosecondsPerSecond) * 0x1p16;
  Operator at = op.fixed;
  const auto value = [&](int64_t context) {
    at.context_tokens = sequences * context;
    const double sum = as_double(at.context_tokens);
    at.flops = op.fixed.flops + op.flops_per_token * sum;
    at.bytes = op.fixed.bytes + op.bytes_per_token * sum;
    return static_cast<Int128>(roofline.price(at).duration.value() * ticks + 0.5);
  };
  std::vector<Segment> segments;
  const int64_t last = std::min(op.cap, kLastContext);
  int64_t context = 0;
  Int128 left = value(0);
  while (true) {
    const int64_t next = std::min(last, std::max(kFirstContext, 2 * context));
    const Int128 right = value(next);
    // S is summed over the whole batch, of which this lane has its share
    const auto start = static_cast<int64_t>(as_double(sequences * context) / slope_share);
    const auto end = static_cast<int64_t>(as_double(sequences * next) / slope_share);
    const auto width = std::max<int64_t>(1, end - start);
    segments.push_back({start, left, static_cast<int64_t>((right - left) / width)});
    if (next >= last) break;
    context = next;
    left = right;
  }
  return segments;
}

/// Sum of piecewise-linear functions.
std::vector<Segment> add_segments(const std::vector<Segment>& a, const std::vector<Segment>& b) {
  std::vector<int64_t> starts;
  for (const Segment& s : a) starts.push_back(s.start);
  for (const Segment& s : b) starts.push_back(s.start);
  std::sort(starts.begin(), starts.end());
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  const auto at = [](const std::vector<Segment>& segments, int64_t start) {
    const Segment* holder = &segments.front();
    for (const Segment& s : segments) {
      if (s.start <= start) holder = &s;
    }
    return Segment{start, holder->value + Int128{holder->slope} * (start - holder->start),
                   holder->slope};
  };
  std::vector<Segment> sum;
  for (const int64_t start : starts) {
    const Segment x = at(a, start);
    const Segment y = at(b, start);
    sum.push_back({start, x.value + y.value, x.slope + y.slope});
  }
  return sum;
}

}  // namespace

const Segment& DecodeCurve::segment(size_t context_class, int64_t sum) const {
  const std::vector<Segment>& segments = classes[context_class];
  size_t at = segments.size() - 1;
  while (at > 0 && segments[at].start > sum) --at;
  return segments[at];
}

int64_t DecodeCurve::segment_end(size_t context_class, int64_t sum) const {
  for (const Segment& s : classes[context_class]) {
    if (s.start > sum) return s.start;
  }
  return kNoEnd;
}

void Work::add(const Operator& op, const OperatorCost& cost, double times) {
  const double calls = as_double(op.count) * times;
  ticks += Fine::from_seconds(cost.duration * calls).ticks;
  section_seconds[static_cast<size_t>(op.section)] += cost.duration.value() * calls;
  flops += op.flops * calls;
  bytes += op.bytes * calls;
  energy += cost.energy * calls;
}

void Work::add(const Work& other, double times) {
  ticks += other.ticks;
  for (size_t i = 0; i < kSectionCount; ++i) {
    section_seconds[i] += other.section_seconds[i] * times;
  }
  flops += other.flops * times;
  bytes += other.bytes * times;
  energy += other.energy * times;
}

StepModel::StepModel(const compute::Forward& forward, const compute::Roofline& roofline,
                     Links links, const Options& options)
    : forward_(&forward), roofline_(roofline), links_(std::move(links)), options_(options) {
  step_overhead_ticks_ = Fine::from_seconds(options.step_overhead).ticks;
  sequence_overhead_ticks_ = Fine::from_seconds(options.sequence_overhead).ticks;
  prefill_overhead_ticks_ = Fine::from_seconds(options.prefill_overhead).ticks;
  const int64_t layers = std::max<int64_t>(1, forward.model().layer_count());
  const int64_t stages = forward.plan().pipeline;
  const int64_t fullest = (layers + stages - 1) / stages;
  stage_factor_ = as_double(fullest * stages) / as_double(layers);
  for (const ContextOperator& op : forward.decode_operators(1)) {
    if (op.bytes_per_token > Bytes() || op.flops_per_token > Flop()) caps_.push_back(op.cap);
  }
  std::sort(caps_.begin(), caps_.end());
  caps_.erase(std::unique(caps_.begin(), caps_.end()), caps_.end());
  if (caps_.empty()) caps_.push_back(compute::kNoCap);
  context_work_.resize(caps_.size());
  for (const ContextOperator& op : forward.decode_operators(1)) {
    const auto at = std::lower_bound(caps_.begin(), caps_.end(), op.cap);
    if (at == caps_.end() || *at != op.cap) continue;
    ContextWork& work = context_work_[static_cast<size_t>(at - caps_.begin())];
    const double count = as_double(op.fixed.count);
    work.flops_per_token += op.flops_per_token * count;
    work.bytes_per_token += op.bytes_per_token * count;
    work.energy_per_token += (op.flops_per_token * roofline_.energy_per_flop(op.fixed.dtype) +
                              op.bytes_per_token * roofline_.energy_per_byte()) *
                             count;
  }
  group_tokens_.resize(static_cast<size_t>(options.step_tokens_max + options.pace.queries));
  stage_tokens_.resize(group_tokens_.size());
  decode_fixed_.resize(static_cast<size_t>(options.sequences_max) + 1);
  curves_.resize(decode_fixed_.size());
  heads_.resize(static_cast<size_t>(options.sequences_max * options.pace.queries) + 1);
}

Seconds StepModel::library_duration(network::Operation operation, int64_t rank_count,
                                    Bytes payload) const {
  if (rank_count <= 1 || payload <= Bytes()) return Seconds();
  PENSTOCK_CHECK(links_.library != nullptr, "{} ranks talk without a library", rank_count);
  return links_.library->price({operation, rank_count, payload}, links_.bandwidth_each_way)
      .duration;
}

Seconds StepModel::collective_duration(const Operator& op) const {
  using network::Operation;
  switch (op.collective) {
    case Collective::kAllReduce:
      return library_duration(Operation::kAllReduce, op.rank_count, op.payload);
    case Collective::kAllGather:
      return library_duration(Operation::kAllGather, op.rank_count, op.payload);
    case Collective::kReduceScatter:
      return library_duration(Operation::kReduceScatter, op.rank_count, op.payload);
    case Collective::kAllToAll:
      return library_duration(Operation::kAllToAll, op.rank_count, op.payload);
    case Collective::kNone: break;
  }
  return Seconds();
}

OperatorCost StepModel::price(const Operator& op) const {
  OperatorCost cost = roofline_.price(op);
  if (op.family == Family::kCollective) cost.duration = collective_duration(op);
  return cost;
}

Seconds StepModel::hand_over(int64_t tokens) const {
  const int64_t stages = forward_->plan().pipeline;
  constexpr double kActivationBytes = 2.0;  // bf16 between stages
  const Bytes payload(as_double(tokens) * as_double(forward_->model().hidden_size) *
                      kActivationBytes);
  if (stages == 1) return Seconds();
  return library_duration(network::Operation::kSendReceive, 2, payload) * as_double(stages - 1);
}

compute::TokenSpread StepModel::spread(int64_t count, int64_t chunk_tokens_max) const {
  const compute::ParallelPlan& plan = forward_->plan();
  return {std::max(share(count, plan.lane_count()), chunk_tokens_max),
          std::max(share(count, plan.pipeline), chunk_tokens_max)};
}

int64_t StepModel::share(int64_t count, int64_t places) const {
  const int64_t queries = options_.pace.queries;
  return places == 1 ? count : parts(count, places * queries) * queries;
}

int64_t StepModel::lane(int64_t sequences) const {
  return parts(sequences, forward_->plan().lane_count());
}

double StepModel::lane_share_fraction(int64_t sequences) const {
  return sequences > 0 ? as_double(lane(sequences)) / as_double(sequences) : 0.0;
}

double StepModel::context_share_fraction() const {
  return 1.0 / as_double(forward_->plan().lane_count());
}

Work StepModel::token_work(compute::TokenSpread tokens, bool whole_stage) const {
  Work work;
  for (const Operator& op : forward_->token_operators(tokens)) {
    if (op.whole_stage == whole_stage) work.add(op, price(op), stage_factor_);
  }
  return work;
}

const Work& StepModel::group_tokens(int64_t count) {
  std::unique_ptr<Work>& slot = group_tokens_[static_cast<size_t>(count)];
  if (slot == nullptr) {
    const bool alone = forward_->plan().attention_data == 1;  // then the group is the stage
    Work work = token_work({count, alone ? count : 0}, false);
    if (forward_->plan().pipeline > 1) {
      const Seconds sends = hand_over(count);
      work.ticks += Fine::from_seconds(sends).ticks;
      work.section_seconds[static_cast<size_t>(compute::Section::kCommunication)] += sends.value();
    }
    slot = std::make_unique<Work>(work);
  }
  return *slot;
}

const Work& StepModel::stage_tokens(int64_t count) {
  std::unique_ptr<Work>& slot = stage_tokens_[static_cast<size_t>(count)];
  if (slot == nullptr) slot = std::make_unique<Work>(token_work({0, count}, true));
  return *slot;
}

const Work& StepModel::head(int64_t tokens) {
  const int64_t fullest = share(tokens, forward_->plan().lane_count());
  std::unique_ptr<Work>& slot = heads_[static_cast<size_t>(fullest)];
  if (slot == nullptr) {
    auto work = std::make_unique<Work>();
    if (fullest > 0) {
      for (const Operator& op : forward_->head_operators(fullest)) work->add(op, price(op), 1.0);
    }
    slot = std::move(work);
  }
  return *slot;
}

void StepModel::build_decode(int64_t sequences) {
  // S is summed over the whole batch, in parts of a token; the fullest lane carries its share of it
  const double slope_share = lane_share_fraction(sequences) / as_double(options_.pace.unit);
  auto work = std::make_unique<Work>();
  auto curve = std::make_unique<DecodeCurve>();
  curve->classes.assign(caps_.size(), {Segment{}});
  const auto index = static_cast<size_t>(sequences);
  if (sequences > 0) {
    for (const ContextOperator& op : forward_->decode_operators(lane(sequences))) {
      const auto at = std::lower_bound(caps_.begin(), caps_.end(), op.cap);
      const bool grows = op.bytes_per_token > Bytes() || op.flops_per_token > Flop();
      const OperatorCost cost = roofline_.price(op.fixed);
      if (!grows) {
        work->add(op.fixed, cost, stage_factor_);
        continue;
      }
      std::vector<Segment>& sum = curve->classes[static_cast<size_t>(at - caps_.begin())];
      const double times = as_double(op.fixed.count) * stage_factor_;
      sum = add_segments(
          sum, roofline_.models_attention(op.fixed)
                   ? sampled_segments(roofline_, op, op.fixed.sequence_count, times, slope_share)
                   : segments_of(roofline_.lines(op), times, slope_share));
      const double calls = as_double(op.fixed.count) * stage_factor_;
      work->flops += op.fixed.flops * calls;
      work->bytes += op.fixed.bytes * calls;
      work->energy += cost.energy * calls;
    }
  }
  if (sequences > 0) {
    const compute::ParallelPlan& plan = forward_->plan();
    const compute::TokenSpread spread{lane(sequences), parts(sequences, plan.pipeline)};
    for (const Operator& op : forward_->draft_operators(spread)) work->add(op, price(op), 1.0);
  }
  decode_fixed_[index] = std::move(work);
  curves_[index] = std::move(curve);
}

const Work& StepModel::decode_fixed(int64_t sequences) {
  const auto index = static_cast<size_t>(sequences);
  if (decode_fixed_[index] == nullptr) build_decode(sequences);
  return *decode_fixed_[index];
}

const DecodeCurve& StepModel::curve(int64_t sequences) {
  const auto index = static_cast<size_t>(sequences);
  if (curves_[index] == nullptr) build_decode(sequences);
  return *curves_[index];
}

Work StepModel::prefill(std::span<const compute::PrefillChunk> chunks) const {
  Work work;
  if (chunks.empty()) return work;
  for (const Operator& op : forward_->prefill_operators(chunks)) {
    work.add(op, price(op), stage_factor_);
  }
  return work;
}

Int128 StepModel::overhead(int64_t sequences, bool prefills) const {
  return step_overhead_ticks_ +
         sequence_overhead_ticks_ * parts(sequences, forward_->plan().attention_data) +
         (prefills ? prefill_overhead_ticks_ : Int128{0});
}

}  // namespace penstock::serving
