// Goal: every library of the catalog behaves like a machine: nothing is quicker than the link, more
// bytes never take less, the largest sizes stay finite; and choices follow NCCL's own constants.
// Method: the catalog's entries over sizes from 1 byte to 1 EB and ranks from 1 to 1,024.
#include "penstock/network/library.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace penstock::network {
namespace {

constexpr std::array kOps = {Operation::kAllReduce, Operation::kAllGather,
                             Operation::kReduceScatter, Operation::kAllToAll};

std::shared_ptr<const Library> library(std::string_view id) {
  Findings findings;
  auto found = read_library(catalog::Catalog::built_in(), id, findings);
  findings.throw_if_any();
  return found;
}

std::vector<std::shared_ptr<const Library>> libraries() {
  std::vector<std::shared_ptr<const Library>> all;
  for (const std::string& id : catalog::Catalog::built_in().ids("libraries")) {
    all.push_back(library(id));
  }
  return all;
}

LibraryPrice price(const Library& library, Operation op, int64_t ranks, double bytes,
                   bool eager = false) {
  return library.price({op, ranks, Bytes(bytes), true, eager}, library.entry().link_bandwidth);
}

TEST(Library, NothingTakesNoTime) {
  for (const auto& library : libraries()) {
    for (const Operation op : kOps) {
      EXPECT_EQ(price(*library, op, 8, 0.0).duration, Seconds()) << library->entry().id;
      EXPECT_EQ(price(*library, op, 1, 1e6).duration, Seconds()) << library->entry().id;
    }
  }
}

TEST(Library, MoreBytesNeverTakeLessAndNeverBeatTheLink) {
  ASSERT_GT(libraries().size(), 20U);
  for (const auto& library : libraries()) {
    const BytesPerSecond link = library->entry().link_bandwidth;
    for (const Operation op : kOps) {
      for (const int64_t ranks : {2, 3, 8, 72, 1024}) {
        for (const bool eager : {false, true}) {
          Seconds before;
          for (double bytes = 1.0; bytes <= 1e18; bytes *= 1.31) {
            const LibraryPrice p = price(*library, op, ranks, bytes, eager);
            ASSERT_TRUE(std::isfinite(p.duration.value())) << library->entry().id << bytes;
            ASSERT_GE(p.duration, before * (1.0 - 1e-12))
                << library->entry().id << " " << enum_name(op) << " " << ranks << " " << bytes;
            const double n = static_cast<double>(ranks);
            const double rounds = op == Operation::kAllReduce ? 2.0 : 1.0;
            const double factor = p.algorithm == "in_switch" ? 1.0 : rounds * (n - 1.0) / n;
            ASSERT_GE(p.duration, Bytes(bytes) * factor / link) << library->entry().id;
            ASSERT_LE(p.low, p.high);
            before = p.duration;
          }
        }
      }
    }
  }
}

TEST(Library, NcclChangesProtocolWhereItsConstantsSay) {
  const auto nccl = library("nccl_h100_sxm");
  // four ranks gather: LL counts 6.6 + 3 x 0.6 us + S / (4/3 x 141 GB/s), Simple 8.4 + 3 x 3.4 us +
  // S / (4/3 x 0.82 x 450 GB/s): equal at 3.1 MB
  EXPECT_EQ(price(*nccl, Operation::kAllGather, 4, 3.0e6).protocol, "LL");
  EXPECT_EQ(price(*nccl, Operation::kAllGather, 4, 3.3e6).protocol, "Simple");
  // eight ranks pass LL128 between them
  EXPECT_EQ(price(*nccl, Operation::kAllGather, 8, 8.0e6).protocol, "LL128");
  EXPECT_EQ(price(*nccl, Operation::kAllGather, 8, 64.0e6).protocol, "Simple");
  EXPECT_EQ(price(*nccl, Operation::kAllGather, 8, 4096.0).regime, Regime::kLatency);
  EXPECT_EQ(price(*nccl, Operation::kAllGather, 8, 64.0e6).regime, Regime::kBandwidth);
}

TEST(Library, SwitchesAddFloatingPointOnly) {
  const auto nccl = library("nccl_h100_sxm");
  LibraryCall call{Operation::kAllReduce, 8, Bytes(512e6)};
  const LibraryPrice in_switch = nccl->price(call, 450.0_GBps);
  call.floating = false;
  const LibraryPrice ring = nccl->price(call, 450.0_GBps);
  EXPECT_EQ(in_switch.algorithm, "in_switch");
  EXPECT_EQ(ring.algorithm, "ring");
  // 2 x 7/8 of the bytes against 9/8 of them
  EXPECT_GT(ring.duration, in_switch.duration * 1.15);
  // four ranks of eight were measured to take rings
  EXPECT_EQ(price(*nccl, Operation::kAllReduce, 4, 512e6).algorithm, "ring");
}

TEST(Library, KernelsOfFrameworksTakeSmallCallsAndHandOnLargeOnes) {
  const auto vllm = library("vllm_custom_h100_sxm");
  const auto nccl = library("nccl_h100_sxm");
  const LibraryPrice small = price(*vllm, Operation::kAllReduce, 8, 16384.0);
  EXPECT_EQ(small.algorithm, "one_shot");
  EXPECT_LT(small.duration * 2.0, price(*nccl, Operation::kAllReduce, 8, 16384.0).duration);
  EXPECT_EQ(price(*vllm, Operation::kAllReduce, 8, 8e6).algorithm, "two_shot");
  EXPECT_EQ(price(*vllm, Operation::kAllReduce, 8, 512e6).duration,
            price(*nccl, Operation::kAllReduce, 8, 512e6).duration);
  EXPECT_EQ(price(*vllm, Operation::kAllGather, 8, 1e6).duration,
            price(*nccl, Operation::kAllGather, 8, 1e6).duration);
  // a small kernel hides under the host's launch
  EXPECT_GT(price(*vllm, Operation::kAllReduce, 8, 16384.0, true).duration, small.duration * 3.0);
}

TEST(Library, KinStandsInWithAWiderBand) {
  const catalog::Catalog catalog = catalog::Catalog::built_in();
  Findings findings;
  const auto h200 = catalog.accelerator("h200_sxm", {}, findings);
  const auto h20 = catalog.accelerator("h20_sxm", {}, findings);
  const auto own = choose_library(catalog, "nccl", *h200, findings);
  const auto kin = borrow_library(catalog, "nccl", *h200, findings);
  ASSERT_TRUE(own.library && kin.library);
  EXPECT_EQ(own.library->entry().id, "nccl_h200_sxm");
  EXPECT_EQ(own.note(*h200), "");
  EXPECT_EQ(kin.library->entry().id, "nccl_h100_sxm");
  const LibraryPrice a = price(*library("nccl_h100_sxm"), Operation::kAllGather, 8, 1e6);
  const LibraryPrice b = price(*kin.library, Operation::kAllGather, 8, 1e6);
  EXPECT_EQ(a.duration, b.duration);
  EXPECT_LT(b.low, a.low);
  EXPECT_GT(b.high, a.high);
  const auto borrowed = choose_library(catalog, "vllm_custom", *h20, findings);
  EXPECT_EQ(borrowed.origin, LibraryChoice::Origin::kKin);
  EXPECT_THAT(borrowed.note(*h20), ::testing::HasSubstr("vllm_custom was not measured on h20_sxm"));
  findings.throw_if_any();
}

TEST(Library, AnUnknownNameIsAMistake) {
  const catalog::Catalog catalog = catalog::Catalog::built_in();
  Findings findings;
  const auto h100 = catalog.accelerator("h100_sxm", {}, findings);
  choose_library(catalog, "ncll", *h100, findings);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_THAT(to_text(findings.all()), ::testing::HasSubstr("no library 'ncll' in the catalog"));
}

TEST(Library, OtherMakersTakeTheDefault) {
  const catalog::Catalog catalog = catalog::Catalog::built_in();
  Findings findings;
  const auto mi300x = catalog.accelerator("mi300x", {}, findings);
  const auto choice = choose_library(catalog, "nccl", *mi300x, findings);
  findings.throw_if_any();
  ASSERT_TRUE(choice.library);
  EXPECT_EQ(choice.library->entry().id, "default");
  EXPECT_THAT(choice.note(*mi300x), ::testing::HasSubstr("outside the measured domain"));
  EXPECT_GT(price(*choice.library, Operation::kAllToAll, 8, 1e6).duration, 1.0_us);
}

TEST(Library, BandEndsArePricesToo) {
  const auto nccl = library("nccl_h100_sxm");
  const LibraryPrice typical = price(*nccl, Operation::kAllReduce, 8, 1e6);
  EXPECT_EQ(price(*at_band_end(*nccl, false), Operation::kAllReduce, 8, 1e6).duration, typical.low);
  EXPECT_EQ(price(*at_band_end(*nccl, true), Operation::kAllReduce, 8, 1e6).duration, typical.high);
}

TEST(Library, AnEntryHasOneModel) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(::testing::TempDir()) / "penstock_library_test";
  fs::create_directories(folder / "libraries");
  std::ofstream(folder / "libraries" / "nccl_mine.yaml")
      << "id: nccl_mine\nsummary: mine\nsource: me\ndate: 2026\nconfidence: low\nlibrary: nccl\n"
         "version: 2\nsystem: mine\nlink_bandwidth: 100 GB/s\nrank_max: 8\npayload_max: 1 GB\n"
         "residuals: []\n";
  Findings findings;
  catalog::Catalog catalog = catalog::Catalog::built_in();
  catalog.overlay(folder.string(), findings);
  EXPECT_EQ(read_library(catalog, "nccl_mine", findings), nullptr);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(read_library(catalog, "ncll_h100_sxm", findings), nullptr);
  EXPECT_EQ(findings.size(), 2U);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace penstock::network
