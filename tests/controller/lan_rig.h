#pragma once

#include <array>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "controller/controller.h"

namespace hil::controller::tests {

using Bytes = std::vector<std::uint8_t>;

/// "00 05 01" to bytes.
inline Bytes hex(const std::string& text) {
  Bytes bytes;
  std::istringstream words{text};
  unsigned byte = 0;
  while (words >> std::hex >> byte) bytes.push_back(static_cast<std::uint8_t>(byte));
  return bytes;
}

inline const Bytes read_telemetry = hex("00 05 01 01 0B 00 0D");
inline const Bytes read_limit = hex("00 05 01 01 43 00 45");
inline const Bytes short_answer = hex("04 52 45 56 4F 00 06 01 01 0B 15 00 22");

/// A Controller by itself, and what its LAN clients get: each write apart. Devices do not answer.
struct LanRig {
  explicit LanRig(const LanSettings& lan = {}) : controller{settings_with(lan)} {
    controller.woken(now);
    controller.sent();
  }
  static Settings settings_with(const LanSettings& lan) {
    Settings settings;
    settings.inverter_lines[0] = {{11}, 1, 9600};
    settings.total_capacity_w = 20300.0;
    settings.ct_ratio = 40.0;
    settings.export_limit_w = 0.0;
    settings.lan = lan;
    return settings;
  }

  /// Takes what stands in output, as a host does, until the core wants no wake-up at this instant.
  void carry() {
    for (int k = 0; k < 1000; ++k) {
      for (std::size_t client = 0; client < max_lan_clients; ++client) {
        const LanPort& port = controller.output().lan[client];
        if (port.count != 0) writes[client].push_back({port.pending().begin(), port.pending().end()});
        closed[client] = closed[client] || port.close;
      }
      controller.sent();
      if (controller.output().next_wake > now) return;
      controller.woken(now);
    }
  }
  void send(std::size_t client, const Bytes& bytes) {
    controller.lan_bytes_arrived(client, bytes, now);
    carry();
  }
  /// The writes that answered.
  std::vector<Bytes> ask(std::size_t client, const Bytes& bytes) {
    writes[client].clear();
    send(client, bytes);
    return writes[client];
  }
  /// One exchange on a connection of its own, as the public clients do.
  std::vector<Bytes> exchange(const Bytes& bytes) {
    if (!controller.lan_opened(0, now)) return {};
    const std::vector<Bytes> answers = ask(0, bytes);
    controller.lan_closed(0, now);
    carry();
    return answers;
  }
  void run_until(Time end) {
    while (controller.output().next_wake <= end) {
      now = std::max(now, controller.output().next_wake);
      controller.woken(now);
      carry();
    }
    now = end;
  }

  Time now{0};
  Controller controller;
  std::array<std::vector<Bytes>, max_lan_clients> writes;
  std::array<bool, max_lan_clients> closed{};
};

}  // namespace hil::controller::tests
