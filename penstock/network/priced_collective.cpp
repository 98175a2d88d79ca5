#include "penstock/network/priced_collective.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "penstock/base/check.h"
#include "penstock/base/text.h"

namespace penstock::network {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kLibraryOfVendor = {
    {{"NVIDIA", "nccl"}, {"Huawei", "hccl"}, {"AMD", "rccl"}}};
// what calculon's systems count for communication kernels: over NVLink, and over a card
// (calculon at caa4b11, processor_usage; not measured here)
constexpr double kKernelFractionInDomain = 0.15;
constexpr double kKernelFractionBetween = 0.02;
constexpr std::string_view kNetworkLibrary = "nccl_network";

bool in_one_domain(const Topology& topology, const Placement& placement) {
  const int64_t domain = topology.domain_size();
  const int64_t reach = (placement.group.size - 1) * placement.group.stride + 1;
  // groups lie in runs of size x stride; each must fit a domain
  return reach <= domain && (placement.span() <= domain ||
                             domain % (placement.group.size * placement.group.stride) == 0);
}

/// The name a fit goes by, without its system: the widest residuals stand for all operations.
PhaseOverhead overhead_of(const Library* library, bool all_pairs) {
  PhaseOverhead overhead;
  if (library == nullptr) return overhead;
  const LibraryEntry& entry = library->entry();
  if (entry.channels) {
    const RingCoefficients& ring = entry.channels->ring;
    overhead = {ring.launch, ring.simple_step,
                all_pairs ? entry.channels->pairwise.fraction : ring.simple_fraction};
  } else if (entry.plain && entry.plain->ring) {
    overhead = {entry.plain->ring->launch, entry.plain->ring->step, entry.plain->ring->fraction};
  }
  for (const LibraryResiduals& row : entry.residuals) {
    overhead.low_factor = std::min(overhead.low_factor, row.low_factor);
    overhead.high_factor = std::max(overhead.high_factor, row.high_factor);
  }
  return overhead;
}

/// Libraries of kernels take multiprocessors; HCCL moves data by engines of its own.
double kernel_fraction(const Communication& communication, const std::vector<PricedPhase>& phases) {
  if (communication.inside == nullptr || communication.inside->entry().library == "hccl") {
    return 0.0;
  }
  double fraction = 0.0;
  for (const PricedPhase& phase : phases) {
    fraction = std::max(fraction,
                        phase.between_domains ? kKernelFractionBetween : kKernelFractionInDomain);
  }
  return fraction;
}

PricedCollective price_phases(const Machine& machine, const Communication& communication,
                              const Collective& collective, const CollectiveCost& cost) {
  PricedCollective priced;
  priced.algorithm = cost.algorithm;
  priced.fabric_bound = lower_bound(*machine.topology, collective);
  Seconds low;
  Seconds high;
  for (const PhaseCost& phase : cost.phases) {
    PricedPhase part;
    part.cost = phase;
    part.between_domains = phase.rate.bottleneck >= machine.scale_out_link();
    const Library* library =
        part.between_domains ? communication.between.get() : communication.inside.get();
    const PhaseOverhead overhead =
        overhead_of(library, phase.phase.traffic.pattern == Pattern::kAllPairs);
    const auto rounds = static_cast<double>(phase.phase.round_count);
    part.latency = phase.latency + overhead.step * rounds;
    part.transfer = phase.transfer / overhead.share_fraction;
    priced.launch = std::max(priced.launch, overhead.launch);
    low = low + (part.latency + part.transfer) * overhead.low_factor;
    high = high + (part.latency + part.transfer) * overhead.high_factor;
    priced.duration = priced.duration + part.latency + part.transfer;
    priced.phases.push_back(std::move(part));
  }
  if (priced.phases.empty()) return priced;
  priced.multiprocessor_fraction = kernel_fraction(communication, priced.phases);
  priced.duration = std::max(priced.duration + priced.launch, priced.fabric_bound);
  priced.low = std::max(low + priced.launch, priced.fabric_bound);
  priced.high = high + priced.launch;
  return priced;
}

/// The library's own answer beside the fabric's phases of the algorithm it takes.
void take_fit(const Machine& machine, const Library& library, const Collective& collective,
              PricedCollective& priced) {
  if (collective.operation == Operation::kBroadcast) return;  // no library has timings of it
  const LibraryCall call{collective.operation, collective.placement.group.size, collective.payload};
  const BytesPerSecond links = accelerator_bandwidth(*machine.topology, machine.scale_out_link());
  const LibraryPrice price = library.price(call, links);
  priced.duration = price.duration;
  priced.low = price.low;
  priced.high = price.high;
  priced.algorithm = std::string(price.algorithm);
  priced.protocol = std::string(price.protocol);
  priced.measured_library = true;
  priced.outside_domain =
      call.rank_count > library.entry().rank_max || call.payload > library.entry().payload_max;
}

}  // namespace

