#include "penstock/serving/step_log.h"

namespace penstock::serving {
namespace {

/// `times` equal steps; ticks are whole, so they multiply exactly.
void add_times(Work& sum, const Work& work, int64_t times) {
  const Int128 before = sum.ticks;
  sum.add(work, static_cast<double>(times));
  sum.ticks = before + work.ticks * times;
}

}  // namespace

void StepLog::note(int64_t tokens, int64_t chunk_tokens_max, int64_t heads, int64_t decoding,
                   int64_t steps, StepModel& model) {
  const compute::TokenSpread spread = model.spread(tokens, chunk_tokens_max);
  count(by_group_tokens_, spread.group, steps);
  count(by_stage_tokens_, spread.stage, steps);
  count(by_heads_, heads, steps);
  count(by_decoding_, decoding, steps);
  step_count_ += steps;
  if (decoding > 0) decode_step_count_ += steps;
  decoding_count_ += decoding * steps;
  prefill_token_count_ += (tokens - decoding * model.pace().queries) * steps;
}

Work StepLog::total(StepModel& model) const {
  Work sum = prefill_;
  sum.ticks += decode_ticks_;
  for (size_t n = 0; n < by_group_tokens_.size(); ++n) {
    if (by_group_tokens_[n] == 0) continue;
    add_times(sum, model.group_tokens(static_cast<int64_t>(n)), by_group_tokens_[n]);
  }
  for (size_t n = 0; n < by_stage_tokens_.size(); ++n) {
    if (by_stage_tokens_[n] == 0) continue;
    add_times(sum, model.stage_tokens(static_cast<int64_t>(n)), by_stage_tokens_[n]);
  }
  for (size_t n = 0; n < by_heads_.size(); ++n) {
    if (by_heads_[n] > 0) add_times(sum, model.head(static_cast<int64_t>(n)), by_heads_[n]);
  }
  Work fixed;
  for (size_t n = 0; n < by_decoding_.size(); ++n) {
    if (by_decoding_[n] > 0) {
      add_times(fixed, model.decode_fixed(static_cast<int64_t>(n)), by_decoding_[n]);
    }
  }
  // the fixed part's own duration already counts in its sections; curves count as attention
  const double curve_seconds = Fine{decode_ticks_}.seconds().value();
  fixed.section_seconds[static_cast<size_t>(compute::Section::kAttention)] += curve_seconds;
  add_times(sum, fixed, 1);
  for (size_t c = 0; c < context_.size(); ++c) {
    const auto tokens = static_cast<double>(context_[c]) * model.context_share_fraction() /
                        static_cast<double>(model.pace().unit);
    sum.flops += model.context_work(c).flops_per_token * tokens;
    sum.bytes += model.context_work(c).bytes_per_token * tokens;
    sum.energy += model.context_work(c).energy_per_token * tokens;
  }
  return sum;
}

}  // namespace penstock::serving
