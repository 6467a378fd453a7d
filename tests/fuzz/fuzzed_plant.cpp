#include "tests/fuzz/fuzzed_plant.h"

#include <numeric>
#include <utility>
#include <vector>

#include "sim/devices/three_phase_meter.h"
#include "tests/sim/devices/running_et.h"
#include "tests/sim/devices/running_pws2.h"
#include "tests/sim/devices/running_solax.h"

namespace hil::fuzz {
namespace {

constexpr sim::Time one_step = std::chrono::milliseconds{10};

class EtPlant final : public FuzzedPlant {
 public:
  const sim::DeviceFace& face() const override { return running_.et.face(); }
  void step() override {
    running_.step();
    now_ = running_.now;
  }
  bool is_finite() const override { return running_.site.invariants().finite; }

 private:
  static sim::GoodweEt::Settings with_meter() {
    sim::GoodweEt::Settings settings;
    settings.own_meter = true;
    return settings;
  }
  sim::RunningEt running_{sim::site_with_backup(), with_meter()};
};

/// A device that orders its lanes and shows them.
template <typename Device>
class OnItsLanes final : public FuzzedPlant {
 public:
  template <typename... Arguments>
  explicit OnItsLanes(const models::Site::Parameters& parameters, const char* name, Arguments&&... arguments)
      : site_{parameters}, device_{name, site_, std::forward<Arguments>(arguments)...} {}

  const sim::DeviceFace& face() const override { return device_.face(); }
  void step() override {
    device_.latch(now_);
    if (now_ > sim::Time{0}) site_.advance();
    device_.refresh(now_);
    now_ += one_step;
  }
  bool is_finite() const override { return site_.invariants().finite; }

 private:
  models::Site site_;
  Device device_;
};

class MeterPlant final : public FuzzedPlant {
 public:
  const sim::DeviceFace& face() const override { return meter_.face(); }
  void step() override {
    if (now_ > sim::Time{0}) site_.advance();
    meter_.refresh(now_);
    now_ += one_step;
  }
  bool is_finite() const override { return site_.invariants().finite; }

 private:
  models::Site site_{sim::one_inverter_site()};
  sim::ThreePhaseMeter meter_{"meter", site_};
};

std::unique_ptr<FuzzedPlant> strings_of(std::size_t count) {
  std::vector<std::size_t> lanes(count);
  std::iota(lanes.begin(), lanes.end(), std::size_t{0});
  sim::SinexcelPcs::Settings settings;
  settings.strings.resize(count, sim::test::lfp_limits());
  return std::make_unique<OnItsLanes<sim::SinexcelPcs>>(sim::test::pcs_site(count), "pcs1", lanes,
                                                        sim::test::pcs_rating(count), settings);
}

}  // namespace

std::unique_ptr<FuzzedPlant> plant_behind(const std::string& map) {
  constexpr std::size_t most_strings = 8;
  if (map.starts_with("goodwe_et")) return std::make_unique<EtPlant>();
  if (map == "sinexcel_pws1_multi_string") return strings_of(most_strings);
  if (map == "sinexcel_pws2") {
    return std::make_unique<OnItsLanes<sim::SinexcelPws2>>(
        sim::test::pws2_site(), "pcs1", std::size_t{0}, sim::test::RunningPws2::rating(), sim::test::pws2_settings());
  }
  if (map.starts_with("sinexcel")) return strings_of(1);
  if (map.starts_with("solax")) {
    return std::make_unique<OnItsLanes<sim::SolaxHybrid>>(sim::test::solax_site_with_backup(), "a1", std::size_t{0},
                                                          sim::test::ten_kilowatt_solax(),
                                                          sim::SolaxHybrid::Settings{});
  }
  return std::make_unique<MeterPlant>();
}

}  // namespace hil::fuzz
