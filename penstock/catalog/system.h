/// A machine that is bought as one: a server of eight, a rack, a supernode, a pod.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "penstock/base/units.h"
#include "penstock/catalog/accelerator.h"
#include "penstock/catalog/provenance.h"

namespace penstock::catalog {

/// What joins the accelerators of a system into one scale-up domain.
struct ScaleUpDomain {
  std::string topology;                ///< in words: "2-tier non-blocking Clos, 7 planes"
  Sourced<int64_t> accelerator_count;  ///< in one domain
  MaybeSourced<BytesPerSecond> bandwidth_each_way;  ///< of one accelerator, one direction
  MaybeSourced<BytesPerSecond> total_bandwidth;     ///< of all accelerators, both directions
  MaybeSourced<Seconds> latency;                    ///< across the domain, one way
  MaybeSourced<std::string> switches;               ///< chips or trays, in words
  MaybeSourced<int64_t> switch_count;               ///< switch chips
  MaybeSourced<int64_t> optical_module_count;       ///< 0 modules is left out and said in words
  MaybeSourced<int64_t> copper_cable_count;
  std::string fabric;  ///< id of the fabric that wires it; empty: one switch of that bandwidth
};

struct System {
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
  Provenance provenance;  ///< of every figure that has none of its own
  std::string vendor;
  std::string release;
  std::optional<std::string> accelerator;  ///< id in the catalog; unset for a bare specification
  Sourced<int64_t> accelerator_count;
  MaybeSourced<int64_t> node_count;  ///< hosts; unset where a host is not what is bought
  MaybeSourced<int64_t> cpu_count;
  std::string cpu;  ///< "Grace", "x86"
  MaybeSourced<int64_t> rack_count;
  std::string form;  ///< of what is less than a rack: "8U"
  ScaleUpDomain scale_up;
  MaybeSourced<int64_t> scale_out_optical_module_count;
  std::string scale_out;            ///< id of the fabric that joins several such systems
  std::vector<std::string> planes;  ///< ids of further fabrics inside it, apart from the scale-up
  MaybeSourced<Watts> power_low;    ///< of the whole system
  MaybeSourced<Watts> power_high;
  MaybeSourced<std::string> cooling;
  MaybeSourced<Dollars> price_low;
  MaybeSourced<Dollars> price_high;
  PeakRates peak;                       ///< of the whole system, dense
  MaybeSourced<Bytes> memory_capacity;  ///< high-bandwidth memory of the whole system
  std::string notes;
};

template <class Visitor>
void fields(Visitor& v, ScaleUpDomain& s) {
  v.optional("topology", s.topology, "How the accelerators are joined, in words.");
  v.required("accelerator_count", s.accelerator_count, "Accelerators of one scale-up domain.");
  v.optional("bandwidth_each_way", s.bandwidth_each_way, "Of one accelerator, one direction.");
  v.optional("total_bandwidth", s.total_bandwidth, "Of all accelerators, both directions.");
  v.optional("latency", s.latency, "Across the domain, one way.");
  v.optional("switches", s.switches, "Switch chips or trays, in words.");
  v.optional("switch_count", s.switch_count, "Switch chips.");
  v.optional("optical_module_count", s.optical_module_count, "Optical modules of the domain.");
  v.optional("copper_cable_count", s.copper_cable_count, "Copper cables of the domain.");
  v.optional("fabric", s.fabric, "Id of the fabric that wires it.");
}

template <class Visitor>
void fields(Visitor& v, System& s) {
  head_fields(v, s);
  v.required("vendor", s.vendor, "Who makes it.");
  v.optional("release", s.release, "When it was announced or shipped.");
  v.optional("accelerator", s.accelerator, "Catalog id; unset for a bare specification.");
  v.required("accelerator_count", s.accelerator_count, "Accelerator packages in the system.");
  v.optional("node_count", s.node_count, "Hosts.");
  v.optional("cpu_count", s.cpu_count, "Host processors.");
  v.optional("cpu", s.cpu, "Kind of host processor.");
  v.optional("rack_count", s.rack_count, "Racks of one system.");
  v.optional("form", s.form, "Size of what is less than a rack, for example 8U.");
  v.required("scale_up", s.scale_up, "What joins the accelerators.");
  v.optional("scale_out_optical_module_count", s.scale_out_optical_module_count,
             "Optical modules of the interfaces that leave the system.");
  v.optional("scale_out", s.scale_out, "Id of the fabric that joins several such systems.");
  v.optional("planes", s.planes, "Ids of further fabrics, apart from the scale-up domain.");
  v.optional("power_low", s.power_low, "Low end of the power of the whole system.");
  v.optional("power_high", s.power_high, "High end of the power of the whole system.");
  v.optional("cooling", s.cooling, "Air, liquid, or how much of each.");
  v.optional("price_low", s.price_low, "Low end of the price of the whole system.");
  v.optional("price_high", s.price_high, "High end of the price of the whole system.");
  v.optional("peak", s.peak, "Dense peak rates of the whole system.");
  v.optional("memory_capacity", s.memory_capacity, "High-bandwidth memory of the whole system.");
  v.optional("notes", s.notes, "What a reader must know to use the entry.");
}

/// Reads an entry of data/systems.
System read_system(const Node& node, Findings& findings);

}  // namespace penstock::catalog
