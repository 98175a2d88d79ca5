/// Replays a fuzz corpus without libFuzzer: runs the target once on every file of the folders named
/// on the command line.
///
/// Linked to each fuzz target in the g++ builds, so that `ctest` keeps every past crash fixed.
/// Files run in name order.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int argument_count, char** arguments) {
  std::size_t replayed_count = 0;
  for (int i = 1; i < argument_count; ++i) {
    for (const auto& file : files_below(arguments[i])) {
      std::ifstream stream(file, std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
      // named before the run, so that a crash says which input did it
      std::fprintf(stderr, "%s\n", file.c_str());
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      ++replayed_count;
    }
  }
  std::printf("replayed %zu inputs\n", replayed_count);
  // an empty corpus means a wrong path, not a pass
  return replayed_count > 0 ? 0 : 1;
}
