/// Fitted exchange kernels: data/dispatch, and the choice among them for a machine and a question.
///
/// A set is one release of a library. A fit is one of its kernels and calls on one accelerator,
/// with what was measured and the quantiles of its residuals. A question takes the nearest fits:
/// on its own accelerator before kin, and never one that did not cross the network for ranks that
/// do. Kin's bands are wider, and an answer outside the measured shapes says so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "penstock/base/fields.h"
#include "penstock/catalog/accelerator.h"
#include "penstock/catalog/catalog.h"
#include "penstock/network/dispatch.h"

namespace penstock::network {

/// Least and greatest of what was measured.
struct MeasuredRange {
  int64_t least = 0;
  int64_t greatest = 0;

  /// Doublings that a count lies outside; 0 inside.
  [[nodiscard]] double doublings_outside_factor(int64_t count) const;
};

struct DispatchFit {
  std::string accelerator;
  ExchangeKernel kernel = ExchangeKernel::kNormal;
  ExchangeOp op = ExchangeOp::kDispatch;
  ExchangeCopies copies = ExchangeCopies::kRanks;
  ExchangeRouting routing = ExchangeRouting::kUniform;  ///< of the measured calls
  std::vector<ExchangePayload> payloads;
  int64_t ranks_per_accelerator = 1;
  MeasuredRange ranks;
  MeasuredRange domains;  ///< scale-up domains
  MeasuredRange tokens;
  MeasuredRange hidden;
  MeasuredRange topk;
  MeasuredRange experts;
  std::optional<MeasuredRange> multiprocessors;  ///< unset: not a choice of the caller
  int64_t rows = 0;
  double error_fraction = 0.0;  ///< median on shapes that the fit had not seen
  double low_factor = 1.0;      ///< measured over predicted, 10th percentile
  double high_factor = 1.0;     ///< 90th percentile
  DispatchCoefficients coefficients;
};

struct DispatchSet {
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
  std::string source;
  std::string date;
  catalog::Confidence confidence = catalog::Confidence::kMedium;
  std::string library;
  std::string release;
  std::vector<DispatchFit> fits;
};

/// Written as "8" or "8 to 32".
void read_custom(ConfigReader& reader, const Node& node, MeasuredRange& out);
Node write_custom(const MeasuredRange& range);

template <class Visitor>
void fields(Visitor& v, DispatchFit& f) {
  v.required("accelerator", f.accelerator, "On which it was measured.");
  v.required("kernel", f.kernel, "How the library moves tokens.");
  v.required("op", f.op, "The call.");
  v.optional("copies", f.copies, "What a token of a normal kernel sends.");
  v.optional("routing", f.routing, "How the measured calls chose experts.");
  v.required("payloads", f.payloads, "Formats measured.");
  v.optional("ranks_per_accelerator", f.ranks_per_accelerator, "Ranks of one package.", {.min = 1});
  v.required("ranks", f.ranks, "Least and most ranks measured.");
  v.required("domains", f.domains, "Least and most scale-up domains measured.");
  v.required("tokens", f.tokens, "Least and most tokens a rank measured.");
  v.required("hidden", f.hidden, "Least and most values a token measured.");
  v.required("topk", f.topk, "Least and most experts a token measured.");
  v.required("experts", f.experts, "Fewest and most experts measured.");
  v.optional("multiprocessors", f.multiprocessors, "Fewest and most given to the call.");
  v.required("rows", f.rows, "Measured rows behind the fit.", {.min = 1});
  v.required("error", f.error_fraction, "Median error on rows kept from the fit.", {.min = 0.0});
  v.required("low", f.low_factor, "Measured over predicted, 10th percentile.", {.min = 0.01});
  v.required("high", f.high_factor, "Measured over predicted, 90th percentile.", {.min = 0.01});
  v.required("coefficients", f.coefficients, "Fitted; what is left out does not limit.");
}

template <class Visitor>
void fields(Visitor& v, DispatchSet& s) {
  v.required("id", s.id, "The file bears its name.");
  v.optional("aliases", s.aliases, "Other names.");
  v.required("summary", s.summary, "One line for lists.");
  v.required("source", s.source, "Where the measured rows stand.");
  v.required("date", s.date, "Of the rows.");
  v.required("confidence", s.confidence, "How far to trust it.");
  v.required("library", s.library, "As the rows name it.");
  v.optional("release", s.release, "Of the library.");
  v.required("fits", s.fits, "One kernel and call on one accelerator each.");
}

/// All sets of the catalog in order of id; mistakes of an overlay are findings.
std::vector<DispatchSet> dispatch_sets(const catalog::Catalog& catalog, Findings& findings);

/// Strict reader of an entry, for `catalog check`.
void check_dispatch_set(const Node& tree, Findings& findings);

/// How near a fit's accelerator is to another.
enum class Kinship : uint8_t { kSelf, kArchitecture, kVendor, kStranger };
Kinship kinship_of(const catalog::Accelerator& a, const catalog::Accelerator& b);

/// By how much both ends of a band move out for kin.
double kin_spread_factor(Kinship kinship);

/// One library's kernel for a question: the fits of its calls.
struct DispatchOffer {
  const DispatchSet* set = nullptr;
  ExchangeKernel kernel = ExchangeKernel::kNormal;
  std::string accelerator;
  Kinship kinship = Kinship::kSelf;
  const DispatchFit* prepare = nullptr;  ///< absent where the call does it on its own
  const DispatchFit* dispatch = nullptr;
  const DispatchFit* combine = nullptr;
  bool lacks_network = false;    ///< the question crosses domains, no measured call did
  double distance_factor = 0.0;  ///< doublings outside what was measured, formats counted as one

  [[nodiscard]] const DispatchFit* fit(ExchangeOp op) const;
};

/// What in the question no row of the fit has, in words; empty inside the measured domain.
std::vector<std::string> outside_of(const DispatchFit& fit, const DispatchQuestion& question);

/// What to ask about: everything but the kernel, its copies and routing, which come from the fits.
struct DispatchAsk {
  DispatchQuestion dispatch;
  DispatchQuestion combine;
  std::optional<ExchangeKernel> kernel;
  std::string set;  ///< id of a set; empty: any
};

/// Offers from best to worst; empty when nothing that was measured has the kernel or the set.
std::vector<DispatchOffer> dispatch_offers(const std::vector<DispatchSet>& sets,
                                           const catalog::Catalog& catalog,
                                           const catalog::Accelerator& accelerator,
                                           const DispatchAsk& ask);

/// The question as an offer's call answers it.
DispatchQuestion question_for(const DispatchFit& fit, const DispatchQuestion& question);

}  // namespace penstock::network
