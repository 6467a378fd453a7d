#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "sim/devices/device_face.h"
#include "sim/devices/et_clock.h"

namespace hil::sim {

/// The time groups of an ET in both forms (goodwe-et-modbus 6.6): four of four words, eight of six.
///
///   first    start, end (hour / minute), power % of rating, switch FF / 00 and days
///   second   start, end, type and switch / days, power (%, 0.1 % or 10 W by type), SOC at which charging stops, months
///
/// A group acts from its start to before its end, over midnight when it ends before it starts (assumed), on the days
/// and in the months whose bits are set. The first that acts counts, those of the second form before those of the first
/// (unknown). Times that no clock has (hour 48) never come. The types "dry contact" and "smart dry contact" order no
/// power; other types than these, eco, peak shaving and backup (smart charge) are kept without effect: what they do is
/// not public.
///
/// A smart dry contact closes inside its time once PV is above what is consumed by the load's power, and stays closed
/// for its least time at least (the maker's community page on load control: "intelligent time mode"). Where the two
/// stand is not public; assumed: the word of the power in 10 W, as of peak shaving, and the word of the SOC in minutes.
///
/// Sign: negative power charges.
class EcoGroups {
 public:
  enum class Kind { eco, peak_shaving, backup };
  struct Order {
    Kind kind = Kind::eco;
    double share = 0.0;     ///< of rated power; + discharges
    double import_w = 0.0;  ///< peak shaving: the most that the site may draw
    double stop_soc = 0.0;  ///< eco: charging stops here; 0: not given. Peak shaving: the battery is kept from here
  };

  /// What a smart dry contact waits for.
  struct SmartContact {
    double surplus_w = 0.0;  ///< the power of its load
    double least_on_s = 0.0;
  };

  EcoGroups() = default;
  EcoGroups(const EcoGroups&) = delete;  // the face points into it
  EcoGroups& operator=(const EcoGroups&) = delete;

  /// Settings eco1_start, eco1_end, eco1_power, eco1_days to eco4_...; group1_start, group1_end, group1_switch,
  /// group1_power, group1_soc, group1_months to group8_...
  void publish(DeviceFace& face);
  /// 47533: the first form as from the works.
  void clear_first_form();
  std::optional<Order> order_at(EtClock::Instant instant) const;
  /// Whether a group of the type "dry contact" acts.
  bool dry_contact_at(EtClock::Instant instant) const;
  /// The first group of the type "smart dry contact" that acts.
  std::optional<SmartContact> smart_contact_at(EtClock::Instant instant) const;

 private:
  static constexpr double unset_time = 0x3000;  // hour 48
  static constexpr double unset_switch = 0x5500;
  struct First {
    double start = unset_time;
    double end = unset_time;
    double power = 0.0;
    double days = 0.0;
  };
  struct Second {
    double start = unset_time;
    double end = unset_time;
    double switch_days = unset_switch;
    double power = 0.0;
    double soc = 0.0;
    double months = 0.0;
  };
  struct Moment {
    int minute = 0;  ///< of the day
    unsigned weekday_bit = 0;
    unsigned month_bit = 0;
  };
  static Moment moment_of(EtClock::Instant instant);
  static bool acts(const Second& group, const Moment& moment);
  std::array<First, 4> first_;
  std::array<Second, 8> second_;
};

}  // namespace hil::sim
