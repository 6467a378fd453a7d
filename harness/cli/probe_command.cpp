#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <ostream>
#include <utility>

#include "harness/cli/commands.h"
#include "harness/cli/exit_code.h"
#include "harness/lan/lan_client.h"
#include "harness/live/lan_runner.h"
#include "harness/live/socket_address.h"
#include "harness/scenario/settings_change.h"

namespace hil::harness {
namespace {

sec1000::ClockTime local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  return {parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec};
}

/// A conversation with one device; the first failure is reported and ends it.
class Probe {
 public:
  Probe(const ProbeOptions& options, const SocketAddress& device, Console console)
      : options_(options),
        device_(device),
        console_(console),
        client_(settings_of(options), [](sim::Time) { return local_time(); }),
        runner_(client_, device) {}

  int carry_out() {
    switch (options_.order) {
      case ProbeOptions::Order::telemetry:
        if (!done({.service = LanService::get_telemetry})) return exit_error;
        print_telemetry();
        return exit_pass;
      case ProbeOptions::Order::settings:
        if (!done({.service = LanService::get_export_limit})) return exit_error;
        print_settings();
        print_feedback(LanService::get_export_limit, client_.feedback_of(LanService::get_export_limit));
        return exit_pass;
      case ProbeOptions::Order::set_limit:
        return write({.service = LanService::set_export_limit, .limit_kw = options_.limit_kw});
      case ProbeOptions::Order::export_disable:
        return write({.service = LanService::export_disable});
      case ProbeOptions::Order::export_enable:
        return write({.service = LanService::export_enable});
      case ProbeOptions::Order::set_mode:
        return write({.service = LanService::set_control_mode, .mode = options_.mode});
      case ProbeOptions::Order::set_clock:
        if (!done({.service = LanService::set_datetime})) return exit_error;
        console_.out << "clock set to the local time of this machine\n";
        return exit_pass;
      case ProbeOptions::Order::reset_watchdog:
        console_.out << "taking the limit away for 5 s\n" << std::flush;
        return write({.service = LanService::reset_export_watchdog});
    }
    return exit_error;
  }

 private:
  static LanClient::Settings settings_of(const ProbeOptions& options) {
    LanClient::Settings settings;
    settings.profile = options.profile;
    settings.minimum_kw = options.minimum_kw;
    settings.maximum_kw = options.maximum_kw;
    settings.sum_of_phases = options.sum_of_phases;
    settings.timeout = std::chrono::nanoseconds{static_cast<std::int64_t>(options.timeout_s * 1e9)};
    settings.starts_itself = false;
    return settings;
  }

  bool done(const LanClient::Order& order) {
    const unsigned bits = runner_.carry_out(order);
    if ((bits & feedback::ok) != 0) return true;  // beside it the client code says that it changed the limit
    std::string why = text_of_feedback(bits);
    if ((bits & feedback::socket_error) != 0) {
      why += ": " + (runner_.socket_failure().empty() ? "closed without an answer" : runner_.socket_failure());
    }
    console_.err << fmt::format("probe: {}: {}: {}\n", device_.text(), name_of(order.service), why);
    return false;
  }

  /// Mode and capacity go with what is written, so they are the device's own, unless a capacity is given; what it then
  /// holds is read back.
  int write(const LanClient::Order& order) {
    if (!done({.service = LanService::get_export_limit})) return exit_error;
    if (options_.capacity_kw) {
      // What was read took the place of a capacity that was given, so that one needs a client of its own.
      LanClient::Settings settings = settings_of(options_);
      settings.mode = client_.view().mode;
      settings.capacity_kw = *options_.capacity_kw;
      client_ = LanClient(settings, [](sim::Time) { return local_time(); });
    }
    if (!done(order)) return exit_error;
    const unsigned bits = client_.feedback_of(order.service);
    if (!done({.service = LanService::get_export_limit})) return exit_error;
    print_settings();
    print_feedback(order.service, bits);
    return exit_pass;
  }

  void print_telemetry() {
    const LanClient::View& view = client_.view();
    const sec1000::Telemetry& read = view.telemetry;
    console_.out << fmt::format("{:<14}{:>8.1f} {:>8.1f} {:>8.1f} V\n", "L1, L2, L3", read.voltage_ln_v[0],
                                read.voltage_ln_v[1], read.voltage_ln_v[2]);
    console_.out << fmt::format("{:<14}{:>8.2f} {:>8.2f} {:>8.2f} A\n", "", read.current_a[0], read.current_a[1],
                                read.current_a[2]);
    console_.out << fmt::format("{:<14}{:>8} {:>8} {:>8} W\n", "grid export", read.phase_grid_export_w[0],
                                read.phase_grid_export_w[1], read.phase_grid_export_w[2]);
    console_.out << fmt::format("{:<14}{:>8} W\n", "sum", read.grid_export_w);
    console_.out << fmt::format("{:<14}{:>8} W\n", "inverters", read.inverter_output_w);
    console_.out << fmt::format("{:<14}{:>8} W\n", "load", view.load_w);
  }

  void print_settings() {
    const LanClient::View& view = client_.view();
    console_.out << fmt::format("{:<14}{}\n", "mode", control_mode_names[static_cast<std::size_t>(view.mode)]);
    console_.out << fmt::format("{:<14}{:.2f} kW\n", "export limit", view.export_limit_w / 1000.0);
    console_.out << fmt::format("{:<14}{:.2f} kW\n", "capacity", view.total_capacity_w / 1000.0);
    console_.out << fmt::format("{:<14}{} (as sent)\n", "CT ratio", view.ct_ratio);
    console_.out << fmt::format("{:<14}{}\n", "export", view.export_on ? "on, the limit is above the minimum" : "off");
    console_.out << fmt::format("{:<14}{}\n", "ready", view.ready ? "yes" : "no");
  }

  void print_feedback(LanService service, unsigned bits) {
    console_.out << fmt::format("{:<14}{}: {} ({})\n", "feedback", name_of(service), bits, text_of_feedback(bits));
  }

  const ProbeOptions& options_;
  SocketAddress device_;
  Console console_;
  LanClient client_;
  LanRunner runner_;
};

}  // namespace

int probe_command(const ProbeOptions& options, Console console) {
  const std::optional<SocketAddress> device = socket_address(options.lan);
  if (!device || device->raw.sin_port == 0) {
    console.err << "--lan " << options.lan << ": "
                << address_fault(options.lan, "must be ADDRESS:PORT, as 192.168.1.200:1234") << '\n';
    return exit_bad_input;
  }
  return Probe{options, *device, console}.carry_out();
}

}  // namespace hil::harness
