// Fuzzes the reader of Hugging Face configs: any bytes give a model or findings with a place, never
// a crash, and a model that was read has counts that make sense.

#include <cstdint>
#include <string>

#include "penstock/base/check.h"
#include "penstock/base/node.h"
#include "penstock/catalog/model.h"

namespace {

using namespace penstock;  // NOLINT: a program of one file

void check_counts(const catalog::Model& model) {
  const int64_t all = catalog::parameter_count(model);
  const int64_t active = catalog::active_parameter_count(model);
  PENSTOCK_CHECK(all > 0 && active > 0 && active <= all, "{} of {} parameters", active, all);
  PENSTOCK_CHECK(catalog::mtp_parameter_count(model) >= 0, "negative module");
  PENSTOCK_CHECK(catalog::weight_bytes(model) > Bytes(), "no weights");
  for (const int64_t context : {int64_t{0}, int64_t{1}, int64_t{1} << 40}) {
    const Bytes bounded = catalog::kv_bounded_bytes(model, catalog::Dtype::kBf16, context);
    PENSTOCK_CHECK(bounded >= Bytes(), "negative cache {}", bounded.value());
  }
  const Bytes growing = catalog::kv_bytes_per_token(model, catalog::Dtype::kFp8);
  PENSTOCK_CHECK(growing >= Bytes(), "negative cache {}", growing.value());
  PENSTOCK_CHECK(!catalog::derived_figures(model).empty(), "no figures");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto source = std::make_shared<Source>();
  source->name = "config.json";
  source->text.assign(reinterpret_cast<const char*>(data), size);
  Findings findings;
  const Node tree = parse_yaml(source, findings);
  const catalog::Model model = catalog::read_model_config(tree, findings);
  Findings entry_findings;
  static_cast<void>(catalog::read_model_entry(tree, entry_findings));
  if (findings.empty()) {
    check_counts(model);
  } else {
    PENSTOCK_CHECK(!to_text(findings.all()).empty(), "findings without a text");
  }
  return 0;
}
