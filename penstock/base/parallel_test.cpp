// Goal: every job runs once, results land by index, and the first mistake by index is the one
// reported. Method: counts under several numbers of threads.
#include "penstock/base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

namespace penstock {
namespace {

TEST(ParallelFor, EveryIndexOnceWhateverTheThreads) {
  for (const size_t threads : {0U, 1U, 2U, 7U, 200U}) {
    std::vector<int> seen(100, 0);
    parallel_for(seen.size(), threads, [&](size_t i) { seen[i] += static_cast<int>(i) + 1; });
    for (size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], static_cast<int>(i) + 1);
  }
  parallel_for(0, 4, [](size_t) { FAIL() << "no job to run"; });
}

TEST(ParallelFor, TheFirstExceptionByIndexAfterAllJobsEnded) {
  for (const size_t threads : {1U, 4U}) {
    std::atomic<int> ran{0};
    std::string message;
    try {
      parallel_for(50, threads, [&](size_t i) {
        ++ran;
        if (i == 31 || i == 17) throw std::runtime_error(std::to_string(i));
      });
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
    EXPECT_EQ(message, "17");
    EXPECT_EQ(ran, 50);
  }
}

}  // namespace
}  // namespace penstock
