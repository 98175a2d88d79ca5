/// Fitted coefficients of a kernel family on one accelerator, and the choice among its groups.
///
/// A group is what one library does in one format under one engine. All groups of a family share
/// some coefficients; each has its own rest, with the quantiles of its residuals.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "penstock/base/check.h"
#include "penstock/base/fields.h"
#include "penstock/catalog/dtype.h"

namespace penstock::compute {

/// Formats of a kernel: that of the operand it streams (weights, or the KV cache) and that of its
/// products.
struct KernelFormat {
  catalog::Dtype stored = catalog::Dtype::kBf16;
  catalog::Dtype computed = catalog::Dtype::kBf16;

  friend auto operator<=>(const KernelFormat&, const KernelFormat&) = default;
};

/// How unlike two formats are; 0 for equal ones.
int format_distance(KernelFormat a, KernelFormat b);

/// Who made the kernel of a group.
struct KernelOrigin {
  std::string engine;   ///< "vllm", "sglang", "trtllm"; empty: any
  std::string version;  ///< of the engine
  std::string kernel;   ///< the library's or the collector's label
  KernelFormat format;

  friend auto operator<=>(const KernelOrigin&, const KernelOrigin&) = default;
};

/// Measured over predicted on rows that the fit had not seen.
struct Residuals {
  double low_factor = 1.0;      ///< 10th percentile
  double high_factor = 1.0;     ///< 90th percentile
  double error_fraction = 0.0;  ///< median of |measured / predicted - 1|
  int64_t rows = 0;             ///< 0: a stated assumption
};

template <class Group>
struct Fitted {
  KernelOrigin origin;
  bool current = true;  ///< of the newest release; older ones are kept to compare with
  Residuals residuals;
  Group coefficients;
  double scale_factor = 1.0;  ///< of the durations; set at the ends of a band, never in files
};

template <class Visitor, class Group>
void fields(Visitor& v, Fitted<Group>& c) {
  v.optional("engine", c.origin.engine, "Engine that calls the kernel.");
  v.optional("version", c.origin.version, "Release of the engine.");
  v.optional("kernel", c.origin.kernel, "Label of the kernel.");
  v.required("stored", c.origin.format.stored, "Format of the weights or the KV cache.");
  v.required("computed", c.origin.format.computed, "Format of the products.");
  v.optional("current", c.current, "Whether it is the newest release's.");
  v.required("low", c.residuals.low_factor, "Measured over predicted, 10th percentile.",
             {.min = 0.01});
  v.required("high", c.residuals.high_factor, "Measured over predicted, 90th percentile.",
             {.min = 0.01});
  v.optional("error", c.residuals.error_fraction, "Median error on rows kept from the fit.",
             {.min = 0.0});
  v.optional("rows", c.residuals.rows, "Measured rows behind the fit.", {.min = 0});
  fields(v, c.coefficients);
}

/// A family on one accelerator.
template <class Shared, class Group>
struct KernelSet {
  Shared shared;
  std::vector<Fitted<Group>> groups;

  [[nodiscard]] bool empty() const { return groups.empty(); }

  /// The group of an engine in a format: current before old, nearest format first, then the
  /// engine's own, then one that no host floor holds, then the one with most rows.
  [[nodiscard]] const Fitted<Group>& pick(std::string_view engine, KernelFormat format) const {
    const Fitted<Group>* best = nullptr;
    const auto rank = [&](const Fitted<Group>& g) {
      constexpr double kHeldByHost = 1e-6;
      const bool held = g.coefficients.host_floor.value() > kHeldByHost;
      return std::tuple(!g.current, format_distance(g.origin.format, format), held,
                        g.origin.engine != engine, -g.residuals.rows);
    };
    for (const Fitted<Group>& g : groups) {
      if (best == nullptr || rank(g) < rank(*best)) best = &g;
    }
    PENSTOCK_CHECK(best != nullptr, "a kernel set without groups");
    return *best;
  }

  /// The group that the same engine calls in the same format instead of this one where batches are
  /// small (or, for that one, where they are not); null where there is none.
  [[nodiscard]] const Fitted<Group>* twin(const Fitted<Group>& group) const {
    const auto small = [](const KernelOrigin& origin) {
      return origin.kernel.ends_with("min_latency");
    };
    for (const Fitted<Group>& g : groups) {
      const bool alike = g.origin.engine == group.origin.engine &&
                         g.origin.version == group.origin.version &&
                         g.origin.format == group.origin.format;
      if (alike && small(g.origin) != small(group.origin)) return &g;
    }
    return nullptr;
  }

  /// The group of exactly this origin, else the picked one.
  [[nodiscard]] const Fitted<Group>& find(const KernelOrigin& origin) const {
    for (const Fitted<Group>& g : groups) {
      if (g.origin == origin) return g;
    }
    // another release or label of the same engine and format is nearer than any other
    for (const Fitted<Group>& g : groups) {
      if (g.origin.engine == origin.engine && g.origin.kernel == origin.kernel &&
          g.origin.format == origin.format) {
        return g;
      }
    }
    return pick(origin.engine, origin.format);
  }
};

/// The group of every format under one engine, picked once.
class KernelChoice {
 public:
  KernelChoice() = default;
  template <class Shared, class Group>
  KernelChoice(const KernelSet<Shared, Group>& set, std::string_view engine) {
    for (const auto& [stored, stored_name] : EnumText<catalog::Dtype>::kNames) {
      for (const auto& [computed, computed_name] : EnumText<catalog::Dtype>::kNames) {
        const Fitted<Group>& group = set.pick(engine, {stored, computed});
        index_[place({stored, computed})] = static_cast<uint16_t>(&group - set.groups.data());
      }
    }
  }
  template <class Shared, class Group>
  const Fitted<Group>& operator()(const KernelSet<Shared, Group>& set, KernelFormat format) const {
    return set.groups[index_[place(format)]];
  }

 private:
  static constexpr size_t place(KernelFormat format) {
    return static_cast<size_t>(format.stored) * catalog::kDtypeCount +
           static_cast<size_t>(format.computed);
  }
  std::array<uint16_t, catalog::kDtypeCount * catalog::kDtypeCount> index_{};
};

template <class Visitor, class Shared, class Group>
void fields(Visitor& v, KernelSet<Shared, Group>& c) {
  v.required("shared", c.shared, "Coefficients that all groups share.");
  v.required("groups", c.groups, "One library in one format under one engine each.");
}

}  // namespace penstock::compute
