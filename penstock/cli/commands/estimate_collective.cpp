#include "penstock/cli/session.h"
#include "penstock/report/html.h"
#include "penstock/scenario/estimate.h"

namespace penstock::cli {
namespace {

// far beyond any machine, small enough that no product overflows
constexpr Bounds kCount{.min = 1.0, .max = 1e8};
constexpr Bytes kExabyte = Bytes(1e18);  // the most that is answered

class EstimateCollective final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "estimate collective";
    spec.description =
        "Prices one collective on a system, a cluster or SYSTEM_xN: duration with its band, "
        "algorithm, the cut that binds, phases, and time against size. Bytes as nccl-tests counts "
        "them: the buffer of a rank; all_gather the result; all_to_all all that a rank sends.";
    spec.positionals = {{"OPERATION",
                         "all_reduce, all_gather, reduce_scatter, broadcast, "
                         "all_to_all or send_recv.",
                         ValueKind::kText}};
    spec.options = {
        {"--system", "S", "System, cluster or SYSTEM_xN.", ValueKind::kText, false, true},
        {"--ranks", "N", "Ranks of the group (every accelerator).", ValueKind::kNumber},
        {"--stride", "N", "Accelerators from one rank to the next (1).", ValueKind::kNumber},
        {"--groups", "N", "Groups that do the same at once (1).", ValueKind::kNumber},
        {"--bytes", "B", "Message size, for example 1GiB.", ValueKind::kText},
        {"--bytes-per-pair", "B", "all_to_all: bytes of each message.", ValueKind::kText},
        {"--algorithm", "NAME", "auto, or one by name (auto).", ValueKind::kText},
        {"--library", "NAME", "Communication library (the vendor's).", ValueKind::kText},
        {"--degrade", "LINKS/I=X",
         "Bundle I of a class of links keeps the share X of its capacity.", ValueKind::kText, true},
        {"--html", "FILE",
         "Writes a page with the numbers, time against size, and the links coloured by their use.",
         ValueKind::kFile}};
    spec.examples = {
        "penstock estimate collective all_to_all --system cloudmatrix384 --ranks 384 "
        "--bytes-per-pair 1MiB",
        "penstock estimate collective all_reduce --system h100_cluster_2048 --bytes 1GiB "
        "--html out.html",
        "penstock estimate collective all_to_all --system cloudmatrix384 --bytes-per-pair 1MiB "
        "--degrade 'l1 to l2/0=0.5'"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    scenario::CollectiveQuery q;
    q.operation = arguments.positional(0);
    q.system = arguments.text("--system").value_or("");
    if (arguments.text("--ranks")) q.rank_count = arguments.integer("--ranks", 1, kCount);
    q.stride = arguments.integer("--stride", q.stride, kCount);
    q.group_count = arguments.integer("--groups", q.group_count, kCount);
    q.payload = bytes(arguments, "--bytes");
    q.bytes_per_pair = bytes(arguments, "--bytes-per-pair");
    const std::string algorithm = arguments.text("--algorithm").value_or("auto");
    if (algorithm != "auto") q.algorithm = algorithm;
    q.library = arguments.text("--library").value_or("");
    q.degraded = arguments.list("--degrade");
    arguments.check();
    const catalog::Catalog catalog = open_catalog(arguments);
    const Result result = scenario::estimate_collective(q, catalog);
    if (const auto page = arguments.text("--html")) write_file(*page, report::to_html(result));
    return answer(result, arguments, true);
  }

 private:
  static std::optional<Bytes> bytes(Arguments& arguments, std::string_view name) {
    const std::optional<Bytes> value = arguments.quantity<Bytes>(name);
    if (value && !(*value >= Bytes() && *value <= kExabyte)) {
      arguments.findings().add(name, "must lie between 0 B and 1 EB");
    }
    return value;
  }
};

PENSTOCK_REGISTER(Command, EstimateCollective,
                  "One collective on a machine: duration with its band, and the cut that binds.");

}  // namespace
}  // namespace penstock::cli
