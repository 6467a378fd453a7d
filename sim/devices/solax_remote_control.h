#pragma once

#include <functional>
#include <optional>

#include "sim/devices/device_face.h"
#include "sim/kernel/kernel.h"

namespace hil::sim {

/// Remote control of a SolaX hybrid inverter: block 0x7C with modes 1 to 7, block 0xA0 with modes 8 and 9
/// (solax-parallel 10). One order acts, that of the block written last.
///
///   1  power          AC port and PV hold battery charge - PV           5  the battery rests
///   2  energy         the battery by power until so much has flowed     6  as self use
///   3  SOC            the same until that state of charge               7  as self use, the battery does not discharge
///   4  push power     the battery by power                              8, 9  as 4, under a limit of PV; 9 until a SOC
///
/// An order ends with its duration, or when its block was not written for the timeout; 0: never (of the duration:
/// assumed). "Update" waits for the end of an order that has a duration. A target that is reached is told, and the
/// battery rests until the order ends. From protocol version 100 on the last words of 0xA0 are timeout and what
/// follows it (160 or 161, which make no difference here: theirs is not public); before, duration or target, and
/// timeout. What 4 to 9 do with PV is inferred from the maker's article: it feeds as the export limit lets it.
class SolaxRemoteControl {
 public:
  enum class Mode : unsigned char {
    off,
    power,
    energy,
    soc,
    push_power,
    push_zero,
    self_use,
    charge_only,
    individual,
    individual_soc,
  };
  struct Order {
    Mode mode = Mode::off;
    double import_w = 0.0;       ///< mode power: battery charge - PV
    double inductive_var = 0.0;  ///< likewise, + takes reactive power
    double charge_w = 0.0;       ///< of the battery, - discharge
    double pv_limit_w = 0.0;     ///< individual modes
    double target_wh = 0.0;
    double target_soc = 0.0;
    double duration_s = 0.0;
    double timeout_s = 0.0;
  };

  explicit SolaxRemoteControl(double protocol_version);
  SolaxRemoteControl(const SolaxRemoteControl&) = delete;  // the face points into it
  SolaxRemoteControl& operator=(const SolaxRemoteControl&) = delete;

  /// `receive`: what the inverter's role makes of such a write.
  void publish(DeviceFace& face, const std::function<DeviceFace::Reception()>& receive);
  /// Once a step, ahead of what asks for the order. `charged_wh`: into the battery since start, net.
  void advance(Time now, double soc, double charged_wh);
  void stop();

  /// nullptr while nothing is ordered.
  const Order* order() const { return order_.mode == Mode::off ? nullptr : &order_; }
  bool reached() const { return reached_ != 0.0; }

 private:
  /// The two blocks as they were written.
  struct Written {
    double mode = 0.0;
    double set = 1.0;  ///< 1 at once, 2 after the running one
    double active_w = 0.0;
    double reactive_var = 0.0;
    double duration_s = 0.0;
    double target_soc = 0.0;
    double target_wh = 0.0;
    double charge_w = 0.0;
    double timeout_s = 0.0;
    double push_w = 0.0;
    double individual_mode = 0.0;
    double individual_set = 1.0;
    double individual_pv_limit_w = 0.0;
    double individual_push_w = 0.0;
    double individual_third = 0.0;
    double individual_fourth = 0.0;
  };
  void take_block();
  void take_individual();
  void take(const Order& asked, bool after_running);
  void begin(const Order& asked);
  bool reaches(double soc, double charged_wh) const;

  bool has_new_layout_;
  Written written_;
  Order order_;
  std::optional<Order> next_{};
  Time now_{0};
  Time written_at_{0};
  Time began_at_{0};
  bool begins_ = false;      ///< since the last step
  double charged_wh_ = 0.0;  ///< at its beginning
  double reached_ = 0.0;
  double mode_ = 0.0;
};

}  // namespace hil::sim
