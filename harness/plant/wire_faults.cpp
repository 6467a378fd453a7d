#include "harness/plant/wire_faults.h"

#include <cmath>

namespace hil::harness {
namespace {

using sim::ReplyFault;
using sim::SerialFormat;

sim::Time time_of(const FaultSpec& fault, const std::string& parameter) {
  return sim::Time{std::llround(fault.parameter(parameter) * 1e9)};
}

int number_of(const FaultSpec& fault, const std::string& parameter) {
  return static_cast<int>(fault.parameter(parameter));
}

/// A reply fault and where the language has its number and its time; empty: it has none.
struct ReplyFaultName {
  const char* kind;
  ReplyFault fault;
  const char* number;
  const char* time;
};

constexpr std::array reply_faults{ReplyFaultName{"delay", ReplyFault::delay, "", "delay_s"},
                                  ReplyFaultName{"jitter", ReplyFault::jitter, "", "up_to_s"},
                                  ReplyFaultName{"exception", ReplyFault::exception, "code", ""},
                                  ReplyFaultName{"wrong_unit", ReplyFault::wrong_unit, "address", ""},
                                  ReplyFaultName{"wrong_function", ReplyFault::wrong_function, "function", ""},
                                  ReplyFaultName{"flipped_bit", ReplyFault::flipped_bit, "", ""},
                                  ReplyFaultName{"wrong_crc", ReplyFault::wrong_crc, "", ""},
                                  ReplyFaultName{"doubled_byte", ReplyFault::doubled_byte, "", ""},
                                  ReplyFaultName{"extra_bytes", ReplyFault::extra_bytes, "count", ""},
                                  ReplyFaultName{"truncated", ReplyFault::truncated, "bytes", ""},
                                  ReplyFaultName{"split", ReplyFault::split, "bytes", "pause_s"},
                                  ReplyFaultName{"duplicated", ReplyFault::duplicated, "", "pause_s"}};
static_assert(reply_faults.size() == sim::reply_fault_count);

sim::ReplyFaults::Setting setting_of(const FaultSpec& fault, const ReplyFaultName& name) {
  sim::ReplyFaults::Setting setting;
  setting.probability = fault.parameter("probability");
  if (*name.number != '\0') setting.number = number_of(fault, name.number);
  if (*name.time != '\0') setting.time = time_of(fault, name.time);
  if (name.fault == ReplyFault::extra_bytes && number_of(fault, "where") == 1) setting.number = -setting.number;
  return setting;
}

/// `change(condition, fault)` is called with the fault, nullptr when it is over.
template <typename Change>
FaultInjector::Setting of_unit(sim::SerialLine& line, const std::string& unit, Change change) {
  return [&line, unit, change](const FaultSpec* fault) {
    sim::UnitCondition condition = line.condition(unit);
    change(condition, fault);
    line.set_condition(unit, condition);
  };
}

template <typename Change>
FaultInjector::Setting of_line(sim::SerialLine& line, Change change) {
  return [&line, change](const FaultSpec* fault) {
    sim::LineCondition condition = line.condition();
    change(condition, fault);
    line.set_condition(condition);
  };
}

}  // namespace

void expose_line_faults(FaultInjector& faults, sim::SerialLine& line) {
  using Condition = sim::LineCondition;
  const auto expose = [&](const char* kind, auto change) { faults.expose(kind, line.name(), of_line(line, change)); };
  expose("polarity_swapped",
         [](Condition& condition, const FaultSpec* fault) { condition.polarity_swapped = fault != nullptr; });
  expose("noise", [](Condition& condition, const FaultSpec* fault) {
    condition.byte_error_rate = fault == nullptr ? 0.0 : fault->parameter("byte_error_rate");
  });
  expose("no_terminator", [](Condition& condition, const FaultSpec* fault) {
    condition.reflection_error_rate = fault == nullptr ? 0.0 : fault->parameter("byte_error_rate");
  });
  expose("no_bias", [](Condition& condition, const FaultSpec* fault) {
    condition.stray_bytes_per_s = fault == nullptr ? 0.0 : fault->parameter("stray_bytes_per_s");
  });
  expose("echo", [](Condition& condition, const FaultSpec* fault) { condition.echo = fault != nullptr; });
}

void set_port(sim::SerialLine& line, const std::string& unit, PortSettings& own, const PortSettings& wanted) {
  sim::UnitCondition condition = line.condition(unit);
  if (condition.address == own.address) condition.address = wanted.address;
  SerialFormat format = condition.format.value_or(line.format());
  if (format.baud == own.baud.value_or(line.format().baud)) {
    format.baud = wanted.baud.value_or(line.format().baud);
    condition.format = format;
  }
  own = wanted;
  line.set_condition(unit, condition);
}

void expose_unit_faults(FaultInjector& faults, sim::SerialLine& line, const std::string& unit,
                        const PortSettings& own_port) {
  using Condition = sim::UnitCondition;
  const auto expose = [&](const char* kind, auto change) { faults.expose(kind, unit, of_unit(line, unit, change)); };
  expose("silence", [](Condition& condition, const FaultSpec* fault) { condition.silent = fault != nullptr; });
  expose("cable_cut", [](Condition& condition, const FaultSpec* fault) { condition.cable_cut = fault != nullptr; });
  expose("stuck_driver",
         [](Condition& condition, const FaultSpec* fault) { condition.stuck_driver = fault != nullptr; });
  expose("polarity_swapped",
         [](Condition& condition, const FaultSpec* fault) { condition.polarity_swapped = fault != nullptr; });
  expose("slow_release", [](Condition& condition, const FaultSpec* fault) {
    condition.slow_release = fault == nullptr ? sim::Time{0} : time_of(*fault, "release_s");
  });
  expose("noise", [](Condition& condition, const FaultSpec* fault) {
    condition.byte_error_rate = fault == nullptr ? 0.0 : fault->parameter("byte_error_rate");
  });
  expose("duplicate_address", [&own_port](Condition& condition, const FaultSpec* fault) {
    condition.address = own_port.address;
    if (fault != nullptr) condition.address = static_cast<std::uint8_t>(number_of(*fault, "address"));
  });
  const SerialFormat own = line.format();
  expose("wrong_baud", [own, &own_port](Condition& condition, const FaultSpec* fault) {
    SerialFormat format = condition.format.value_or(own);
    format.baud = fault == nullptr ? own_port.baud.value_or(own.baud) : number_of(*fault, "baud");
    condition.format = format;
  });
  expose("wrong_format", [own](Condition& condition, const FaultSpec* fault) {
    SerialFormat format = condition.format.value_or(own);
    format.parity = fault == nullptr ? own.parity : static_cast<sim::Parity>(number_of(*fault, "parity"));
    format.stop_bits = fault == nullptr ? own.stop_bits : number_of(*fault, "stop_bits");
    condition.format = format;
  });
  for (const ReplyFaultName& name : reply_faults) {
    expose(name.kind, [name](Condition& condition, const FaultSpec* fault) {
      condition.replies[name.fault] = fault == nullptr ? sim::ReplyFaults::Setting{} : setting_of(*fault, name);
    });
  }
}

}  // namespace hil::harness
