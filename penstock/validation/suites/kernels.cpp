#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "penstock/base/parallel.h"
#include "penstock/validation/kernel_price.h"
#include "penstock/validation/suite.h"

namespace penstock::validation {
namespace {

using namespace measurement;

constexpr std::array<std::string_view, 4> kFiles = {"kernels_gemm.csv", "kernels_attention.csv",
                                                    "kernels_mla.csv", "kernels_moe.csv"};
constexpr std::string_view kByKin = "by kin";
constexpr size_t kChunk = 512;  // rows a thread takes at a time

/// Why a kernel's time is hard to predict, where the row itself tells.
template <class Row>
std::string hint_of(const Row& row) {
  // the collectors' own statement of what their method resolves
  if (row.timing.latency < 5_us) return "at the resolution of the method";
  if constexpr (std::is_same_v<Row, MoeRow>) {
    if (row.load != ExpertLoad::kBalanced) return "five random draws of a skewed routing";
  }
  return {};
}

struct Labels {
  std::string_view family;
  std::string dtype;
  std::string_view phase;
  std::string what;
};

Labels labels_of(const GemmRow& r) {
  return {"gemm", std::string(r.format.name), "",
          fmt::format("{} m {} n {} k {}", r.format.name, r.m, r.n, r.k)};
}

Labels labels_of(const AttentionRow& r) {
  const std::string_view phase = enum_name(r.phase);
  return {"attention", fmt::format("{}+{}", r.compute.name, r.cache.name), phase,
          fmt::format("{} {} kv {} batch {} x {}+{} heads {}/{} x {} window {}", phase,
                      r.compute.name, r.cache.name, r.batch_count, r.query_tokens, r.context_tokens,
                      r.query_head_count, r.kv_head_count, r.head_dim, r.window_tokens)};
}

Labels labels_of(const MlaRow& r) {
  const std::string_view phase = enum_name(r.phase);
  return {"mla", fmt::format("{}+{}+{}", r.projections.name, r.compute.name, r.cache.name), phase,
          fmt::format("{} {} {} kv {} weights {} batch {} x {}+{} heads {}", enum_name(r.scope),
                      phase, r.compute.name, r.cache.name, r.projections.name, r.batch_count,
                      r.query_tokens, r.context_tokens, r.head_count)};
}

Labels labels_of(const MoeRow& r) {
  return {"moe", std::string(r.format.name), "",
          fmt::format("{} tokens {} hidden {} width {} top {} of {} tp {} ep {} {}", r.format.name,
                      r.tokens, r.hidden_size, r.inter_size, r.topk_count, r.expert_count,
                      r.tensor_count, r.expert_group_count, enum_name(r.load))};
}

/// The latency as it would be predicted had this accelerator never been measured.
template <class Row>
Observation by_kin(Observation latency, const Row& row, const KernelPricers& pricers) {
  latency.section = kByKin;
  const KernelPricer* pricer = pricers.find_by_kin(row.timing.accelerator);
  if (pricer == nullptr) {
    latency.unanswered = "no other accelerator is measured";
    return latency;
  }
  const KernelPrice price = pricer->price(row);
  latency.predicted_factor = price.duration.value();
  latency.low = price.low.value();
  latency.high = price.high.value();
  latency.unanswered.clear();
  return latency;
}

/// One row: its latency and, where it was measured, its power.
template <class Row>
void observe(const Row& row, std::string_view file, const KernelPricers& pricers,
             std::vector<Observation>& out) {
  const Labels labels = labels_of(row);
  const Timing& timing = row.timing;
  Observation latency;
  latency.metric = "latency";
  latency.keys = {
      std::string(labels.family), timing.accelerator,       timing.framework, labels.dtype,
      std::string(labels.phase),  timing.framework_version, timing.kernel};
  latency.place = fmt::format("{}:{}", file, timing.line);
  latency.what = fmt::format("{} {} {} {} {}", timing.accelerator, timing.framework,
                             timing.framework_version, timing.kernel, labels.what);
  latency.measured_factor = timing.latency.value();
  Observation power = latency;
  power.metric = "power";
  const KernelPricer* pricer = pricers.find(timing.accelerator);
  if (pricer == nullptr) {
    latency.unanswered = "the accelerator has no published matrix peak";
    power.unanswered = latency.unanswered;
  } else {
    const KernelPrice price = pricer->price(row);
    latency.predicted_factor = price.duration.value();
    latency.low = price.low.value();
    latency.high = price.high.value();
    latency.hint = hint_of(row);
    if (price.power) {
      power.predicted_factor = price.power->value();
    } else {
      power.unanswered = "the accelerator has no published power limit";
    }
  }
  if (!timing.power) out.push_back(by_kin(latency, row, pricers));
  out.push_back(std::move(latency));
  if (!timing.power) return;
  power.measured_factor = timing.power->value();
  out.push_back(std::move(power));
}

class Kernels final : public Suite {
 public:
  [[nodiscard]] std::span<const std::string_view> files() const override { return kFiles; }
  [[nodiscard]] std::vector<std::string> keys() const override {
    return {"family", "accelerator", "engine", "dtype", "phase", "version", "kernel"};
  }
  [[nodiscard]] std::vector<std::string> groups() const override { return {"family"}; }

  void read(const SuiteInput& input, Findings& findings) override {
    rows_ = read_kernels(input.directory, *input.catalog, findings);
  }

  [[nodiscard]] std::vector<Observation> predict(const SuiteInput& input) const override {
    KernelPricers pricers(*input.catalog);
    std::vector<Observation> all;
    add(rows_.gemm, kFiles[0], input, pricers, all);
    add(rows_.attention, kFiles[1], input, pricers, all);
    add(rows_.mla, kFiles[2], input, pricers, all);
    add(rows_.moe, kFiles[3], input, pricers, all);
    if (input.progress) input.progress(1.0);
    return all;
  }

  [[nodiscard]] std::vector<std::string> notes() const override {
    return {
        "Every row is priced, those of older releases too; power is compared where a row has "
        "watts.",
        "A prefill of one new token a sequence is priced as decode, as its engines run it.",
        "An expert layer is its routing, both grouped products and the activation between "
        "them."};
  }

 private:
  template <class Row>
  static void add(const std::vector<Row>& rows, std::string_view file, const SuiteInput& input,
                  KernelPricers& pricers, std::vector<Observation>& all) {
    for (const Row& row : rows) pricers.add(row.timing.accelerator);
    const size_t chunks = (rows.size() + kChunk - 1) / kChunk;
    std::vector<std::vector<Observation>> parts(chunks);
    parallel_for(chunks, input.thread_count, [&](size_t chunk) {
      const size_t end = std::min(rows.size(), (chunk + 1) * kChunk);
      for (size_t i = chunk * kChunk; i < end; ++i) observe(rows[i], file, pricers, parts[chunk]);
    });
    for (std::vector<Observation>& part : parts) {
      std::move(part.begin(), part.end(), std::back_inserter(all));
    }
  }

  KernelRows rows_;
};

PENSTOCK_REGISTER(Suite, Kernels,
                  "Latency and power of single kernels: dense products, attention, MLA, experts.");

}  // namespace
}  // namespace penstock::validation
