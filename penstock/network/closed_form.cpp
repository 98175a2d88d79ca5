#include "penstock/network/closed_form.h"

#include "penstock/base/check.h"

namespace penstock::network {

Seconds all_reduce_duration(const ScaleUpDomain& domain, int64_t ranks, Bytes payload) {
  PENSTOCK_CHECK(ranks >= 1, "collective over {} ranks", ranks);
  if (ranks == 1 || payload <= Bytes()) return Seconds();
  const double n = static_cast<double>(ranks);
  const Bytes moved = payload * (2.0 * (n - 1.0) / n);
  return domain.latency + domain.latency_per_rank * n +
         moved / (domain.bandwidth_each_way * domain.bandwidth_fraction);
}

Seconds send_duration(const ScaleUpDomain& domain, Bytes payload) {
  if (payload <= Bytes()) return Seconds();
  return domain.latency + payload / (domain.bandwidth_each_way * domain.bandwidth_fraction);
}

}  // namespace penstock::network
