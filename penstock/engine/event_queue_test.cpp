/// Goal: events leave in order of (time, rank) whatever was moved or cancelled. Method: random
/// operations against a sorted set.
#include "penstock/engine/event_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "penstock/base/rng.h"

namespace penstock::engine {
namespace {

TEST(EventQueue, TiesLeaveByRankNotByInsertion) {
  EventQueue queue;
  queue.schedule(0, Time::from_picoseconds(5), 9);
  queue.schedule(1, Time::from_picoseconds(5), 2);
  EXPECT_EQ(queue.pop().key, 1U);
  EXPECT_EQ(queue.pop().key, 0U);
  EXPECT_THROW(queue.pop(), CheckFailure);
}

TEST(EventQueue, CancelDropsOnlyThatKey) {
  EventQueue queue;
  queue.schedule(3, Time::from_picoseconds(1), 0);
  queue.schedule(4, Time::from_picoseconds(2), 0);
  EXPECT_TRUE(queue.cancel(3));
  EXPECT_FALSE(queue.cancel(3));
  EXPECT_EQ(queue.pop().key, 4U);
}

TEST(EventQueue, AgreesWithASortedSetUnderRandomUse) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed, "queue");
    EventQueue queue;
    std::map<uint32_t, std::pair<int64_t, uint64_t>> live;
    for (int i = 0; i < 2000; ++i) {
      const auto key = static_cast<uint32_t>(rng.below(50));
      const int64_t action = rng.below(4);
      if (action < 2) {
        const int64_t at = rng.below(30);
        const uint64_t rank = key;
        queue.schedule(key, Time::from_picoseconds(at), rank);
        live[key] = {at, rank};
      } else if (action == 2) {
        EXPECT_EQ(queue.cancel(key), live.erase(key) == 1);
      } else if (!live.empty()) {
        auto least = live.begin();
        for (auto it = live.begin(); it != live.end(); ++it) {
          if (it->second < least->second) least = it;
        }
        const EventQueue::Event event = queue.pop();
        EXPECT_EQ(event.key, least->first) << "seed " << seed << " operation " << i;
        live.erase(event.key);
      }
      EXPECT_EQ(queue.size(), live.size());
    }
  }
}

}  // namespace
}  // namespace penstock::engine
