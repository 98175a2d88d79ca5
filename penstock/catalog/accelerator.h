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
  std::string name;  ///< "NVLink4"
  std::optional<int64_t> link_count;
  MaybeSourced<BytesPerSecond> bandwidth_each_way;  ///< payload direction, one way, all links
};

struct Accelerator {
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
  Provenance provenance;  ///< of every figure that has none of its own
  std::string vendor;
  std::string
      architecture;  ///< kin for the transfer of calibrations: "ampere", "hopper", "ascend_a3"
  std::string release;
  std::string process_node;
  std::optional<int64_t> die_count;
  std::optional<int64_t> multiprocessor_count;  ///< SMs, CUs or AI cores
  MaybeSourced<Bytes> cache;                    ///< last level, shared by the whole package
  PeakRates peak;
  std::string memory_type;
  std::optional<int64_t> memory_stack_count;
  Sourced<Bytes> memory_capacity;      ///< as the maker sells it
  MaybeSourced<Bytes> memory_visible;  ///< as the driver reports it
  Sourced<BytesPerSecond> memory_bandwidth;
  std::optional<ScaleUpLink> scale_up;
  MaybeSourced<BytesPerSecond> scale_out_bandwidth_each_way;  ///< of the accelerator's NICs
  MaybeSourced<Watts> power_limit;                            ///< TDP of the package
  MaybeSourced<Watts> power_all_in;  ///< share of host, network and cooling included
  MaybeSourced<Dollars> price_low;
  MaybeSourced<Dollars> price_high;
  MaybeSourced<DollarsPerSecond> rental_price;           ///< per accelerator-hour on the market
  MaybeSourced<DollarsPerSecond> hyperscaler_tco_price;  ///< ownership per accelerator-hour
  MaybeSourced<DollarsPerSecond> neocloud_tco_price;
  std::string notes;

  /// What a program finds: the driver's figure where it is known (an "80 GB" H100 has 81,559 MiB),
  /// else the maker's.
  [[nodiscard]] Bytes usable_memory() const {
    return memory_visible ? memory_visible->value : memory_capacity.value;
  }

  /// Dense peak for products computed in `dtype`: fp4 formats fall back to fp8 then bf16 rate, fp8
  /// and int8 to bf16 where they are not native, int4 weights compute in bf16. nullopt when even
  /// that is unknown.
  [[nodiscard]] std::optional<FlopPerSecond> peak_for(Dtype dtype) const;
};

template <class Visitor>
void fields(Visitor& v, PeakRates& p) {
  v.optional("fp4", p.fp4, "Dense peak of 4-bit floating-point products; unset: not native.");
  v.optional("fp8", p.fp8, "Dense peak of 8-bit floating-point products; unset: not native.");
  v.optional("int8", p.int8, "Dense peak of 8-bit integer products; unset: not native.");
  v.optional("bf16", p.bf16, "Dense peak of 16-bit products with 32-bit accumulation.");
  v.optional("tf32", p.tf32, "Dense peak of TF32 products; unset: not native or unknown.");
  v.optional("fp32", p.fp32, "Peak of plain 32-bit arithmetic outside the matrix units.");
}

template <class Visitor>
void fields(Visitor& v, ScaleUpLink& s) {
  v.required("name", s.name, "Name of the link generation, for example NVLink4.");
  v.optional("link_count", s.link_count, "Links of one accelerator.", {.min = 1});
  v.optional("bandwidth_each_way", s.bandwidth_each_way,
             "Bandwidth of all links together, one direction.");
}

template <class Visitor>
void fields(Visitor& v, Accelerator& a) {
  head_fields(v, a);
  v.required("vendor", a.vendor, "Who makes it.");
  v.required("architecture", a.architecture,
             "Kin: accelerators of one architecture share their efficiency curves.");
  v.optional("release", a.release, "When it was announced or shipped.");
  v.optional("process_node", a.process_node, "Silicon process of the compute dies.");
  v.optional("die_count", a.die_count, "Compute dies in the package.", {.min = 1});
  v.optional("multiprocessor_count", a.multiprocessor_count, "SMs, CUs or AI cores.", {.min = 1});
  v.optional("cache", a.cache, "Last-level cache of the package.");
  v.required("peak", a.peak, "Dense peak rates by number format.");
  v.optional("memory_type", a.memory_type, "Kind of the attached memory, for example HBM3e.");
  v.optional("memory_stack_count", a.memory_stack_count, "Memory stacks.", {.min = 1});
  v.required("memory_capacity", a.memory_capacity, "Memory as the maker sells it.");
  v.optional("memory_visible", a.memory_visible, "Memory as the driver reports it.");
  v.required("memory_bandwidth", a.memory_bandwidth, "Peak memory bandwidth.");
  v.optional("scale_up", a.scale_up, "Link into the scale-up domain; unset: PCIe only.");
  v.optional("scale_out_bandwidth_each_way", a.scale_out_bandwidth_each_way,
             "Bandwidth of the accelerator's network interfaces, one direction.");
  v.optional("power_limit", a.power_limit, "Thermal design power of the package.");
  v.optional("power_all_in", a.power_all_in,
             "Power per accelerator with its share of host, network and cooling.");
  v.optional("price_low", a.price_low, "Low end of street prices for one accelerator.");
  v.optional("price_high", a.price_high, "High end of street prices for one accelerator.");
  v.optional("rental_price", a.rental_price, "Market price of one accelerator-hour.");
  v.optional("hyperscaler_tco_price", a.hyperscaler_tco_price,
             "Ownership of one accelerator-hour at a hyperscaler's terms.");
  v.optional("neocloud_tco_price", a.neocloud_tco_price,
             "Ownership of one accelerator-hour at a rental cloud's terms.");
  v.optional("notes", a.notes, "What a reader must know to use the entry.");
}

/// Reads an entry of data/accelerators.
Accelerator read_accelerator(const Node& node, Findings& findings);

}  // namespace penstock::catalog
