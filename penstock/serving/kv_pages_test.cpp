/// Goal: page growth over many steps equals growth step by step, and never passes the capacity.
/// Method: random sequences against pages counted one by one.
#include "penstock/serving/kv_pages.h"

#include <gtest/gtest.h>

#include "penstock/base/check.h"
#include "penstock/base/rng.h"
#include "penstock/serving/decode_batch.h"

namespace penstock::serving {
namespace {

TEST(KvPages, GrowthEqualsSequencesCountedOneByOne) {
  for (const int64_t page : {1, 16, 64}) {
    Rng rng(3, "pages");
    KvPages pages(100000, page);
    std::vector<int64_t> tokens;
    const int64_t start = rng.below(1000);
    for (int i = 0; i < 20; ++i) {
      tokens.push_back(1 + rng.below(500));
      pages.start_growing(tokens.back(), start);
    }
    int64_t expected = 0;
    for (int64_t step = 0; step < 200; ++step) {
      ASSERT_EQ(pages.growth_over(start, step), expected) << "page " << page;
      for (int64_t& t : tokens) {
        expected += pages.pages_for(t + 1) - pages.pages_for(t);
        ++t;
      }
    }
  }
}

TEST(KvPages, DraftsMakeGrowthUneven) {
  for (const int64_t page : {1, 16, 64}) {
    for (const double acceptance : {0.0, 0.4, 0.93, 1.0}) {
      Rng rng(4, "pages");
      const DecodePace pace = DecodePace::of(SpeculationConfig{3, acceptance}, page);
      KvPages pages(100000, page, pace);
      std::vector<int64_t> tokens;
      const int64_t start = rng.below(1000);
      for (int i = 0; i < 20; ++i) {
        tokens.push_back(1 + rng.below(500));
        pages.start_growing(tokens.back(), start);
      }
      int64_t before = 0;
      for (int64_t step = 0; step < 200; ++step) {
        int64_t expected = 0;
        for (const int64_t t : tokens) expected += pages.pages_grown(t, step);
        ASSERT_EQ(pages.growth_over(start, step), expected) << "page " << page;
        if (step > 0) {
          ASSERT_EQ(pages.growth_at(start + step - 1), expected - before);
        }
        before = expected;
      }
    }
  }
}

TEST(KvPages, StepsThatFitIsTheLastStepBeforeExhaustion) {
  Rng rng(5, "pages");
  for (int round = 0; round < 400; ++round) {
    const DecodePace pace = round % 2 == 0
                                ? DecodePace{}
                                : DecodePace::of(SpeculationConfig{2, rng.uniform_factor()}, 16);
    KvPages pages(1 + rng.below(300), 16, pace);
    const int64_t count = 1 + rng.below(20);
    const int64_t start = rng.below(100);
    for (int64_t i = 0; i < count; ++i) pages.start_growing(1 + rng.below(300), start);
    const int64_t steps = pages.steps_that_fit(start);
    EXPECT_LE(pages.growth_over(start, steps), pages.free());
    EXPECT_GT(pages.growth_over(start, steps + 1), pages.free());
  }
  KvPages idle(10, 16);
  EXPECT_EQ(idle.steps_that_fit(0), DecodeBatch::kForever);
}

TEST(KvPages, BooksRefuseMoreThanThereIs) {
  KvPages pages(10, 16);
  pages.use(10);
  EXPECT_THROW(pages.use(1), CheckFailure);
  pages.free_up(10);
  EXPECT_THROW(pages.free_up(1), CheckFailure);
}

}  // namespace
}  // namespace penstock::serving
