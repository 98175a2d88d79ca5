/// Scores as tables and plots, for terminals and pages.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "penstock/base/result.h"
#include "penstock/validation/score.h"

namespace penstock::validation {

/// Errors by group and metric.
Table score_table(const std::string& suite, std::span<const Score> scores);

/// Rows without an answer by reason; no rows when all are answered.
Table unanswered_table(const std::string& suite, std::span<const Score> scores);

/// The rows of a metric that are furthest off, worst first, with their hints; no sections.
Table worst_table(const SuiteOutcome& outcome, std::string_view metric, int64_t count);

/// Metrics of an outcome in order of first mention.
std::vector<std::string> metrics_of(const SuiteOutcome& outcome);

/// Predicted over measured, and the distribution of errors, one line a value of the first group
/// key.
std::vector<Plot> plots_of(const SuiteOutcome& outcome);

/// Everything above for all suites. `group_by` empty: each suite's own groups; `worst_count` 0: no
/// lists of rows.
Result result_of(std::span<const SuiteOutcome> outcomes, const std::vector<std::string>& group_by,
                 int64_t worst_count);

}  // namespace penstock::validation
