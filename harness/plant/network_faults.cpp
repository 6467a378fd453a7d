#include "harness/plant/network_faults.h"

#include <cmath>
#include <span>

namespace hil::harness {
namespace {

using sim::NetworkFault;

/// A fault and where the language has its number and its time; empty: it has none.
struct NetworkFaultName {
  const char* kind;
  NetworkFault fault;
  const char* number = "";
  const char* time = "";
};

constexpr std::array tcp_faults{NetworkFaultName{"tcp_refused", NetworkFault::refused},
                                NetworkFaultName{"tcp_reset", NetworkFault::reset, "when"},
                                NetworkFaultName{"tcp_stall", NetworkFault::stall},
                                NetworkFaultName{"tcp_half_open", NetworkFault::half_open},
                                NetworkFaultName{"tcp_delay", NetworkFault::delay, "", "delay_s"},
                                NetworkFaultName{"tcp_jitter", NetworkFault::jitter, "", "up_to_s"},
                                NetworkFaultName{"tcp_split", NetworkFault::split, "bytes", "pause_s"},
                                NetworkFaultName{"tcp_merged", NetworkFault::merged, "", "wait_s"},
                                NetworkFaultName{"tcp_wrong_length", NetworkFault::wrong_length, "length"},
                                NetworkFaultName{"tcp_wrong_transaction", NetworkFault::wrong_transaction, "offset"},
                                NetworkFaultName{"tcp_wrong_protocol", NetworkFault::wrong_protocol, "protocol"},
                                NetworkFaultName{"tcp_wrong_unit", NetworkFault::wrong_unit, "address"}};

constexpr std::array dongle_faults{NetworkFaultName{"dongle_silent", NetworkFault::silent},
                                   NetworkFaultName{"udp_request_dropped", NetworkFault::request_dropped},
                                   NetworkFaultName{"udp_reply_dropped", NetworkFault::reply_dropped},
                                   NetworkFaultName{"udp_delay", NetworkFault::delay, "", "delay_s"},
                                   NetworkFaultName{"udp_jitter", NetworkFault::jitter, "", "up_to_s"},
                                   NetworkFaultName{"udp_late", NetworkFault::late},
                                   NetworkFaultName{"udp_duplicated", NetworkFault::duplicated, "", "pause_s"},
                                   NetworkFaultName{"udp_doubled", NetworkFault::doubled},
                                   NetworkFaultName{"udp_truncated", NetworkFault::truncated, "bytes"},
                                   NetworkFaultName{"udp_split", NetworkFault::split, "bytes", "pause_s"},
                                   NetworkFaultName{"udp_merged", NetworkFault::merged, "", "wait_s"}};

sim::NetworkPort::Setting setting_of(const FaultSpec& fault, const NetworkFaultName& name) {
  sim::NetworkPort::Setting setting;
  setting.probability = fault.parameters.contains("probability") ? fault.parameter("probability") : 1.0;
  if (*name.number != '\0') setting.number = static_cast<int>(fault.parameter(name.number));
  if (*name.time != '\0') setting.time = sim::Time{std::llround(fault.parameter(name.time) * 1e9)};
  return setting;
}

void expose(FaultInjector& faults, sim::NetworkPort& port, const std::string& device,
            std::span<const NetworkFaultName> names) {
  for (const NetworkFaultName& name : names) {
    faults.expose(name.kind, device, [&port, name](const FaultSpec* fault) {
      port.set(name.fault, fault == nullptr ? sim::NetworkPort::Setting{} : setting_of(*fault, name));
    });
  }
}

}  // namespace

void expose_tcp_faults(FaultInjector& faults, sim::NetworkPort& port, const std::string& device) {
  expose(faults, port, device, tcp_faults);
}

void expose_dongle_faults(FaultInjector& faults, sim::NetworkPort& port, const std::string& inverter) {
  expose(faults, port, inverter, dongle_faults);
}

}  // namespace hil::harness
