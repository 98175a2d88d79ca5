// Goal: a collective is priced while one waits for nothing. Budgets, CPU: all-to-all over the 384
// endpoints of a supernode 1 ms by the symmetric solver and 0.3 s as 147,072 explicit flows; the
// fastest all-reduce over 165,888 accelerators of 432 supernodes 5 ms.
#include <benchmark/benchmark.h>

#include "penstock/network/flow_simulation.h"
#include "penstock/network/priced_collective.h"

namespace penstock::network {
namespace {

Machine machine(const char* name) {
  Findings findings;
  auto built = build_machine(catalog::Catalog::built_in(), name, {}, findings);
  findings.throw_if_any();
  return std::move(*built);
}

void all_to_all_symmetric(benchmark::State& state) {
  const Machine supernode = machine("cloudmatrix384");
  const Traffic traffic{Pattern::kAllPairs, {{supernode.accelerator_count(), 1}, 1}};
  for (auto _ : state) benchmark::DoNotOptimize(rate_of(*supernode.topology, traffic));
}
BENCHMARK(all_to_all_symmetric)
    ->Name("Collective/AllToAll384Symmetric")
    ->Unit(benchmark::kMicrosecond);

void all_to_all_flows(benchmark::State& state) {
  const Machine supernode = machine("cloudmatrix384");
  std::vector<Flow> flows;
  for (int64_t from = 0; from < supernode.accelerator_count(); ++from) {
    for (int64_t to = 0; to < supernode.accelerator_count(); ++to) {
      if (from != to) flows.push_back({from, to, Bytes(1e6), Time()});
    }
  }
  for (auto _ : state) benchmark::DoNotOptimize(simulate_flows(*supernode.topology, flows));
  state.counters["flows"] = static_cast<double>(flows.size());
}
BENCHMARK(all_to_all_flows)->Name("Collective/AllToAll384Flows")->Unit(benchmark::kMillisecond);

void all_reduce_cascade(benchmark::State& state) {
  const Machine cascade = machine("cloudmatrix384_x432");
  Findings findings;
  const Communication communication =
      choose_communication(catalog::Catalog::built_in(), cascade, {}, findings);
  findings.throw_if_any();
  const Collective collective{Operation::kAllReduce,
                              {{cascade.accelerator_count(), 1}, 1},
                              Bytes(static_cast<double>(state.range(0)))};
  for (auto _ : state) {
    RateMemo memo;  // a first answer: nothing is remembered
    benchmark::DoNotOptimize(price_collective(cascade, communication, collective, {}, memo));
  }
}
BENCHMARK(all_reduce_cascade)
    ->Name("Collective/AllReduceOver165888")
    ->Arg(1 << 10)
    ->Arg(1 << 30)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penstock::network
