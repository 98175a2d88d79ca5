/// Measured exchanges as questions to the model: what calibration fits to and validation scores.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "penstock/base/units.h"
#include "penstock/catalog/catalog.h"
#include "penstock/measurement/dispatch.h"
#include "penstock/network/dispatch.h"
#include "penstock/network/dispatch_ranks.h"

namespace penstock::calibration {

/// One call of a row: the row's own, or the notify phase before it as a prepare of its own.
struct DispatchCall {
  network::DispatchQuestion question;
  network::DispatchMachine machine;
  int64_t ranks_per_accelerator = 1;
  Seconds measured;
  bool from_bandwidth = false;  ///< the bytes that the table counts over its bandwidth
};

/// The calls of rows, by row. An accelerator that the catalog has no system for is one domain.
class DispatchCalls {
 public:
  explicit DispatchCalls(const catalog::Catalog& catalog) : catalog_(catalog) {}
  /// The row's own call and, where it has one, its notify phase.
  std::vector<DispatchCall> of(const measurement::DispatchRow& row);

 private:
  struct Known {
    network::DispatchMachine machine;
    network::RankPlaces places;
    int64_t ranks_per_accelerator = 1;
  };
  const Known& known(const measurement::DispatchRow& row);

  const catalog::Catalog& catalog_;
  std::map<std::pair<std::string, bool>, Known> known_;
};

}  // namespace penstock::calibration
