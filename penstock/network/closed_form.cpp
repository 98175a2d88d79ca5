#include "penstock/network/closed_form.h"

#include "penstock/base/check.h"

namespace penstock::network {

namespace {

/// Latency, and what every rank sends to the others: `passes` times the part that is not its own.
Seconds collective_duration(const ScaleUpDomain& domain, int64_t ranks, Bytes payload,
                            double passes) {
  PENSTOCK_CHECK(ranks >= 1, "collective over {} ranks", ranks);
  if (ranks == 1 || payload <= Bytes()) return Seconds();
  const double n = static_cast<double>(ranks);
  const Bytes moved = payload * (passes * (n - 1.0) / n);
  return domain.latency + domain.latency_per_rank * n +
         moved / (domain.bandwidth_each_way * domain.bandwidth_fraction);
}

}  // namespace

Seconds all_reduce_duration(const ScaleUpDomain& domain, int64_t ranks, Bytes payload) {
  return collective_duration(domain, ranks, payload, 2.0);
}

Seconds all_gather_duration(const ScaleUpDomain& domain, int64_t ranks, Bytes gathered) {
  return collective_duration(domain, ranks, gathered, 1.0);
}

Seconds reduce_scatter_duration(const ScaleUpDomain& domain, int64_t ranks, Bytes input) {
  return collective_duration(domain, ranks, input, 1.0);
}

Seconds all_to_all_duration(const ScaleUpDomain& domain, int64_t ranks, Bytes sent) {
  return collective_duration(domain, ranks, sent, 1.0);
}

Seconds send_duration(const ScaleUpDomain& domain, Bytes payload) {
  if (payload <= Bytes()) return Seconds();
  return domain.latency + payload / (domain.bandwidth_each_way * domain.bandwidth_fraction);
}

}  // namespace penstock::network
