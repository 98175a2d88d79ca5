/// Goal: sums over the batch after any number of steps equal those of sequences tracked one by one.
/// Method: random joins, departures and advances against a plain list.
#include "penstock/serving/decode_batch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "penstock/base/rng.h"

namespace penstock::serving {
namespace {

struct Sequence {
  int64_t context, left, steps = 0;
};

TEST(DecodeBatch, SumsEqualSequencesTrackedOneByOne) {
  const std::vector<int64_t> caps = {50, 300, int64_t{1} << 40};
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Rng rng(seed, "decode");
    // every second time drafts are verified, and a step yields a broken number of tokens
    const DecodePace pace = seed % 2 == 0
                                ? DecodePace{}
                                : DecodePace::of(SpeculationConfig{2, rng.uniform_factor()}, 16);
    const auto read = [&](const Sequence& s, int64_t more, int64_t cap) {
      const int64_t parts = s.context * pace.unit + (s.steps + more) * pace.gain;
      return std::min(parts, cap * pace.unit);
    };
    DecodeBatch batch(caps, pace);
    std::vector<Sequence> plain;
    std::vector<Int128> totals(caps.size(), 0);
    for (int i = 0; i < 300; ++i) {
      if (rng.below(2) == 0 || plain.empty()) {
        const Sequence s{1 + rng.below(400), 1 + rng.below(200)};
        batch.join(0, i, s.context, s.left);
        plain.push_back(s);
      }
      const int64_t steps = std::min<int64_t>(batch.steps_to_change(), 1 + rng.below(40));
      for (size_t c = 0; c < caps.size(); ++c) {
        for (int64_t j = 0; j < steps; ++j) {
          for (const Sequence& s : plain) totals[c] += read(s, j, caps[c]);
        }
      }
      batch.advance(steps);
      for (Sequence& s : plain) s.steps += steps;
      DecodeBatch::Member member;
      while (batch.pop_finished(member)) {
        const auto done = std::find_if(plain.begin(), plain.end(), [&](const Sequence& s) {
          return s.steps == pace.steps_for(s.left);
        });
        ASSERT_NE(done, plain.end());
        batch.leave(done->context, done->steps);
        plain.erase(done);
      }
      ASSERT_EQ(batch.count(), static_cast<int64_t>(plain.size()));
      for (size_t c = 0; c < caps.size(); ++c) {
        int64_t sum = 0;
        int64_t growth = 0;
        for (const Sequence& s : plain) {
          sum += read(s, 0, caps[c]);
          growth += read(s, 0, caps[c]) < caps[c] * pace.unit ? pace.gain : 0;
        }
        ASSERT_EQ(batch.sum(c), sum) << "seed " << seed << " class " << c;
        ASSERT_EQ(batch.growth(c), growth) << "seed " << seed << " class " << c;
        ASSERT_TRUE(batch.context_total(c) == totals[c]) << "seed " << seed << " class " << c;
      }
    }
  }
}

}  // namespace
}  // namespace penstock::serving
