/// docs/validation.md: scores, worst rows with likely reasons, peers, and what nothing was
/// compared with.
#pragma once

#include <span>
#include <string>

#include "penstock/catalog/catalog.h"
#include "penstock/validation/score.h"

namespace penstock::validation {

/// The page as Markdown; equal outcomes give equal bytes.
std::string validation_page(std::span<const SuiteOutcome> outcomes,
                            const catalog::Catalog& catalog);

}  // namespace penstock::validation
