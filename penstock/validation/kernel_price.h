/// Measured kernels priced by the program's kernel models: one function a family, so that a model
/// can be swapped in one place.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "penstock/catalog/catalog.h"
#include "penstock/compute/roofline.h"
#include "penstock/measurement/kernels.h"

namespace penstock::validation {

struct KernelPrice {
  Seconds duration;
  Seconds low;   ///< with every kernel at the 10th percentile of its residuals
  Seconds high;  ///< at the 90th
  std::optional<Watts> power;
};

/// Kernels of one accelerator.
class KernelPricer {
 public:
  KernelPricer(const catalog::Accelerator& accelerator, const compute::Efficiency& efficiency);

  [[nodiscard]] KernelPrice price(const measurement::GemmRow& row) const;
  [[nodiscard]] KernelPrice price(const measurement::AttentionRow& row) const;
  [[nodiscard]] KernelPrice price(const measurement::MlaRow& row) const;
  [[nodiscard]] KernelPrice price(const measurement::MoeRow& row) const;

 private:
  [[nodiscard]] KernelPrice price(const std::vector<compute::Operator>& operators) const;

  template <class Set, class Call>
  void set_attention(const std::optional<Set>& set, const compute::KernelOrigin& origin,
                     const Call& call, KernelPrice& price) const;
  void set_latent(const measurement::MlaRow& row, KernelPrice& price) const;
  /// Puts the duration of a fitted family in place of the operators'.
  void set_duration(Seconds duration, const compute::Residuals& residuals,
                    KernelPrice& price) const;

  compute::Machine machine_;
  compute::Roofline typical_;
  compute::Roofline low_;
  compute::Roofline high_;
};

/// A pricer for each accelerator, by catalog id; those without a matrix peak have none.
class KernelPricers {
 public:
  explicit KernelPricers(const catalog::Catalog& catalog) : catalog_(&catalog) {}
  /// Makes the pricers when they are not there; call it before threads share the set.
  void add(const std::string& accelerator);
  /// With the set that the accelerator has or borrows.
  [[nodiscard]] const KernelPricer* find(const std::string& accelerator) const;
  /// With what it would borrow had it never been measured (compute::borrow_efficiency).
  [[nodiscard]] const KernelPricer* find_by_kin(const std::string& accelerator) const;

 private:
  struct Pair {
    std::optional<KernelPricer> own;
    std::optional<KernelPricer> by_kin;
  };

  const catalog::Catalog* catalog_;
  std::map<std::string, Pair> pricers_;
};

}  // namespace penstock::validation
