#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/plant/event.h"
#include "models/site/site.h"

namespace hil::harness {

/// Tells in words what the plant did by itself: trips and returns, islands, what a BMS reports and refuses, contactors.
///
/// A step in which nothing changed compares a few numbers and does not allocate.
class PlantEvents {
 public:
  /// `inverters`: names in the site's order, that of `plant`. The site must outlive this object.
  PlantEvents(models::Site& site, const models::Site::Parameters& plant, const std::vector<std::string>& inverters,
              EventSink tell);

  /// After each step of the plant.
  void step(sim::Time now);

 private:
  struct Lane {
    std::string name;
    std::size_t place = 0;  ///< among the lanes of the site
    std::string island;     ///< what of it ends: "backup ", or nothing where it forms the site itself
    bool forming_blocked = false;
    const models::Site::LaneView* view = nullptr;
    const models::BatteryPack* battery = nullptr;
    models::Operation operation = models::Operation::running;
    bool out_of_service = false;  ///< it tripped and has not come back
    bool islanded = false;
    int overload_trips = 0;
    int battery_empty_stops = 0;
    bool island_down = false;
    bool takes_charge = true;
    bool gives_discharge = true;
    int overvoltage_stops = 0;
    std::uint32_t warnings = 0;
    std::uint32_t alarms = 0;
    bool contactor_closed = true;
  };
  static bool island_changed(const Lane& lane);
  static bool limits_changed(const Lane& lane);
  static bool battery_changed(const Lane& lane);
  void tell_operation(Lane& lane, const models::Site::LaneView& now, sim::Time at);
  void tell_island(Lane& lane, const models::Site::LaneView& now, const models::BatteryPack& battery, sim::Time at);
  void tell_limits(Lane& lane, const models::Site::LaneView& now, const models::BatteryPack& battery, sim::Time at);
  void tell_battery(Lane& lane, const models::BatteryPack& battery, sim::Time at);
  void tell(sim::Time at, const std::string& subject, const std::string& text);

  models::Site& site_;
  EventSink tell_;
  std::vector<Lane> lanes_;
  bool unintended_island_ = false;
};

}  // namespace hil::harness
