#include "penstock/calibration/dispatch_calls.h"

namespace penstock::calibration {
namespace {

using network::ExchangeOp;
using network::ExchangePayload;

/// Bytes of a token as the benchmarks count them: 8-bit formats with a scale for 128 values,
/// whatever travels.
Bytes counted_bytes(ExchangePayload payload, int64_t hidden) {
  return network::exchange_bytes(
      payload == ExchangePayload::kInt8 ? ExchangePayload::kFp8 : payload, hidden);
}

/// Copies of a token as the benchmarks count them: the node's own included; over the network one
/// for each node.
double counted_copies_factor(const network::DispatchQuestion& q) {
  const network::DispatchTraffic traffic = network::dispatch_traffic(q);
  const bool by_node = traffic.domain_count_factor > 1.0 &&
                       q.kernel == network::ExchangeKernel::kNormal &&
                       q.copies == network::ExchangeCopies::kRanks;
  return by_node ? traffic.node_visits_factor : traffic.copies_factor;
}

}  // namespace

const DispatchCalls::Known& DispatchCalls::known(const measurement::DispatchRow& row) {
  const std::pair key(row.accelerator, row.rank_is_die);
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  Known known;
  Findings findings;
  const auto accelerator = catalog_.accelerator(row.accelerator, {}, findings);
  findings.throw_if_any();
  known.ranks_per_accelerator = row.rank_is_die ? accelerator->die_count.value_or(1) : 1;
  known.machine = network::rank_machine(*accelerator, known.ranks_per_accelerator);
  known.places = network::rank_places(catalog_, row.accelerator, known.ranks_per_accelerator);
  return known_.emplace(key, known).first->second;
}

std::vector<DispatchCall> DispatchCalls::of(const measurement::DispatchRow& row) {
  const Known& k = known(row);
  DispatchCall call;
  call.machine = k.machine;
  call.ranks_per_accelerator = k.ranks_per_accelerator;
  network::DispatchQuestion& q = call.question;
  q.op = row.op;
  q.kernel = row.kernel;
  q.payload = row.payload;
  q.copies = row.copies;
  q.routing = row.routing;
  q.rank_count = row.rank_count;
  q.domain_ranks = k.places.domain_ranks > 0 ? k.places.domain_ranks : row.rank_count;
  q.node_ranks = k.places.node_ranks > 0 ? k.places.node_ranks : q.domain_ranks;
  q.node_limit = row.node_limit;
  q.tokens = row.tokens;
  q.hidden = row.hidden;
  q.topk = row.topk;
  q.expert_count = row.expert_count;
  q.multiprocessors = row.multiprocessors;
  if (row.latency) {
    call.measured = *row.latency;
  } else {
    const double copies = counted_copies_factor(q) * static_cast<double>(q.tokens);
    call.measured = counted_bytes(q.payload, q.hidden) * copies / *row.bandwidth;
    call.from_bandwidth = true;
  }
  std::vector<DispatchCall> calls = {call};
  // only the one before a dispatch is told apart from waiting for others' combines
  if (row.notify && row.op == ExchangeOp::kDispatch) {
    calls.push_back(call);
    calls.back().question.op = ExchangeOp::kPrepare;
    calls.back().measured = *row.notify;
  }
  return calls;
}

}  // namespace penstock::calibration
