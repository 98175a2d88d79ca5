/// Operators priced on an accelerator: roofline times efficiency, with energy beside time.
///
/// duration = fixed + max(flops / (peak * compute share), bytes / (bandwidth * memory share)), so
/// nothing beats the roofline. Energy above idle = flops * joules-per-flop + bytes *
/// joules-per-byte, at most what the power limit leaves above idle over the duration.
/// Source: Williams et al. 2009 (roofline); shares from data/efficiency.
#pragma once

#include <string>
#include <vector>

#include "penstock/catalog/accelerator.h"
#include "penstock/compute/efficiency.h"
#include "penstock/compute/operator.h"

namespace penstock::compute {

enum class Bound : uint8_t { kCompute, kMemory, kFixed, kLink };

/// What one call of an operator costs.
struct OperatorCost {
  Seconds duration;
  Seconds compute_duration;  ///< at the peak times its share
  Seconds memory_duration;   ///< at the bandwidth times its share
  Joules energy;             ///< above idle
  Bound bound = Bound::kFixed;
};

class Roofline {
 public:
  /// The accelerator must have a peak for bf16 or below it; `power_limit` may be unknown, then
  /// energies are 0. `engine` chooses among kernels of one format; empty: the best measured.
  Roofline(const catalog::Accelerator& accelerator, const Efficiency& efficiency,
           std::string_view engine = {});

  /// Cost of one call. Collectives cost nothing here: the network prices them.
  [[nodiscard]] OperatorCost price(const Operator& op) const;

  /// Where the price of an operator comes from, in words: set, kernel or row, and how far to trust
  /// it.
  [[nodiscard]] std::string origin_text(const Operator& op) const;

  /// The two lines of a context operator: duration = max over both of (at_zero + slope * S).
  struct Lines {
    Seconds fixed;
    Seconds compute_at_zero, compute_per_token;
    Seconds memory_at_zero, memory_per_token;
  };
  [[nodiscard]] Lines lines(const ContextOperator& op) const;

  /// Whether attention of this operator has a fitted kernel model here.
  [[nodiscard]] bool models_attention(const Operator& op) const;

  [[nodiscard]] FlopPerSecond peak(catalog::Dtype dtype) const;
  [[nodiscard]] BytesPerSecond bandwidth() const { return accelerator_.memory_bandwidth.value; }
  [[nodiscard]] bool knows_power() const { return accelerator_.power_limit.has_value(); }
  [[nodiscard]] Watts idle_power() const;
  [[nodiscard]] JoulesPerFlop energy_per_flop(catalog::Dtype dtype) const;
  [[nodiscard]] JoulesPerByte energy_per_byte() const;
  [[nodiscard]] const catalog::Accelerator& accelerator() const { return accelerator_; }
  [[nodiscard]] const Efficiency& efficiency() const { return efficiency_; }

 private:
  /// Fills in what binds a call and its energy.
  void finish(const Operator& op, OperatorCost& cost) const;
  [[nodiscard]] Seconds gemm(const Operator& op) const;
  [[nodiscard]] Seconds attention(const Operator& op) const;
  template <class Set>
  [[nodiscard]] Seconds prompt(const Set& set, const KernelChoice& choice,
                               const Operator& op) const;
  template <class Set>
  [[nodiscard]] Seconds generation(const Set& set, const KernelChoice& choice,
                                   const Operator& op) const;
  [[nodiscard]] Seconds experts(const Operator& op) const;

  catalog::Accelerator accelerator_;
  Efficiency efficiency_;
  Machine machine_;
  KernelChoice gemm_choice_;
  KernelChoice prefill_choice_;
  KernelChoice decode_choice_;
  KernelChoice latent_prefill_choice_;
  KernelChoice latent_decode_choice_;
  KernelChoice experts_choice_;
  std::vector<size_t> experts_twins_;  // of each group, the one used where it is quicker
};

}  // namespace penstock::compute

template <>
struct penstock::EnumText<penstock::compute::Bound> {
  using B = penstock::compute::Bound;
  static constexpr std::array<std::pair<B, std::string_view>, 4> kNames = {
      {{B::kCompute, "compute"},
       {B::kMemory, "memory"},
       {B::kFixed, "launch"},
       {B::kLink, "link"}}};
};
