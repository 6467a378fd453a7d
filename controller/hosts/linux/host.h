#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "controller/hosts/linux/bench_clock.h"
#include "controller/hosts/linux/event_loop.h"
#include "controller/hosts/linux/hosted_core.h"
#include "controller/hosts/linux/lan_listener.h"
#include "controller/hosts/linux/serial_port.h"
#include "controller/hosts/linux/settings_file.h"
#include "controller/hosts/linux/state_folder.h"
#include "controller/hosts/linux/status_socket.h"

namespace hil::hosts {

/// What the command line asks for.
struct HostOptions {
  std::array<std::optional<PortOption>, controller::max_lines> ports{};  ///< COM1..COM3, meter
  RoleSettings settings;          ///< without the ports' baud rates, which are taken from `ports`
  std::string settings_text;      ///< as the installer wrote them
  std::optional<LanAddress> lan;  ///< none: no LAN server; of an energy controller only
  std::filesystem::path state;    ///< folder; empty: nothing outlives the program
  std::filesystem::path status_socket;
  std::string clock;                       ///< port of a bench that says what time it is; empty: the machine's time
  std::chrono::seconds status_period{60};  ///< between status lines in the log; 0: none
};

/// Host of a core of the product on Linux, the energy controller or the leader of a fleet: carries bytes between its
/// ports and serial ports, and wakes it when it asks. A port that is unplugged is opened again once a second; meanwhile
/// its units do not answer, and the core deals with that as with any silence. LAN clients are served on TCP, what they
/// change is kept in a folder. Contacts (DRED, RCR, transfer switch) are left out: a serial adapter has none.
class Host {
 public:
  /// Opens everything. Throws BadInput.
  explicit Host(const HostOptions& options);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// Until SIGTERM or SIGINT, or until a bench whose clock it has says that its run is over.
  void run();
  std::string status() const;
  /// What to tell whoever has ordered this; no words ask for the status.
  std::string answer(const std::string& order);

 private:
  struct Port {
    std::string name;
    SerialPort serial;
    std::uint64_t sent_bytes = 0;
    std::uint64_t heard_bytes = 0;
    std::uint64_t dropped_bytes = 0;  ///< that the core wanted sent while the port was gone or full
    unsigned unplugged = 0;           ///< times
  };

  void watch(std::size_t line);
  void receive(std::size_t line);
  void lose(std::size_t line);
  void wake();
  void wake_if_due();
  /// With a bench's clock: what it says.
  void take_turns();
  /// One instant of it.
  void take_turn(const BenchClock::Turn& turn);
  void say_done();
  void carry_out();
  void store(const controller::StorageWrite& order);
  void keep_house();

  EventLoop loop_;
  std::optional<BenchClock> clock_;
  bool bench_has_ended_ = false;
  std::array<std::optional<Port>, controller::max_lines> ports_;
  std::optional<StateFolder> state_;
  std::unique_ptr<HostedCore> core_;
  EventLoop::Deadline wake_;
  EventLoop::Deadline housekeeping_;
  FileDescriptor signals_;
  std::optional<StatusSocket> status_socket_;
  std::optional<LanListener> lan_;
  controller::Time wake_at_{controller::Time::max()};
  controller::Time asked_at_{0};    ///< when that wake-up was asked for
  controller::Time worst_wake_{0};  ///< how late the core was woken
  std::chrono::seconds status_period_;
  controller::Time next_status_{0};
  controller::Time house_period_{std::chrono::seconds{1}};
};

}  // namespace hil::hosts
