/// Goal: explicit flows end when SimGrid's flows end.
/// Method: random flows (pairs, sizes, starts) on one small fabric of each kind of wiring, and
/// all-to-all of 16 endpoints on fabrics of two tiers. Live where SimGrid is installed; everywhere
/// against flows_simgrid.txt, what SimGrid 3.32 said for the first seed of each kind and the
/// all-to-alls (PENSTOCK_UPDATE=1 writes it anew from the live run).
/// Settings: one channel here is one simplex link there; CM02 with all factors 1, no TCP window, no
/// cross-traffic. CM02 weighs shares by latency, so links of SimGrid have none: where all flows of
/// a case have the same latency a link without a limit adds it, elsewhere a flow starts there when
/// its first byte would arrive here. Full updates, because under lazy ones SimGrid 3.32 lets 48
/// flows of the all-to-all that leave their latency at one instant take 107% of a link.
/// Not covered: flows whose way splits over alternatives (pairs of the torus and the dragonfly);
/// SimGrid's routes are single, so such pairs are not drawn.
/// Tolerance: SimGrid takes a link as full, and a flow as ended, within shares of 1e-10 that add up
/// over a run; the clock here rounds each end up to a picosecond, 5e-8 of the shortest flow. 1e-6
/// holds both and is far below the error of one wrong share.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "penstock/base/rng.h"
#include "penstock/network/fabric_test_support.h"
#include "penstock/network/flow_simulation.h"

#ifdef PENSTOCK_SIMGRID
#include <simgrid/s4u.hpp>
#endif

