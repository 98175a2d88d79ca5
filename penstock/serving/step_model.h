/// How long a step of an instance takes, as sums of whole ticks that the simulator can add up in
/// closed form.
///
/// A step's duration is: overhead + tokens(N) + head(L) + decode(B; S...) + prefill chunks, where N
/// tokens are processed, L sequences get a next token, B sequences decode, and S is the summed
/// context of those, one sum a context class (all tokens; the last `window` tokens; ...), in parts
/// of a token where drafts are verified (decode_pace.h). For fixed
/// B the decode part is a piecewise-linear function of each S with whole-number coefficients, so a
/// run of steps adds up to the same bytes whether taken one by one or at once.
///
/// Pipeline parallel is a round: `pipeline` micro-batches of 1/pipeline of the work pass the stages
/// one behind the other; the round takes the whole model's time for one such micro-batch plus the
/// hand-overs. A lone sequence therefore sees the full latency, a full batch the full throughput.
///
/// Attention data parallel splits the sequences of a micro-batch over the attention groups of the
/// stage; all groups take their steps together and meet at the experts, so the fullest counts:
/// ceil(B / lanes) sequences, where lanes are groups times micro-batches.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "penstock/base/time.h"
#include "penstock/compute/forward.h"
#include "penstock/compute/roofline.h"
#include "penstock/network/library.h"
#include "penstock/serving/decode_pace.h"

namespace penstock::serving {

constexpr size_t kSectionCount = 8;  ///< values of compute::Section

/// Duration as a line over S from `start` on: ticks = value + slope * (S - start).
struct Segment {
  int64_t start = 0;
  Int128 value = 0;
  int64_t slope = 0;
};

/// Duration of the decode attention of B sequences, per context class.
struct DecodeCurve {
  std::vector<std::vector<Segment>> classes;  ///< segments in order of start; the first starts at 0

  /// The segment that holds S.
  [[nodiscard]] const Segment& segment(size_t context_class, int64_t sum) const;
  /// First S beyond the segment, or kNoEnd.
  [[nodiscard]] int64_t segment_end(size_t context_class, int64_t sum) const;
  static constexpr int64_t kNoEnd = INT64_MAX;
};

/// What a number of tokens (or sequences) costs besides its duration, on one rank.
struct Work {
  Int128 ticks = 0;
  std::array<double, kSectionCount> section_seconds{};  // tidy: plain seconds, summed in hot loops
  Flop flops;
  Bytes bytes;
  Joules energy;  ///< above idle

  void add(const compute::Operator& op, const compute::OperatorCost& cost, double times_factor);
  /// Everything but the ticks scales; those are whole and add as they are.
  void add(const Work& other, double times_factor);
};

/// Work of decode attention per unit of S, one a class, and of prefill per query-key pair.
struct ContextWork {
  Flop flops_per_token;
  Bytes bytes_per_token;
  Joules energy_per_token;
};

/// What the ranks of a deployment talk over. Without a library they must not talk.
struct Links {
  std::shared_ptr<const network::Library> library;
  BytesPerSecond bandwidth_each_way;  ///< of one rank, all its links
};

class StepModel {
 public:
  struct Options {
    Seconds step_overhead;
    Seconds sequence_overhead;
    int64_t step_tokens_max = 0;
    int64_t sequences_max = 0;
    Seconds prefill_overhead = {};
    DecodePace pace = {};
  };

  StepModel(const compute::Forward& forward, const compute::Roofline& roofline, Links links,
            const Options& options);

  /// Context classes: how many tokens of a sequence's context count.
  [[nodiscard]] std::span<const int64_t> caps() const { return caps_; }

  [[nodiscard]] const DecodePace& pace() const { return options_.pace; }
  /// How the fullest micro-batch of a step of N tokens spreads over the groups of a stage.
  /// `chunk_tokens_max` is the largest prompt chunk among them, which one lane has to carry whole.
  [[nodiscard]] compute::TokenSpread spread(int64_t count, int64_t chunk_tokens_max) const;
  /// Ticks of the token operators of such a step.
  [[nodiscard]] Int128 token_ticks(compute::TokenSpread tokens) {
    return group_tokens(tokens.group).ticks + stage_tokens(tokens.stage).ticks;
  }
  /// Work on the tokens of one attention group; cached.
  const Work& group_tokens(int64_t count);
  /// Work on the tokens of all attention groups together; none where a stage is one group.
  const Work& stage_tokens(int64_t count);
  /// Sequences of the fullest lane, of which each brings `pace().queries` tokens.
  [[nodiscard]] int64_t lane(int64_t sequences) const;
  /// Share of B sequences, and of their summed context, that the fullest lane carries.
  [[nodiscard]] double lane_share_fraction(int64_t sequences) const;
  /// Share of a batch's summed context that one rank reads over a round (1 / lanes).
  [[nodiscard]] double context_share_fraction() const;
  /// Work of L next tokens, drafts that are verified among them.
  const Work& head(int64_t tokens);
  /// Decode attention of B sequences besides what grows with S (which `curve` holds), and the
  /// making of drafts.
  const Work& decode_fixed(int64_t sequences);
  const DecodeCurve& curve(int64_t sequences);
  /// Attention of the prompt chunks of a step, which one kernel a layer handles together.
  [[nodiscard]] Work prefill(std::span<const compute::PrefillChunk> chunks) const;
  /// Engine time of a step with this many sequences, with or without prompt tokens; each attention
  /// group has its own scheduler.
  [[nodiscard]] Int128 overhead(int64_t sequences, bool prefills) const;
  [[nodiscard]] const ContextWork& context_work(size_t context_class) const {
    return context_work_[context_class];
  }

  [[nodiscard]] const compute::Forward& forward() const { return *forward_; }
  [[nodiscard]] const compute::Roofline& roofline() const { return roofline_; }
  /// Duration of a collective operator's call.
  [[nodiscard]] Seconds collective_duration(const compute::Operator& op) const;
  /// One call of any operator, collectives included.
  [[nodiscard]] compute::OperatorCost price(const compute::Operator& op) const;

 private:
  /// Tokens or next tokens of the fullest of `places` parts of them; those of one sequence stay
  /// together.
  [[nodiscard]] int64_t share(int64_t count, int64_t places) const;
  /// Prices the token operators that work on a whole stage's tokens, or on one group's.
  [[nodiscard]] Work token_work(compute::TokenSpread tokens, bool whole_stage) const;
  [[nodiscard]] Seconds hand_over(int64_t tokens) const;
  [[nodiscard]] Seconds library_duration(network::Operation operation, int64_t rank_count,
                                         Bytes payload) const;
  void build_decode(int64_t sequences);

  const compute::Forward* forward_;
  compute::Roofline roofline_;
  Links links_;
  Options options_;
  Int128 step_overhead_ticks_ = 0;
  Int128 sequence_overhead_ticks_ = 0;
  Int128 prefill_overhead_ticks_ = 0;
  double stage_factor_ = 1.0;  // layers of the fullest stage times stages over all layers
  std::vector<int64_t> caps_;
  std::vector<ContextWork> context_work_;
  // caches by count; filled as the run visits them
  std::vector<std::unique_ptr<Work>> group_tokens_;
  std::vector<std::unique_ptr<Work>> stage_tokens_;
  std::vector<std::unique_ptr<Work>> heads_;
  std::vector<std::unique_ptr<Work>> decode_fixed_;
  std::vector<std::unique_ptr<DecodeCurve>> curves_;
};

}  // namespace penstock::serving
