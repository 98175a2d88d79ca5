#include "penstock/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace penstock {

void parallel_for(size_t count, size_t thread_count, const std::function<void(size_t)>& job) {
  if (thread_count == 0) thread_count = std::max(1U, std::thread::hardware_concurrency());
  thread_count = std::min(thread_count, count);
  std::vector<std::exception_ptr> errors(count);
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
      try {
        job(i);
      } catch (...) {
        errors[i] = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (size_t t = 1; t < thread_count; ++t) threads.emplace_back(work);
    work();
  }
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
}

}  // namespace penstock
