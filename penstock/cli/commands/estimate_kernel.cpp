#include <fmt/format.h>

#include "penstock/cli/session.h"
#include "penstock/scenario/estimate.h"

namespace penstock::cli {
namespace {

// far beyond any kernel, small enough that no product overflows
constexpr Bounds kSize{.min = 1.0, .max = 1e8};
constexpr Bounds kFromZero{.min = 0.0, .max = 1e8};

class EstimateKernel final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "estimate kernel";
    spec.description =
        "Prices one call of a kernel: duration with its band, operations, bytes, shares of the "
        "peaks, power. Families: gemm (--m --n --k), attention_prefill and attention_decode "
        "(--batch --tokens --context --heads --kv-heads --head-dim --window), latent_prefill and "
        "latent_decode with DeepSeek-V3's geometry (--batch --tokens --context --heads), experts "
        "(--tokens --hidden --width --topk --experts --ep).";
    spec.positionals = {{"FAMILY", "Kernel family.", ValueKind::kText}};
    spec.options = {
        {"--accelerator", "A", "Accelerator id.", ValueKind::kAccelerator, false, true},
        {"--engine", "NAME", "Whose kernels: vllm, sglang, trtllm (the best measured).",
         ValueKind::kText},
        {"--dtype", "DTYPE", "Format of the weights, or of the KV cache (bf16).", ValueKind::kText},
        {"--compute", "DTYPE", "Format of the products (by the weights; attention: bf16).",
         ValueKind::kText},
        number_option("--m", "Rows of a product (1)."),
        number_option("--n", "Columns of a product (4096)."),
        number_option("--k", "Depth of a product (4096)."),
        number_option("--batch", "Sequences (1)."),
        number_option("--tokens", "New tokens of each sequence; tokens routed to experts (1)."),
        number_option("--context", "Tokens already in the cache of each sequence (0)."),
        number_option("--heads", "Query heads (32)."),
        number_option("--kv-heads", "KV heads (8)."),
        number_option("--head-dim", "Elements of a head (128)."),
        number_option("--window", "Sliding window; 0: none (0)."),
        number_option("--hidden", "Width that experts read and write (4096)."),
        number_option("--width", "Columns of an expert (768)."),
        number_option("--topk", "Experts a token visits (8)."),
        number_option("--experts", "Experts (128)."),
        number_option("--ep", "Ranks that hold different experts (1).")};
    spec.examples = {
        "penstock estimate kernel gemm --accelerator h200_sxm --dtype fp8 --m 64 --n 7168 --k "
        "2048"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    scenario::KernelQuery q;
    q.family = arguments.positional(0);
    q.accelerator = arguments.text("--accelerator").value_or("");
    q.engine = arguments.text("--engine").value_or("");
    q.dtype = arguments.choice<catalog::Dtype>("--dtype").value_or(q.dtype);
    q.compute = arguments.choice<catalog::Dtype>("--compute");
    q.m = arguments.integer("--m", q.m, kSize);
    q.n = arguments.integer("--n", q.n, kSize);
    q.k = arguments.integer("--k", q.k, kSize);
    q.batch = arguments.integer("--batch", q.batch, kSize);
    q.tokens = arguments.integer("--tokens", q.tokens, kSize);
    q.context = arguments.integer("--context", q.context, kFromZero);
    q.heads = arguments.integer("--heads", q.heads, kSize);
    q.kv_heads = arguments.integer("--kv-heads", q.kv_heads, kSize);
    q.head_dim = arguments.integer("--head-dim", q.head_dim, kSize);
    q.window = arguments.integer("--window", q.window, kFromZero);
    q.hidden = arguments.integer("--hidden", q.hidden, kSize);
    q.width = arguments.integer("--width", q.width, kSize);
    q.topk = arguments.integer("--topk", q.topk, kSize);
    q.experts = arguments.integer("--experts", q.experts, kSize);
    q.expert_ranks = arguments.integer("--ep", q.expert_ranks, kSize);
    arguments.check();
    const catalog::Catalog catalog = open_catalog(arguments);
    return answer(scenario::estimate_kernel(q, catalog), arguments, true);
  }
};

PENSTOCK_REGISTER(
    Command, EstimateKernel,
    "One call of a kernel on an accelerator: duration with its band, and what binds.");

}  // namespace
}  // namespace penstock::cli
