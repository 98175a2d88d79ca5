#include "penstock/cli/session.h"
#include "penstock/scenario/estimate.h"

namespace penstock::cli {
namespace {

// far beyond any group, small enough that no product overflows
constexpr Bounds kSize{.min = 1.0, .max = 1e8};
constexpr Bounds kFromZero{.min = 0.0, .max = 1e8};

class EstimateDispatch final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "estimate dispatch";
    spec.description =
        "Prices one mixture-of-experts exchange, dispatch and combine: durations with their bands, "
        "bytes of a rank over the scale-up link and the network, what binds, multiprocessors "
        "taken, and whose measurements stand behind it. Without --kernel the fastest that was "
        "measured for such a group is taken.";
    spec.options = {
        {"--system", "SYSTEM", "System or cluster of the catalog; SYSTEM_xN: N of them.",
         ValueKind::kText, false, true},
        {"--ep", "N", "Ranks of the expert-parallel group.", ValueKind::kNumber, false, true},
        number_option("--tokens", "Tokens of each rank (128)."),
        number_option("--hidden", "Values of a token (7168)."),
        number_option("--topk", "Experts a token visits (8)."),
        number_option("--experts", "Experts of the layer (256)."),
        {"--dtype", "FORMAT", "What a dispatch carries: bf16, fp8, fp8_tensor, nvfp4, int8 (fp8).",
         ValueKind::kText},
        {"--combine-dtype", "FORMAT", "What a combine carries (bf16).", ValueKind::kText},
        {"--kernel", "KERNEL",
         "normal, low_latency, low_latency_rdma, nvlink_one_sided or nvlink_two_sided.",
         ValueKind::kText},
        {"--library", "ID", "Only fits of this set (penstock catalog list dispatch).",
         ValueKind::kText},
        {"--imbalance", "X", "Copies for the fullest rank over the mean (1).", ValueKind::kText},
        number_option("--nodes-limit",
                      "Nodes a token may reach, as group-limited routing does; 0: all "
                      "(0)."),
        number_option("--multiprocessors",
                      "Given to the calls of normal kernels (as measured best)."),
        {"--network", "RATE", "Network interface of a rank, for example 50 GB/s (the catalog's).",
         ValueKind::kText}};
    spec.examples = {
        "penstock estimate dispatch --system gb200_nvl72 --ep 64 --tokens 128 --hidden 7168 --topk "
        "8 --dtype fp8",
        "penstock estimate dispatch --system dgx_h100_x4 --ep 32 --kernel normal --tokens 4096"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    scenario::DispatchQuery q;
    q.system = arguments.text("--system").value_or("");
    q.ranks = arguments.integer("--ep", q.ranks, kSize);
    q.tokens = arguments.integer("--tokens", q.tokens, kFromZero);
    q.hidden = arguments.integer("--hidden", q.hidden, kSize);
    q.topk = arguments.integer("--topk", q.topk, kSize);
    q.experts = arguments.integer("--experts", q.experts, kSize);
    q.payload = arguments.choice<catalog::ExchangePayload>("--dtype").value_or(q.payload);
    q.combine_payload =
        arguments.choice<catalog::ExchangePayload>("--combine-dtype").value_or(q.combine_payload);
    q.kernel = arguments.choice<catalog::ExchangeKernel>("--kernel");
    q.library = arguments.text("--library").value_or("");
    q.imbalance_ratio = arguments.ratio("--imbalance", q.imbalance_ratio, {.min = 1.0, .max = 1e4});
    q.node_limit = arguments.integer("--nodes-limit", q.node_limit, kFromZero);
    q.multiprocessors = arguments.integer("--multiprocessors", q.multiprocessors, kFromZero);
    q.network = arguments.quantity<BytesPerSecond>("--network");
    if (q.network && !(q.network->value() > 0.0)) {
      arguments.findings().add("--network", "must be more than zero");
    }
    arguments.check();
    const catalog::Catalog catalog = open_catalog(arguments);
    return answer(scenario::estimate_dispatch(q, catalog), arguments, true);
  }
};

PENSTOCK_REGISTER(
    Command, EstimateDispatch,
    "One mixture-of-experts exchange on a system: dispatch and combine with bands, bytes, binds.");

}  // namespace
}  // namespace penstock::cli