Communication choose_communication(const catalog::Catalog& catalog, const Machine& machine,
                                   const std::string& library, Findings& findings) {
  Communication communication;
  std::string name = library.empty() ? "nccl" : library;
  std::optional<catalog::Accelerator> accelerator;
  if (machine.system.accelerator) {
    accelerator = catalog.accelerator(*machine.system.accelerator, {}, findings);
  }
  if (library.empty() && accelerator) {
    for (const auto& [vendor, own] : kLibraryOfVendor) {
      if (accelerator->vendor == vendor) name = std::string(own);
    }
  }
  if (!library.empty()) {
    std::vector<std::string> known;
    for (const LibraryEntry& entry : library_entries(catalog, findings)) {
      known.push_back(entry.library);
    }
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    if (std::find(known.begin(), known.end(), library) == known.end()) {
      findings.add("--library", fmt::format("no communication library '{}'{}", library,
                                            suggestion(library, known)));
      return communication;
    }
  }
  communication.between = read_library(catalog, kNetworkLibrary, findings);
  if (!accelerator) {
    communication.note =
        "A specification without an accelerator: the fabric's latency and bandwidth only.";
    return communication;
  }
  const LibraryChoice choice = choose_library(catalog, name, *accelerator, findings);
  communication.inside = choice.library;
  communication.note = choice.note(*accelerator);
  if (communication.note.empty() && choice.library != nullptr) {
    const LibraryEntry& entry = choice.library->entry();
    communication.note = entry.confidence == catalog::Confidence::kLow
                             ? fmt::format("Library: {}, {}.", entry.library, entry.summary)
                             : fmt::format("Library: {} {} as fitted on {}.", entry.library,
                                           entry.version, entry.system);
  }
  return communication;
}

Seconds PricedCollective::latency() const {
  Seconds sum = launch;
  for (const PricedPhase& phase : phases) sum = sum + phase.latency;
  return sum;
}

const PricedPhase* PricedCollective::longest() const {
  const PricedPhase* longest = nullptr;
  for (const PricedPhase& phase : phases) {
    if (longest == nullptr || phase.transfer > longest->transfer) longest = &phase;
  }
  return longest;
}

std::vector<PricedCollective> price_algorithms(const Machine& machine,
                                               const Communication& communication,
                                               const Collective& collective, RateMemo& memo) {
  std::vector<PricedCollective> all;
  for (const CollectiveCost& cost : rank_algorithms(*machine.topology, collective, memo)) {
    all.push_back(price_phases(machine, communication, collective, cost));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.duration < b.duration; });
  return all;
}

PricedCollective price_collective(const Machine& machine, const Communication& communication,
                                  const Collective& collective,
                                  const std::optional<std::string>& algorithm, RateMemo& memo) {
  if (algorithm) {
    return price_phases(machine, communication, collective,
                        cost_of(*machine.topology, collective, *algorithm, memo));
  }
  const bool moves = collective.placement.group.size > 1 && collective.payload > Bytes();
  std::vector<PricedCollective> all = price_algorithms(machine, communication, collective, memo);
  PENSTOCK_CHECK(!all.empty(), "no algorithm for the collective on '{}'", machine.name);
  PricedCollective best = std::move(all.front());
  if (moves && communication.inside != nullptr &&
      in_one_domain(*machine.topology, collective.placement)) {
    take_fit(machine, *communication.inside, collective, best);
  }
  return best;
}

}  // namespace penstock::network
