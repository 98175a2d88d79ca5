/// A collective on a machine: the fabric's rates and latencies, and what the communication library
/// adds to them.
///
/// Inside one scale-up domain a library that was measured there answers by itself. Over several
/// domains, and for an algorithm asked for by name, every phase is priced: rounds at the latency of
/// their way plus the library's time a step, bytes at the fabric's rate times the share the library
/// attains, and one launch.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/catalog/catalog.h"
#include "penstock/network/collective.h"
#include "penstock/network/library.h"
#include "penstock/network/machine.h"

namespace penstock::network {

/// What is added to a phase of a fabric.
struct PhaseOverhead {
  Seconds launch;
  Seconds step;
  double share_fraction = 1.0;
  double low_factor = 1.0;
  double high_factor = 1.0;
};

/// The libraries of a machine: in the domain, and between domains.
struct Communication {
  std::shared_ptr<const Library> inside;   ///< null: none stands in, the fabric answers alone
  std::shared_ptr<const Library> between;  ///< likewise
  std::string note;                        ///< whose coefficients, and how they were come by
};

/// The vendor's own library, or `library`; its scale-out part by the name `LIBRARY_network` or
/// nccl's. Unknown names are findings.
Communication choose_communication(const catalog::Catalog& catalog, const Machine& machine,
                                   const std::string& library, Findings& findings);

struct PricedPhase {
  PhaseCost cost;
  bool between_domains = false;
  Seconds latency;   ///< with the library's steps
  Seconds transfer;  ///< at the attained share
};

struct PricedCollective {
  std::string algorithm;
  std::string protocol;  ///< empty where there is one
  std::vector<PricedPhase> phases;
  Seconds launch;
  Seconds duration;
  Seconds low;
  Seconds high;
  bool measured_library = false;  ///< the library's own fit answered
  bool outside_domain = false;    ///< more ranks or bytes than were measured
  /// Of an accelerator's multiprocessors while it lasts: what overlapped compute loses.
  double multiprocessor_fraction = 0.0;
  Seconds fabric_bound;  ///< by the bytes that must cross an accelerator's links

  [[nodiscard]] Seconds latency() const;
  /// The phase that moves bytes longest; null without phases.
  [[nodiscard]] const PricedPhase* longest() const;
};

/// The best algorithm, or the one asked for, which must not refuse. Queries of one machine share a
/// memo.
PricedCollective price_collective(const Machine& machine, const Communication& communication,
                                  const Collective& collective,
                                  const std::optional<std::string>& algorithm, RateMemo& memo);

/// Every algorithm that can do it, fastest first.
std::vector<PricedCollective> price_algorithms(const Machine& machine,
                                               const Communication& communication,
                                               const Collective& collective, RateMemo& memo);

}  // namespace penstock::network