namespace penstock::network {
namespace {

struct Case {
  std::string name;
  std::shared_ptr<Topology> topology;
  std::vector<Flow> flows;
  bool pinned = false;
};

bool has_single_way(const Topology& topology, int64_t from, int64_t to) {
  std::vector<Hop> way;
  topology.route(from, to, way);
  return std::all_of(way.begin(), way.end(), [](const Hop& h) { return h.share_fraction == 1.0; });
}

Case random_case(std::shared_ptr<Topology> topology, uint64_t seed) {
  Rng rng(seed, topology->name());
  Case result{fmt::format("flows {}", seed), topology, {}};
  const int64_t endpoints = topology->accelerator_count();
  const int64_t count = 2 + rng.below(60);
  while (std::ssize(result.flows) < count) {
    const int64_t from = rng.below(endpoints);
    const int64_t to = rng.below(endpoints);
    if (from == to || !has_single_way(*topology, from, to)) continue;
    result.flows.push_back({from, to,
                            Bytes(static_cast<double>(1'000'000 + rng.below(100'000'000))),
                            Time::from_picoseconds(rng.below(5'000'000'000))});
  }
  return result;
}

Case all_to_all_case(const FabricSpec& spec) {
  constexpr int64_t kMembers = 16;
  Case result{"all to all on " + spec.topology, wire(spec, kMembers), {}, true};
  for (int64_t from = 0; from < kMembers; ++from) {
    for (int64_t to = 0; to < kMembers; ++to) {
      if (from != to) result.flows.push_back({from, to, Bytes(1e6), Time()});
    }
  }
  return result;
}

std::vector<Case> make_cases() {
  std::vector<Case> cases;
  uint64_t kind = 0;
  for (std::unique_ptr<Topology>& owned : one_of_each()) {
    const std::shared_ptr<Topology> topology = std::move(owned);
    for (uint64_t seed = 1; seed <= 6; ++seed) {
      cases.push_back(random_case(topology, seed + 1000 * kind));
      cases.back().pinned = seed == 1;
    }
    ++kind;
  }
  const FabricSpec clos{"clos", {{"node", 4, 2}, {"top", 0, 6}}};
  const FabricSpec thin{"leaf_spine", {{"leaf", 0, 1}, {"spine"}}, 8, 3.0};
  const FabricSpec tree{"fat_tree", {{"leaf", 0, 1}, {"spine"}}, 8};
  for (const FabricSpec& spec : {clos, thin, tree}) cases.push_back(all_to_all_case(spec));
  return cases;
}

#ifdef PENSTOCK_SIMGRID
namespace sg = simgrid::s4u;

/// One zone with hosts, one link a channel in use, and one route a pair in use.
struct Zone {
  std::vector<sg::Host*> hosts;
  std::vector<Seconds> start;  // of each flow, as given to SimGrid
};

/// The latency of all flows where it is one and the same.
std::optional<Seconds> common_latency(const Case& given) {
  const Flow& first = given.flows.front();
  const Seconds latency = given.topology->latency(first.from, first.to);
  for (const Flow& flow : given.flows) {
    if (given.topology->latency(flow.from, flow.to) != latency) return std::nullopt;
  }
  return latency;
}

Zone add_zone(sg::NetZone& root, const Case& given, size_t index) {
  sg::NetZone* zone = sg::create_full_zone(fmt::format("z{}", index));
  zone->set_parent(&root);
  Zone result;
  for (int64_t e = 0; e < given.topology->accelerator_count(); ++e) {
    result.hosts.push_back(zone->create_host(fmt::format("z{}h{}", index, e), 1e9));
  }
  const std::optional<Seconds> latency = common_latency(given);
  const sg::Link* delay = zone->create_link(fmt::format("z{}delay", index), 1e15)
                              ->set_latency(latency.value_or(Seconds()).value())
                              ->set_sharing_policy(sg::Link::SharingPolicy::FATPIPE)
                              ->seal();
  std::map<int64_t, const sg::Link*> links;
  std::set<std::pair<int64_t, int64_t>> routed;
  std::vector<Hop> way;
  for (const Flow& flow : given.flows) {
    const Seconds own = given.topology->latency(flow.from, flow.to);
    result.start.push_back(flow.start.seconds() + (latency ? Seconds() : own));
    if (!routed.emplace(flow.from, flow.to).second) continue;
    way.clear();
    given.topology->route(flow.from, flow.to, way);
    std::vector<sg::LinkInRoute> route{sg::LinkInRoute(delay)};
    for (const Hop& hop : way) {
      const sg::Link*& link = links[hop.channel];
      if (link == nullptr) {
        link = zone->create_link(fmt::format("z{}c{}", index, hop.channel),
                                 given.topology->capacity(hop.channel).value())
                   ->set_latency(0.0)
                   ->seal();
      }
      route.emplace_back(link);
    }
    zone->add_route(result.hosts[static_cast<size_t>(flow.from)]->get_netpoint(),
                    result.hosts[static_cast<size_t>(flow.to)]->get_netpoint(), nullptr, nullptr,
                    route, false);
  }
  zone->seal();
  return result;
}

/// Starts the flows of a case in order of time, and notes when SimGrid ends them.
void drive(const Case& given, const Zone& zone, std::vector<Seconds>& ends) {
  std::vector<size_t> order(given.flows.size());
  for (size_t f = 0; f < order.size(); ++f) order[f] = f;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return zone.start[a] < zone.start[b]; });
  std::vector<sg::CommPtr> messages(order.size());
  for (const size_t f : order) {
    const Flow& flow = given.flows[f];
    sg::this_actor::sleep_until(zone.start[f].value());
    messages[f] = sg::Comm::sendto_async(zone.hosts[static_cast<size_t>(flow.from)],
                                         zone.hosts[static_cast<size_t>(flow.to)],
                                         static_cast<uint64_t>(flow.payload.value()));
  }
  for (size_t f = 0; f < messages.size(); ++f) {
    messages[f]->wait();
    ends[f] = Seconds(messages[f]->get_finish_time());
  }
}

/// All cases side by side in one run of SimGrid, which allows one a process.
std::vector<std::vector<Seconds>> simgrid_ends(const std::vector<Case>& cases) {
  std::vector<std::string> words = {"test",
                                    "--log=root.thresh:error",
                                    "--cfg=network/model:CM02",
                                    "--cfg=network/latency-factor:1",
                                    "--cfg=network/bandwidth-factor:1",
                                    "--cfg=network/weight-S:0",
                                    "--cfg=network/TCP-gamma:0",
                                    "--cfg=network/crosstraffic:0",
                                    "--cfg=network/optim:Full",
                                    "--cfg=network/loopback-lat:0",
                                    "--cfg=surf/precision:1e-13",
                                    "--cfg=maxmin/precision:1e-10"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  auto count = static_cast<int>(arguments.size());
  sg::Engine engine(&count, arguments.data());
  sg::NetZone* root = sg::create_full_zone("root");
  std::vector<Zone> zones;
  std::vector<std::vector<Seconds>> ends(cases.size());
  for (size_t i = 0; i < cases.size(); ++i) {
    zones.push_back(add_zone(*root, cases[i], i));
    ends[i].resize(cases[i].flows.size());
  }
  root->seal();
  for (size_t i = 0; i < cases.size(); ++i) {
    sg::Actor::create(fmt::format("case {}", i), zones[i].hosts[0],
                      [&, i] { drive(cases[i], zones[i], ends[i]); });
  }
  engine.run();
  return ends;
}
#endif

constexpr double kTolerance = 1e-6;  // relative; see the head

struct Compared {
  int64_t flows = 0;
  int64_t slowed = 0;  // by others, by more than a tenth
};

BytesPerSecond narrowest(const Topology& topology, const Flow& flow) {
  std::vector<Hop> way;
  topology.route(flow.from, flow.to, way);
  BytesPerSecond least = topology.capacity(way.front().channel);
  for (const Hop& hop : way) least = std::min(least, topology.capacity(hop.channel));
  return least;
}

void expect_equal(const Case& given, const std::vector<Seconds>& expected, Compared& compared) {
  SCOPED_TRACE(given.name);
  ASSERT_EQ(expected.size(), given.flows.size());
  const FlowReport report = simulate_flows(*given.topology, given.flows);
  for (size_t f = 0; f < given.flows.size(); ++f) {
    const Flow& flow = given.flows[f];
    ASSERT_TRUE(report.flows[f].end) << f;
    // durations, not instants: a late start must not hide an error
    const Seconds ours = *report.flows[f].end - flow.start;
    const Seconds theirs = expected[f] - flow.start.seconds();
    EXPECT_NEAR(ours.value(), theirs.value(), kTolerance * theirs.value())
        << "flow " << f << " from " << flow.from << " to " << flow.to;
    const Seconds alone = flow.payload / narrowest(*given.topology, flow);
    if (theirs > alone * 1.1) ++compared.slowed;
    ++compared.flows;
  }
}

std::filesystem::path pinned_file() {
  const char* source = std::getenv("PENSTOCK_SOURCE_DIR");
  return std::filesystem::path(source != nullptr ? source : ".") /
         "tests/differential/flows_simgrid.txt";
}

TEST(FlowsAgainstSimGrid, EndsArePinned) {
  std::ifstream file(pinned_file());
  ASSERT_TRUE(file) << pinned_file();
  std::map<std::string, std::vector<Seconds>> pinned;
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    ASSERT_NE(colon, std::string::npos) << line;
    std::istringstream numbers(line.substr(colon + 2));
    for (double end_s = 0.0; numbers >> end_s;) {
      pinned[line.substr(0, colon)].push_back(Seconds(end_s));
    }
  }
  Compared compared;
  for (const Case& given : make_cases()) {
    if (given.pinned) expect_equal(given, pinned[given.name], compared);
  }
  EXPECT_GT(compared.flows, 900);
  EXPECT_GT(compared.slowed, compared.flows / 2) << "the cases no longer make flows share";
}

TEST(FlowsAgainstSimGrid, EndsAreEqual) {
#ifdef PENSTOCK_SIMGRID
  const std::vector<Case> cases = make_cases();
  const std::vector<std::vector<Seconds>> expected = simgrid_ends(cases);
  Compared compared;
  for (size_t i = 0; i < cases.size(); ++i) expect_equal(cases[i], expected[i], compared);
  EXPECT_GT(compared.slowed, compared.flows / 4) << "the cases no longer make flows share";
  if (std::getenv("PENSTOCK_UPDATE") == nullptr) return;
  std::ofstream file(pinned_file());
  for (size_t i = 0; i < cases.size(); ++i) {
    if (!cases[i].pinned) continue;
    file << cases[i].name << ":";
    for (const Seconds end : expected[i]) file << fmt::format(" {:.10g}", end.value());
    file << "\n";
  }
#else
  GTEST_SKIP() << "built without SimGrid, which './dev setup oracles' installs";
#endif
}

}  // namespace
}  // namespace penstock::network
