/// Collectives inside one scale-up domain, in closed form.
///
/// Models: one switched or fully meshed domain where every rank drives its links at once.
/// Does not model: several tiers, contention with other traffic, stragglers (the interconnect
/// world does). Formula: ring and two-shot bound, duration = latency + n * per-rank latency +
/// f * bytes / (bandwidth * share), where f is 2 (n - 1) / n for an all-reduce and (n - 1) / n for
/// the others; bytes are counted as nccl-tests does. Source: Thakur et al. 2005 (bandwidth term).
#pragma once

#include <cstdint>

#include "penstock/base/units.h"

namespace penstock::network {

/// The domain as a collective sees it.
struct ScaleUpDomain {
  BytesPerSecond bandwidth_each_way;  ///< of one rank, all its links
  Seconds latency;
  Seconds latency_per_rank;
  double bandwidth_fraction = 1.0;  ///< share of the link bandwidth reached
};

/// Sum over `ranks` ranks of `payload` bytes each; every rank ends with the result. One rank or an
/// empty payload takes no time.
Seconds all_reduce_duration(const ScaleUpDomain& domain, int64_t ranks, Bytes payload);

/// Every one of `ranks` ranks ends with all `gathered` bytes, of which it gave its part.
Seconds all_gather_duration(const ScaleUpDomain& domain, int64_t ranks, Bytes gathered);

/// Sum over `ranks` ranks of `input` bytes each; every rank ends with its part of the result.
Seconds reduce_scatter_duration(const ScaleUpDomain& domain, int64_t ranks, Bytes input);

/// Every rank sends an equal part of `sent` bytes to each of `ranks` ranks, itself included.
Seconds all_to_all_duration(const ScaleUpDomain& domain, int64_t ranks, Bytes sent);

/// One message between two ranks of the domain.
Seconds send_duration(const ScaleUpDomain& domain, Bytes payload);

}  // namespace penstock::network
