#include <algorithm>
#include <array>

#include "penstock/scenario/run.h"
#include "penstock/serving/metrics.h"
#include "penstock/workload/trace_summary.h"

namespace penstock::scenario {
namespace {

/// What the queries of estimate.h answer.
constexpr std::array kQueryDocs = {
    MetricDoc{"capacity.load_factor", "x", "highest load that meets the SLOs",
              "Largest workload.load_factor at which every limit holds and no request is rejected "
              "or timed out. The upper end of its band is the smallest load that fails.",
              "max load factor such that all limits hold", "definition"},
    MetricDoc{"capacity.request_throughput", "request/s", "request throughput at capacity",
              "Completed requests over the duration of the run at the highest load that meets the "
              "SLOs.",
              "serving.request_throughput at capacity.load_factor", "definition"},
    MetricDoc{
        "exchange.duration", "s", "duration of an exchange",
        "One mixture-of-experts exchange of one layer: its preparation where that is a call of "
        "its own, dispatch and combine, one after the other. The band adds those of the "
        "calls.",
        "sum over calls of duration; docs/formulas/dispatch.md", "fitted to measured calls"},
    MetricDoc{
        "exchange.prepare", "s", "duration of the preparation",
        "Ranks tell each other how many tokens will come. Inside the dispatch where a library "
        "has no call for it.",
        "the kernel's model; docs/formulas/dispatch.md", "fitted to measured calls"},
    MetricDoc{"exchange.dispatch", "s", "duration of the dispatch",
              "Tokens travel to the ranks of their experts, with the 10th and 90th percentile of "
              "measured over predicted as the band.",
              "the kernel's model; docs/formulas/dispatch.md", "fitted to measured calls"},
    MetricDoc{"exchange.combine", "s", "duration of the combine",
              "Results travel back to where the tokens live and are summed.",
              "the kernel's model; docs/formulas/dispatch.md", "fitted to measured calls"},
    MetricDoc{"exchange.scale_up_bytes", "B", "bytes over the scale-up link",
              "Bytes that the fullest rank sends over its scale-up link in dispatch and combine.",
              "tokens * copies over the link * bytes of a copy * imbalance", "definition"},
    MetricDoc{"exchange.scale_out_bytes", "B", "bytes over the network interface",
              "Bytes that the fullest rank sends over its network interface in dispatch and "
              "combine.",
              "tokens * copies over the network * bytes of a copy * imbalance", "definition"},
    MetricDoc{"exchange.multiprocessors", "", "multiprocessors taken",
              "Multiprocessors that the larger of the calls holds while it runs; compute beside it "
              "has the rest.",
              "given, or by how the kernel is made", "definition"},
    MetricDoc{"exchange.multiprocessor_share", "", "share of the multiprocessors taken",
              "The overlap tax: share of the accelerator's multiprocessors that computing beside "
              "the exchange goes without.",
              "exchange.multiprocessors / multiprocessors of a rank", "definition"},
    MetricDoc{
        "kernel.duration", "s", "duration of a kernel",
        "One call inside a captured graph, with the 10th and 90th percentile of measured over "
        "predicted as its band.",
        "the family's model; docs/formulas/kernels.md", "fitted to measured kernels"},
    MetricDoc{"kernel.flops", "FLOP", "operations of a kernel",
              "Operations of the call; a multiply-add counts as two.", "by its shape",
              "definition"},
    MetricDoc{"kernel.bytes", "B", "memory traffic of a kernel",
              "Bytes that the call has to move through device memory at least once.",
              "by its shape", "definition"},
    MetricDoc{"kernel.mfu", "", "share of the matrix peak",
              "Operations over what the accelerator could do in the call's duration.",
              "kernel.flops / (peak * kernel.duration)", "definition"},
    MetricDoc{"kernel.bandwidth_share", "", "share of the memory bandwidth",
              "Traffic over what the memory could move in the call's duration.",
              "kernel.bytes / (peak bandwidth * kernel.duration)", "definition"},
    MetricDoc{"kernel.power", "W", "power of the board",
              "Board power while the call repeats, from the activities of compute and memory.",
              "idle + energy / kernel.duration", "fitted to measured watts"},
    MetricDoc{"network.bom.copper_cables", "cable", "copper cables",
              "Cables, or pairs of a backplane, of all copper links; links on boards need none.",
              "copper bundles * ceil(links of a bundle * cables a link / links a cable)",
              "definition"},
    MetricDoc{"network.bom.cost", "$", "cost of a network",
              "All parts at their catalog prices. Parts without a known price are left out and "
              "named. Low and high are the ends of the parts' prices; the value lies half way.",
              "sum over parts of count * price", "definition"},
    MetricDoc{"network.bom.cost_per_accelerator", "$", "cost of a network for each accelerator",
              "The cost of the network over the accelerators of the machine.",
              "network.bom.cost / accelerators", "definition"},
    MetricDoc{"network.bom.fibres", "fibre", "fibres", "Fibres of the cables between optical ends.",
              "sum over fibre cables of their fibres", "definition"},
    MetricDoc{"network.bom.nics", "card", "interface cards", "Cards at endpoints of all fabrics.",
              "sum over interface vertices", "definition"},
    MetricDoc{"network.bom.optical_circuit_switches", "switch", "optical circuit switches",
              "Switches of light between blocks of a torus.", "sum over circuit switches",
              "definition"},
    MetricDoc{"network.bom.optical_engines", "engine", "co-packaged optical engines",
              "Optical ends inside the packages of switch chips.",
              "as modules, at the ends of links that are switches", "definition"},
    MetricDoc{"network.bom.optical_modules", "module", "pluggable optical modules",
              "One at each end of an optical link; links of a class may share a pair.",
              "2 * optical bundles * ceil(links of a bundle / links a pair)", "definition"},
    MetricDoc{"network.bom.optics_cost", "$", "cost of optics",
              "Modules, co-packaged engines and their lasers.",
              "sum over optical ends of their components' price", "definition"},
    MetricDoc{"network.bom.optics_power", "W", "power of optics",
              "Modules, co-packaged engines and their lasers.",
              "sum over optical ends of their components' power", "definition"},
    MetricDoc{"network.bom.power", "W", "power of a network",
              "Switches, cards, optics and copper of all fabrics of a machine, less what "
              "switch chips "
              "save beside co-packaged engines. Parts without a published power are left out "
              "and named. "
              "Low and high are the ends of the parts' figures; the value lies half way.",
              "sum over parts of count * power - engines * saving of the chip", "definition"},
    MetricDoc{"network.bom.power_per_accelerator", "W", "power of a network for each accelerator",
              "The power of the network over the accelerators of the machine.",
              "network.bom.power / accelerators", "definition"},
    MetricDoc{"network.bom.switch_boxes", "box", "switch boxes",
              "Boxes and trays with switch chips; chips on the board of a server have none.",
              "sum over classes of ceil(chips / chips a box)", "definition"},
    MetricDoc{"network.bom.switch_chips", "chip", "switch chips",
              "Chips on boards, in trays and in boxes.", "sum over switches of their chips",
              "definition"},
    MetricDoc{"network.collective.duration", "s", "duration of a collective",
              "From the call of the first rank to the end of the last, all ranks ready at once.",
              "launch + sum over phases of rounds * (latency + step) + bytes / (rate * share)",
              "docs/formulas/topologies.md"},
    MetricDoc{"network.collective.bytes_per_rank", "B", "size of a collective",
              "As nccl-tests counts it: the buffer of a rank; all_gather the gathered result; "
              "reduce_scatter the input; all_to_all all that a rank sends, its own part included.",
              "", "nccl-tests"},
    MetricDoc{"network.collective.bytes_per_pair", "B", "message of an all-to-all",
              "What each rank sends to each.", "bytes_per_rank / ranks", "definition"},
    MetricDoc{"network.collective.algorithm_bandwidth", "B/s", "algorithm bandwidth",
              "Size over duration.", "bytes_per_rank / duration", "nccl-tests"},
    MetricDoc{"network.collective.bus_bandwidth", "B/s", "bus bandwidth",
              "Algorithm bandwidth times the bytes that must cross a rank's links for each of the "
              "size: 2 (n - 1) / n for all_reduce, (n - 1) / n for the other collectives, 1 for a "
              "message.",
              "factor * algorithm_bandwidth", "nccl-tests"},
    MetricDoc{"network.collective.link_share", "", "use of an accelerator's links",
              "Least time in which the bytes can cross the links of an accelerator, over the "
              "duration.",
              "lower bound / duration", "definition"},
    MetricDoc{"network.collective.multiprocessor_share", "", "multiprocessors a collective takes",
              "Share of an accelerator's multiprocessors that the library's kernels hold while it "
              "lasts: the tax on compute that overlaps it. A typical share, not measured.",
              "", "calculon's processor_usage"},
    MetricDoc{"network.collective.degraded_duration", "s", "duration with capacity lost",
              "Every phase simulated flow by flow with and without the loss; the transfer of each "
              "is longer by their ratio.",
              "duration + sum over phases of transfer * (ratio - 1)", "definition"},
    MetricDoc{"network.accelerators", "accelerator", "accelerators of a machine",
              "Endpoints of its fabric, hosts apart.", "", "definition"},
    MetricDoc{"network.domain_size", "accelerator", "size of a scale-up domain",
              "Accelerators that reach each other over the scale-up fabric.", "", "definition"},
    MetricDoc{"network.bisection_bandwidth", "B/s", "bisection bandwidth",
              "Least bandwidth each way between two halves of the accelerators, over the cuts "
              "along units.",
              "", "definition"},
    MetricDoc{"network.bisection_per_accelerator", "B/s", "bisection bandwidth an accelerator",
              "Bisection bandwidth over the accelerators of one half.",
              "2 * bisection_bandwidth / accelerators", "definition"},
    MetricDoc{"network.diameter", "link", "diameter of a fabric",
              "Links on the longest of the shortest ways between two accelerators.", "",
              "definition"},
    MetricDoc{"step.duration", "s", "duration of a step",
              "One step of an instance: the engine's own time and every operator of every layer, "
              "one pipeline stage after the other.",
              "engine overhead + sum over operators of calls * duration", "definition"},
    MetricDoc{"step.flops", "FLOP", "operations of a step",
              "Operations of one rank; a multiply-add counts as two.",
              "sum over operators of calls * operations", "definition"},
    MetricDoc{"step.bytes", "B", "memory traffic of a step",
              "Bytes that one rank reads from and writes to its device memory.",
              "sum over operators of calls * bytes", "definition"},
    MetricDoc{"step.mfu", "", "model FLOP utilization of a step",
              "Operations of one rank over what it could do in the step at its dense peak for "
              "16-bit products.",
              "step.flops / (peak * step.duration)", "Chowdhery et al. 2022 (PaLM)"},
    MetricDoc{"step.bandwidth_share", "", "share of the memory bandwidth",
              "Memory traffic of one rank over what its peak bandwidth could move in the step.",
              "step.bytes / (peak bandwidth * step.duration)", "definition"},
    MetricDoc{"step.output_throughput", "token/s", "output throughput of a step",
              "One token for every decoding sequence of the batch over the duration of the step.",
              "decoding sequences / step.duration", "definition"},
    MetricDoc{"step.energy", "J", "energy of a step",
              "Board energy of all accelerators of the instance: idle power over the step and "
              "activity energy of its operators. First estimate.",
              "ranks * (idle power * step.duration + activity energy)", "definition"},
};

}  // namespace

std::vector<MetricDoc> metric_docs() {
  std::vector<MetricDoc> docs(kQueryDocs.begin(), kQueryDocs.end());
  const auto add = [&](std::span<const MetricDoc> more) {
    docs.insert(docs.end(), more.begin(), more.end());
  };
  add(serving::metric_docs());
  add(workload::metric_docs());
  std::sort(docs.begin(), docs.end(),
            [](const MetricDoc& a, const MetricDoc& b) { return a.name < b.name; });
  return docs;
}

}  // namespace penstock::scenario
