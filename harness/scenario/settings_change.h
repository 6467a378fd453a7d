#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "controller/settings.h"

namespace hil::harness {

/// What the language calls the controller's inputs, in the order of controller::Input: the four pins of the DRED port
/// by the demand response mode that they order of generation (DRM5 is pin DRM1/5), the contacts of the ripple-control
/// receiver, the RELOAD button.
inline constexpr std::array<std::string_view, controller::input_count> contact_names{
    "drm5", "drm6", "drm7", "drm8", "rcr1", "rcr2", "rcr3", "rcr4", "reload"};

/// Words of the language, in the order of controller::ControlMode.
inline constexpr std::array<std::string_view, 4> control_mode_names{"off", "dred", "rcr", "value"};

/// How the controller has its address on the LAN.
struct LanAddress {
  bool dhcp = false;                               ///< given to it
  controller::NetworkSettings::Address address{};  ///< else this one
};
/// "192.168.1.200", "dhcp"
std::string text_of(const LanAddress& address);

/// What an installer changes at the controller; what is not given stays as it is.
struct ChangeSettings {
  std::optional<double> export_limit_w;  ///< -100..100 kW; below 0: demanded import
  std::optional<controller::ControlMode> mode;
  std::optional<controller::PhaseMode> phases;
  std::optional<double> active_power_share;  ///< 0..1
  std::optional<double> power_factor;        ///< 0.8..1, or -1..-0.8; ends a reactive power order
  std::optional<double> reactive_power_var;  ///< + capacitive; ends a power factor order
  std::optional<double> total_capacity_w;    ///< > 0
  std::optional<double> ct_ratio;            ///< > 0
  std::optional<bool> freeze_cure;
  std::optional<LanAddress> address;
  /// Counts of com1..com3. Addresses that a port had stay the first; those beyond count up from the highest of all.
  std::array<std::optional<int>, controller::max_lines - 1> inverters{};

  bool empty() const;
  void apply_to(controller::Settings& settings) const;
  /// "export_limit_w 5000, mode value"
  std::string text() const;
};

}  // namespace hil::harness
