/// When requests come: arrival processes as config, and the sources that draw their times.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/time.h"
#include "penstock/base/units.h"
#include "penstock/workload/variation.h"

namespace penstock::workload {

/// Draws arrival times in non-decreasing order, many at a call (one virtual call a batch).
class ArrivalSource {
 public:
  virtual ~ArrivalSource() = default;
  /// Fills `out` from the front and returns how many; fewer than asked only at the end of the
  /// clock.
  virtual size_t fill(std::span<Time> out) = 0;
};

/// One kind of arrival process with its config. Files in arrivals/ register themselves.
class ArrivalProcess {
 public:
  static constexpr std::string_view kKey = "process";

  virtual ~ArrivalProcess() = default;
  virtual void read(ConfigReader& reader, const Node& node) = 0;
  [[nodiscard]] virtual Node write() const = 0;
  [[nodiscard]] virtual std::vector<FieldDoc> describe(std::string path) const = 0;

  /// Rate over a long time, before any load factor.
  [[nodiscard]] virtual PerSecond mean_rate() const = 0;
  /// How long one pass of the profile takes, where the process has an own length. A stream that
  /// asks for more sees the profile again from its start.
  [[nodiscard]] virtual std::optional<Seconds> span() const { return std::nullopt; }
  /// A source whose rate is multiplied by `load_ratio`; the profile over time stays.
  [[nodiscard]] virtual std::unique_ptr<ArrivalSource> start(uint64_t seed,
                                                             double load_ratio) const = 0;
};

using ArrivalsConfig = Variation<ArrivalProcess>;

}  // namespace penstock::workload
