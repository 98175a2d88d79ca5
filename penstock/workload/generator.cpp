#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "penstock/base/check.h"
#include "penstock/base/rng.h"
#include "penstock/workload/workload.h"

namespace penstock::workload {
namespace {

/// Draws requests a batch at a time, so that the loops over draws are tight and only the copy out
/// of the batch is a virtual call per request.
class GeneratorStream final : public RequestStream {
 public:
  GeneratorStream(const GeneratorConfig& config, uint64_t seed, double load_ratio,
                  StreamLimits limits)
      : input_(config.lengths.input.model),
        output_(config.lengths.output.model),
        correlation_(config.lengths.correlation_ratio),
        independent_(std::sqrt(1.0 - correlation_ * correlation_)),
        lengths_(seed, "workload/lengths"),
        limits_(limits) {
    PENSTOCK_CHECK(input_ != nullptr && output_ != nullptr, "no lengths beside {} arrivals",
                   config.arrivals.name);
    PENSTOCK_CHECK(load_ratio == 0.0 || config.arrivals.model != nullptr, "no arrivals at load {}",
                   load_ratio);
    if (load_ratio > 0.0) arrivals_ = config.arrivals.model->start(seed, load_ratio);
    if (config.prefix) {
      prefix_.emplace(*config.prefix, seed);
      run_tokens_ = config.prefix->run_tokens;
    }
  }

  bool next(Request& out) override {
    if (at_ == count_) draw_batch();
    if (at_ == count_ || id_ >= limits_.requests || times_[at_] >= limits_.end) {
      return false;
    }
    out.id = id_++;
    out.arrival = times_[at_];
    out.input_tokens = inputs_[at_];
    out.output_tokens = outputs_[at_];
    out.priority = 0;
    out.prefix_hashes = {};
    out.prefix_run_tokens = run_tokens_;
    if (prefix_) {
      const PrefixSource::Draw draw = prefix_->next();
      out.prefix_hashes = draw.hashes;
      out.input_tokens = std::max(out.input_tokens, draw.tokens);
    }
    ++at_;
    return true;
  }

 private:
  static constexpr size_t kBatch = 256;  // 8 KiB in all: stays in the first-level cache

  void draw_batch() {
    at_ = 0;
    count_ = arrivals_ != nullptr ? arrivals_->fill(times_) : kBatch;
    for (size_t i = 0; i < kBatch; ++i) {
      const double z = lengths_.normal_factor();
      input_scores_[i] = z;
      output_scores_[i] = correlation_ * z + independent_ * lengths_.normal_factor();
    }
    input_->tokens_at(input_scores_, inputs_);
    output_->tokens_at(output_scores_, outputs_);
  }

  std::unique_ptr<ArrivalSource> arrivals_;  // none: everything at zero
  std::shared_ptr<const LengthDistribution> input_;
  std::shared_ptr<const LengthDistribution> output_;
  double correlation_;
  double independent_;
  Rng lengths_;
  std::optional<PrefixSource> prefix_;
  int64_t run_tokens_ = 0;
  StreamLimits limits_;
  int64_t id_ = 0;

  size_t at_ = 0;
  size_t count_ = 0;
  std::array<Time, kBatch> times_{};
  std::array<double, kBatch> input_scores_{};
  std::array<double, kBatch> output_scores_{};
  std::array<int64_t, kBatch> inputs_{};
  std::array<int64_t, kBatch> outputs_{};
};

}  // namespace

std::unique_ptr<RequestStream> stream_generator(const GeneratorConfig& config, uint64_t seed,
                                                double load_ratio, StreamLimits limits) {
  return std::make_unique<GeneratorStream>(config, seed, load_ratio, limits);
}

}  // namespace penstock::workload
