/// Checks for our own bugs. They stay on in release builds and print the numbers.
///
/// A user's mistake is a Finding (error.h) and an impossible plan is an ordinary value; neither is
/// a check. PENSTOCK_DCHECK is for hot loops and compiles away in release builds.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace penstock {

/// Thrown by a failed check; only the doors catch it, print it and exit with 70 (EX_SOFTWARE).
class CheckFailure : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               const std::string& detail);

}  // namespace penstock

#define PENSTOCK_CHECK(condition, ...)                                                      \
  do {                                                                                      \
    if (!(condition)) [[unlikely]] {                                                        \
      ::penstock::check_failed(__FILE__, __LINE__, #condition, ::fmt::format(__VA_ARGS__)); \
    }                                                                                       \
  } while (false)

#ifdef NDEBUG
#define PENSTOCK_DCHECK(condition, ...) static_cast<void>(0)
#else
#define PENSTOCK_DCHECK(condition, ...) PENSTOCK_CHECK(condition, __VA_ARGS__)
#endif
