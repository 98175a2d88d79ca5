/// Runs independent jobs on several threads; results land by index, so their order never depends
/// on the number of threads.
#pragma once

#include <cstddef>
#include <functional>

namespace penstock {

/// Calls job(i) for i in [0, count) on at most `thread_count` threads (0 means all cores). The
/// first exception, by index, is rethrown after all threads have stopped.
void parallel_for(size_t count, size_t thread_count, const std::function<void(size_t)>& job);

}  // namespace penstock
