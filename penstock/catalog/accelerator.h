/// One accelerator package: its peaks, memory, links, power and prices.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "penstock/base/units.h"
#include "penstock/catalog/dtype.h"
#include "penstock/catalog/provenance.h"

namespace penstock::catalog {

/// Dense peak rates (never the 2:4 sparse marketing figure). Unset means the format is not native.
struct PeakRates {
  MaybeSourced<FlopPerSecond> fp4;
  MaybeSourced<FlopPerSecond> fp8;
  MaybeSourced<FlopPerSecond> int8;
  MaybeSourced<FlopPerSecond> bf16;
  MaybeSourced<FlopPerSecond> tf32;
  MaybeSourced<FlopPerSecond> fp32;
};

/// The link into the scale-up domain, of one accelerator.
struct ScaleUpLink {
  std::string name;                                  ///< "NVLink4"
  std::optional<int64_t> link_count;
  MaybeSourced<BytesPerSecond> bandwidth_each_way;   ///< payload direction, one way, all links
};

struct Accelerator {
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
  std::string vendor;
  std::string architecture;  ///< kin for the transfer of calibrations: "ampere", "hopper", "ascend_a3"
  std::string release;
  std::string process_node;
  std::optional<int64_t> die_count;
  std::optional<int64_t> multiprocessor_count;  ///< SMs, CUs or AI cores
  PeakRates peak;
  std::string memory_type;
  std::optional<int64_t> memory_stack_count;
  Sourced<Bytes> memory_capacity;
  Sourced<BytesPerSecond> memory_bandwidth;
  std::optional<ScaleUpLink> scale_up;
  MaybeSourced<BytesPerSecond> scale_out_bandwidth_each_way;  ///< of the accelerator's NICs
  MaybeSourced<Watts> power_limit;                            ///< TDP of the package
  MaybeSourced<Watts> power_all_in;      ///< share of host, network and cooling included
  MaybeSourced<Dollars> price_low;
  MaybeSourced<Dollars> price_high;
  MaybeSourced<DollarsPerSecond> rental_price;             ///< per accelerator-hour on the market
  MaybeSourced<DollarsPerSecond> hyperscaler_tco_price;    ///< ownership per accelerator-hour
  MaybeSourced<DollarsPerSecond> neocloud_tco_price;
  std::string notes;

  /// Dense peak for products computed in `dtype`: fp4 formats fall back to fp8 then bf16 rate, fp8
  /// and int8 to bf16 where they are not native, int4 weights compute in bf16. nullopt when even
  /// that is unknown.
  [[nodiscard]] std::optional<FlopPerSecond> peak_for(Dtype dtype) const;
};

}  // namespace penstock::catalog
