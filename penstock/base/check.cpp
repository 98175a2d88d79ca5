#include "penstock/base/check.h"

namespace penstock {

void check_failed(const char* file, int line, const char* condition, const std::string& detail) {
  throw CheckFailure(fmt::format("{}:{}: check failed: {}: {}", file, line, condition, detail));
}

}  // namespace penstock
