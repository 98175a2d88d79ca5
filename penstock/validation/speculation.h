/// Which measured runs used multi-token prediction, which their files do not say.
///
/// A rule for whole campaigns, never for single rows: a campaign is what one release of one engine
/// ran of one model in one precision on one accelerator on one day, from one list of
/// configurations.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/catalog/catalog.h"
#include "penstock/measurement/serving.h"

namespace penstock::validation {

/// The sweep configurations that InferenceX has published (protocols/*.yaml of the measurements).
class SweepEntries {
 public:
  /// Reads every file of the folder's protocols/; without one, no entry says anything. Files that
  /// are not YAML are findings.
  static SweepEntries read(const std::string& directory, const catalog::Catalog& catalog,
                           Findings& findings);

  /// What the entries of a row's model, accelerator, engine, precision, lengths, split and
  /// concurrency say; nullopt when there are none, or some of either kind.
  [[nodiscard]] std::optional<bool> speculates(const measurement::StaticRow& row) const;

 private:
  /// Model, accelerator, engine, precision, input, output, ranks, expert groups, data parallel,
  /// concurrency.
  using Key = std::tuple<std::string, std::string, std::string, std::string, int64_t, int64_t,
                         int64_t, int64_t, bool, int64_t>;
  struct Word {
    bool plain = false;
    bool speculative = false;
  };
  void add(const Node& entry, const catalog::Catalog& catalog);
  void add_shape(const Node& shape, const Key& head);

  std::map<Key, Word> words_;
};

/// Measured over predicted TPOT below which a campaign cannot have decoded one token a step: more
/// than the error of plain runs (an eighth in the median), less than what prediction of three
/// tokens gains at few clients (a half).
constexpr double kSpeculativeRatio = 0.7;
/// Clients up to which prediction pays most; rows with more do not count for the rule.
constexpr int64_t kFewClients = 16;

/// What is known of one campaign.
struct CampaignEvidence {
  int64_t plain_count = 0;          ///< rows whose entries say no
  int64_t speculative_count = 0;    ///< rows whose entries say yes
  std::vector<double> tpot_ratios;  ///< measured over plain prediction, rows of few clients
};

/// The rule. Times below the ratio say yes; times no quicker than the plain prediction say no;
/// between them the entries decide by majority; without any word, no.
bool campaign_speculates(CampaignEvidence evidence);

/// One verdict for each row, false for models without such modules. `plain_tpot` is the prediction
/// without speculation, unset where there is none.
std::vector<bool> speculative_rows(const std::vector<measurement::StaticRow>& rows,
                                   const std::vector<std::optional<Seconds>>& plain_tpot,
                                   const SweepEntries& entries, const catalog::Catalog& catalog);

}  // namespace penstock::validation
