/// A generation of links between accelerators, or between them and their host.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "penstock/base/units.h"
#include "penstock/catalog/provenance.h"

namespace penstock::catalog {

struct Link {
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
  Provenance provenance;             ///< of every figure that has none of its own
  std::string first_user;            ///< "H100 (2022)"
  MaybeSourced<int64_t> link_count;  ///< links of one accelerator
  MaybeSourced<BytesPerSecond> link_bandwidth_each_way;  ///< of one link, one direction
  Sourced<BytesPerSecond> bandwidth_each_way;            ///< of all links, one direction
  std::string notes;
};

template <class Visitor>
void fields(Visitor& v, Link& l) {
  head_fields(v, l);
  v.optional("first_user", l.first_user, "The first accelerator that has it.");
  v.optional("link_count", l.link_count, "Links of one accelerator.");
  v.optional("link_bandwidth_each_way", l.link_bandwidth_each_way, "Of one link, one direction.");
  v.required("bandwidth_each_way", l.bandwidth_each_way,
             "Of all links of one accelerator, one direction.");
  v.optional("notes", l.notes, "What a reader must know to use the entry.");
}

/// Reads an entry of data/links. Links and their bandwidth must make the total.
Link read_link(const Node& node, Findings& findings);

}  // namespace penstock::catalog
