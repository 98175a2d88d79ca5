/// Scale-up domains joined by a scale-out network.
#pragma once

#include <memory>
#include <vector>

#include "penstock/network/topology.h"

namespace penstock::network {

/// `count` equal domains; every accelerator has an interface of its own on `scale_out`. Messages
/// inside a domain take its fabric, all others the scale-out network.
class Cluster final : public Topology {
 public:
  Cluster(std::string name, std::unique_ptr<Topology> domain, int64_t count,
          std::unique_ptr<Topology> scale_out);

  [[nodiscard]] const Topology& domain() const { return *domain_; }
  [[nodiscard]] const Topology& scale_out() const { return *scale_out_; }
  [[nodiscard]] int64_t domain_count() const { return domain_count_; }
  /// Classes of links from this one on belong to the scale-out network.
  [[nodiscard]] size_t first_scale_out_link() const { return domain_->links().size(); }

  [[nodiscard]] int64_t domain_size() const override { return domain_->accelerator_count(); }
  void route(int64_t from, int64_t to, std::vector<Hop>& way) const override;
  [[nodiscard]] Seconds latency(int64_t from, int64_t to) const override;
  [[nodiscard]] BytesPerSecond bisection() const override { return scale_out_->bisection(); }
  [[nodiscard]] int64_t diameter() const override;
  [[nodiscard]] bool is_symmetric() const override { return scale_out_->is_symmetric(); }
  /// Loads inside domains are those of the first, which no other exceeds where members are placed
  /// from the first accelerator on.
  [[nodiscard]] std::unique_ptr<LoadCounter> counter_between(int64_t domain_size) const override;

 private:
  std::unique_ptr<Topology> domain_;
  std::unique_ptr<Topology> scale_out_;
  int64_t domain_count_;
};

}  // namespace penstock::network
