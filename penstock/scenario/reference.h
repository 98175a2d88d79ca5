/// Reference pages and the editor schema, made from the same descriptions that read scenarios.
#pragma once

#include <string>
#include <vector>

#include "penstock/catalog/catalog.h"

namespace penstock::scenario {

/// A generated page of docs/reference.
struct ReferencePage {
  std::string file_name;
  std::string text;
};

/// scenario.md, metrics.md, catalog.md, policies.md.
std::vector<ReferencePage> reference_pages(const catalog::Catalog& catalog);

/// JSON Schema (draft 2020-12) of scenario files, for editors.
std::string scenario_schema();

}  // namespace penstock::scenario
