#include <algorithm>

#include "penstock/workload/length.h"

namespace penstock::workload {
namespace {

struct FixedConfig {
  int64_t tokens = 1;
};

template <class Visitor>
void fields(Visitor& v, FixedConfig& c) {
  v.required("tokens", c.tokens, "Tokens of every request.", kTokenBounds);
}

class Fixed final : public Described<LengthDistribution, FixedConfig> {
 public:
  [[nodiscard]] Tokens mean() const override { return Tokens(static_cast<double>(config_.tokens)); }
  void tokens_at(std::span<const double> /*scores*/, std::span<int64_t> out) const override {
    std::fill(out.begin(), out.end(), config_.tokens);
  }
};
PENSTOCK_REGISTER(LengthDistribution, Fixed, "The same count for every request.");

}  // namespace
}  // namespace penstock::workload
