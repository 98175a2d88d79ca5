/// What other optics save on a bill, read in every way people quote it, and whether the quoted
/// savings of co-packaged optics come out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "penstock/base/result.h"
#include "penstock/network/parts.h"

namespace penstock::scenario {

/// The saving that is quoted for co-packaged optics: "30 % of the power and 25 % of the cost".
constexpr double kQuotedPowerFraction = 0.30;
constexpr double kQuotedCostFraction = 0.25;

/// A saving at both ends of the figures: low with low, high with high; the smaller first.
struct SavedShare {
  double from_fraction = 0.0;
  double to_fraction = 0.0;
};

/// One way to read a saving.
struct SavingReading {
  std::string optics;   ///< lpo or cpo, against pluggable
  std::string reading;  ///< "all optics"
  SavedShare power;
  std::optional<SavedShare> cost;  ///< unset where a price is not known
};

/// `bills` are those of pluggable, LPO and CPO, in this order.
std::vector<SavingReading> saving_readings(const network::PartSet& parts,
                                           const std::vector<network::Bill>& bills);

Table savings_table(const network::PartSet& parts, const std::vector<network::Bill>& bills);

/// The arithmetic of a port, and which readings reach the quoted savings.
std::vector<std::string> claim_notes(const network::PartSet& parts,
                                     const std::vector<network::Bill>& bills);

}  // namespace penstock::scenario
