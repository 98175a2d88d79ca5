/// Measured exchanges of mixture-of-experts layers: moe_dispatch_combine.csv, and the rows of
/// published_network.csv that are dispatch or combine, as typed rows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/units.h"
#include "penstock/catalog/catalog.h"
#include "penstock/catalog/exchange.h"

namespace penstock::measurement {

/// One call on every rank, as one rank saw it. What files do not say is filled in as the libraries'
/// benchmarks do it: 256 experts, routing over at most four nodes in DeepEP's tables.
struct DispatchRow {
  std::string place;        ///< "moe_dispatch_combine.csv:17"
  std::string accelerator;  ///< id in the catalog
  std::string library;      ///< "deepep"
  std::string release;      ///< "sglang 0.5.12"; may be empty
  catalog::ExchangeKernel kernel = catalog::ExchangeKernel::kNormal;
  catalog::ExchangeOp op = catalog::ExchangeOp::kDispatch;
  catalog::ExchangePayload payload = catalog::ExchangePayload::kBf16;
  catalog::ExchangeCopies copies = catalog::ExchangeCopies::kRanks;
  catalog::ExchangeRouting routing = catalog::ExchangeRouting::kUniform;
  bool rank_is_die = false;  ///< ranks are dies, of which a package may have two
  int64_t rank_count = 0;
  int64_t tokens = 0;  ///< of each rank
  int64_t hidden = 0;
  int64_t topk = 0;
  int64_t expert_count = 0;
  int64_t node_limit = 0;       ///< nodes a token may reach; 0: all
  int64_t multiprocessors = 0;  ///< given to the call; 0: not said
  std::optional<Seconds> latency;
  std::optional<Seconds> notify;            ///< a separate phase before the call, where it is one
  std::optional<BytesPerSecond> bandwidth;  ///< as the library's benchmark counts it
  std::string source;                       ///< as the file says it
  bool published = false;                   ///< from a paper or blog
};

std::vector<DispatchRow> read_dispatch(const std::shared_ptr<const Source>& source,
                                       const catalog::Catalog& catalog, Findings& findings);

/// Exchanges of published_network.csv that are marked to be scored.
struct PublishedDispatch {
  std::vector<DispatchRow> rows;
  int64_t duplicate_count = 0;  ///< the same number as one of `known`
  int64_t unclear_count = 0;    ///< does not say ranks, tokens or machine
};
PublishedDispatch read_published_dispatch(const std::shared_ptr<const Source>& source,
                                          const std::vector<DispatchRow>& known,
                                          const catalog::Catalog& catalog, Findings& findings);

/// Both files of a folder, as far as it has them; that the first is missing is a finding.
PublishedDispatch read_exchanges(const std::string& directory, const catalog::Catalog& catalog,
                                 Findings& findings);

}  // namespace penstock::measurement
