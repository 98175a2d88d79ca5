/// Clock times as exact decimal seconds, for writers.
#pragma once

#include <string>

#include "penstock/base/time.h"

namespace penstock::workload {

/// Appends "12.5": no digit is lost, no zero is added.
inline void append_seconds(Time time, std::string& text) {
  const int64_t whole = time.picoseconds() / kPicosecondsPerSecond;
  int64_t fraction = time.picoseconds() % kPicosecondsPerSecond;
  text += std::to_string(whole);
  if (fraction == 0) return;
  text += '.';
  for (int64_t place = kPicosecondsPerSecond / 10; fraction != 0; place /= 10) {
    text += static_cast<char>('0' + fraction / place);
    fraction %= place;
  }
}

}  // namespace penstock::workload
