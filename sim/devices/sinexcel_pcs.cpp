#include "sim/devices/sinexcel_pcs.h"

#include <utility>

namespace hil::sim {

SinexcelPcs::SinexcelPcs(std::string name, models::Site& site, std::vector<std::size_t> strings, const Rating& rating,
                         const Settings& settings)
    : name_(std::move(name)), site_(site), strings_(std::move(strings)), rating_(rating), settings_(settings) {}

void SinexcelPcs::latch(Time now) {
  static_cast<void>(now);
}

void SinexcelPcs::refresh(Time now) {
  static_cast<void>(now);
}

void SinexcelPcs::set_fault(PcsFault fault, std::size_t string, bool present) {
  static_cast<void>(fault);
  static_cast<void>(string);
  static_cast<void>(present);
}

void SinexcelPcs::set_supply(bool on) {
  has_supply_ = on;
}

void SinexcelPcs::register_signals(SignalRegistry& registry) const {
  static_cast<void>(registry);
}

void SinexcelPcs::register_details(SignalRegistry& registry) const {
  static_cast<void>(registry);
}

}  // namespace hil::sim
