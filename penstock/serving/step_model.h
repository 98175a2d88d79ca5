/// How long a step of an instance takes, as sums of whole ticks that the simulator can add up in
/// closed form.
///
/// A step's duration is: overhead + tokens(N) + head(L) + decode(B; S...) + prefill chunks, where N
/// tokens are processed, L sequences get a next token, B sequences decode, and S is the summed
/// context of those, one sum a context class (all tokens; the last `window` tokens; ...). For fixed
/// B the decode part is a piecewise-linear function of each S with whole-number coefficients, so a
/// run of steps adds up to the same bytes whether taken one by one or at once.
///
/// Pipeline parallel is a round: `pipeline` micro-batches of 1/pipeline of the work pass the stages
/// one behind the other; the round takes the whole model's time for one such micro-batch plus the
/// hand-overs. A lone sequence therefore sees the full latency, a full batch the full throughput.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "penstock/base/time.h"
#include "penstock/compute/forward.h"
#include "penstock/compute/roofline.h"
#include "penstock/network/closed_form.h"

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

class StepModel {
 public:
  struct Options {
    Seconds step_overhead;
    Seconds sequence_overhead;
    int64_t step_tokens_max = 0;
    int64_t sequences_max = 0;
    Seconds prefill_overhead = {};
  };

  StepModel(const compute::Forward& forward, const compute::Roofline& roofline,
            const network::ScaleUpDomain& domain, const Options& options);

  /// Context classes: how many tokens of a sequence's context count.
  [[nodiscard]] std::span<const int64_t> caps() const { return caps_; }

  /// Work of N tokens; cached by N. `chunk_tokens_max` is the largest prompt chunk among them,
  /// which one micro-batch has to carry whole.
  const Work& tokens(int64_t count, int64_t chunk_tokens_max) {
    return lane_tokens(lane(count, chunk_tokens_max));
  }
  /// Tokens of the fullest micro-batch of such a step, and their work.
  [[nodiscard]] int64_t lane(int64_t count, int64_t chunk_tokens_max) const;
  const Work& lane_tokens(int64_t lane_count);
  /// Share of B sequences, and of their summed context, that the fullest micro-batch carries.
  [[nodiscard]] double lane_share_fraction(int64_t sequences) const;
  /// Share of a batch's summed context that one rank reads over a round (1 / pipeline).
  [[nodiscard]] double context_share_fraction() const;
  /// Work of L next tokens.
  const Work& head(int64_t sequences);
  /// Decode attention of B sequences besides what grows with S (which `curve` holds).
  const Work& decode_fixed(int64_t sequences);
  const DecodeCurve& curve(int64_t sequences);
  /// Attention of the prompt chunks of a step, which one kernel a layer handles together.
  [[nodiscard]] Work prefill(std::span<const compute::PrefillChunk> chunks) const;
  /// Engine time of a step with this many sequences, with or without prompt tokens.
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
  /// Sequences or tokens of one micro-batch.
  [[nodiscard]] int64_t share(int64_t count) const;
  [[nodiscard]] Seconds hand_over(int64_t tokens) const;
  void build_decode(int64_t sequences);

  const compute::Forward* forward_;
  compute::Roofline roofline_;
  network::ScaleUpDomain domain_;
  Options options_;
  Int128 step_overhead_ticks_ = 0;
  Int128 sequence_overhead_ticks_ = 0;
  Int128 prefill_overhead_ticks_ = 0;
  double stage_factor_ = 1.0;  // layers of the fullest stage times stages over all layers
  std::vector<int64_t> caps_;
  std::vector<ContextWork> context_work_;
  // caches by count; filled as the run visits them
  std::vector<std::unique_ptr<Work>> tokens_;
  std::vector<std::unique_ptr<Work>> heads_;
  std::vector<std::unique_ptr<Work>> decode_fixed_;
  std::vector<std::unique_ptr<DecodeCurve>> curves_;
};

}  // namespace penstock::serving
