/// Open sets: a variation registers itself from its own file, with its one doc line.
///
///     PENSTOCK_REGISTER(Router, RoundRobin, "Takes the replicas in turn.");
///
/// The name is the class name in snake case and equals the file's stem. Entries list in name order.
/// Folders of variations are linked as CMake OBJECT libraries, so the linker drops none.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// "RoundRobin" -> "round_robin".
constexpr std::string snake_case(std::string_view camel) {
  std::string out;
  for (const char c : camel) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !out.empty()) out += '_';
    out += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

/// The registered variations of one interface. Filled before main, read-only after.
template <class Interface>
class Registry {
 public:
  struct Entry {
    std::string name;
    std::string doc;
    std::unique_ptr<Interface> (*make)();
  };

  /// All entries in name order.
  static const std::vector<Entry>& entries() { return storage(); }

  static std::vector<std::string> names() {
    std::vector<std::string> result;
    for (const Entry& entry : entries()) result.push_back(entry.name);
    return result;
  }

  static const Entry* find(std::string_view name) {
    for (const Entry& entry : entries()) {
      if (entry.name == name) return &entry;
    }
    return nullptr;
  }

  static bool add(std::string_view class_name, std::string_view doc,
                  std::unique_ptr<Interface> (*make)()) {
    Entry entry{snake_case(class_name), std::string(doc), make};
    auto& all = storage();
    const auto place =
        std::lower_bound(all.begin(), all.end(), entry,
                         [](const Entry& a, const Entry& b) { return a.name < b.name; });
    all.insert(place, std::move(entry));
    return true;
  }

 private:
  static std::vector<Entry>& storage() {
    static std::vector<Entry> entries;  // tidy: allow static (registration before main only)
    return entries;
  }
};

}  // namespace penstock

#define PENSTOCK_REGISTER(Interface, Class, doc)                                                \
  [[maybe_unused]] static const bool kRegistered##Class = ::penstock::Registry<Interface>::add( \
      #Class, doc, []() -> std::unique_ptr<Interface> { return std::make_unique<Class>(); })
