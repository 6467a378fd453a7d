#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/lan/sec1000_frames.h"
#include "sim/kernel/kernel.h"

namespace hil::harness {

/// What the integration for Home Assistant offers (003 section 3); set_control_mode is none of its services: hilbench
/// probe has it.
enum class LanService : unsigned char {
  export_disable,
  export_enable,
  set_export_limit,
  get_export_limit,
  set_datetime,
  reset_export_watchdog,
  get_telemetry,  ///< by its timer only
  set_control_mode,
};
inline constexpr std::size_t lan_service_count = 8;
std::string_view name_of(LanService service);

/// Bits of a service's feedback (003 section 4); 0: under way.
namespace feedback {
inline constexpr unsigned ok = 1;
inline constexpr unsigned general_error = 2;
inline constexpr unsigned unknown_error = 4;
inline constexpr unsigned timeout = 8;
inline constexpr unsigned unexpected_packet = 16;
inline constexpr unsigned checksum_error = 32;
inline constexpr unsigned socket_error = 64;
inline constexpr unsigned invalid_parameter = 128;
}  // namespace feedback
/// "OK", "timeout, socket error"; "waiting" of 0.
std::string text_of_feedback(unsigned bits);

/// A client of the SEC1000's LAN port that behaves like the integration for Home Assistant: seven services, each
/// exchange on a connection of its own, feedback of each service, values derived from what the device says.
///
/// A state machine: fed with bytes, ends of connections and time, it says in output() which connections to open or
/// close, what to send, and when to wake it. It runs in virtual time and over a real socket alike.
///
/// Two profiles. `manual`: as document 003 says; what it leaves open is read in favour of the device's answer.
/// `client_code`: as the code behaves (sec1000-lan-protocol 6), mistakes included:
///
///   |                  | manual                              | client_code                                         |
///   | limit allowed    | 0..100 kW, else dropped with 128    | clamped to minimum..maximum and capacity, 129       |
///   | kW to W          | rounded to 10 W                     | cut off to 1 W, after the error of the product      |
///   | limit read back  | as it is                            | rounded to 0.1 kW, the capacity too                 |
///   | answer in pieces | put together                        | only the second receive counts: checksum error      |
///   | checks           | every field                         | length (low byte), checksum; of writes the whole    |
///   | status 15 hex    | unexpected                          | as good as 06; of the clock unexpected              |
///   | no answer        | 8                                   | 64                                                  |
///   | closed early     | 64                                  | 4                                                   |
///   | short answer     | 16                                  | 4                                                   |
///   | inverters give 0 | as it is                            | last value but 0 of ten readings, none above 60 s   |
///   | start            | telemetry, limit, timer             | six exchanges within 21 s, then the timer           |
///
/// Telemetry has a connection of its own beside that of the services, as no lock holds them apart; the services wait
/// for each other, and for 1 s after each.
class LanClient {
 public:
  enum class Profile : unsigned char { manual, client_code };
  struct Settings {
    Profile profile = Profile::manual;
    sim::Time refresh{std::chrono::seconds{30}};  ///< of telemetry, > 0
    double minimum_kw = 0.0;                      ///< what export_disable sends
    double maximum_kw = 10.0;                     ///< what export_enable sends
    double capacity_kw = 20.0;                    ///< sent with each limit
    sec1000::Mode mode = sec1000::Mode::value;
    bool sum_of_phases = true;
    sim::Time timeout{std::chrono::seconds{10}};  ///< of opening a connection, and of each receive
    bool starts_itself = true;                    ///< false: neither start-up nor timer, ready at once
  };
  struct Order {
    LanService service = LanService::get_export_limit;
    std::optional<double> limit_kw{};           ///< of set_export_limit; nothing or NaN: no number
    sec1000::Mode mode = sec1000::Mode::value;  ///< of set_control_mode
  };
  /// How it dies.
  struct Death {
    int exchange = 0;                 ///< 0: at once; else in the midst of the so-manieth exchange of services from now
    std::size_t request_bytes = 16;   ///< of that one's request that still go out
    bool leaves_connections = false;  ///< nobody tells the device; else its connections are closed
  };
  using LocalClock = std::function<sec1000::ClockTime(sim::Time now)>;

  static constexpr std::size_t channel_count = 2;  ///< connections at a time: telemetry, services
  struct Output {
    /// To be done in this order.
    struct Channel {
      std::vector<std::uint8_t> bytes;  ///< to send
      bool close = false;
      bool open = false;
    };
    std::array<Channel, channel_count> channels;
    sim::Time next_wake = sim::Time::max();
  };

  /// What it shows its user.
  struct View {
    sec1000::Telemetry telemetry;
    double load_w = 0.0;  ///< inverters' power less what the meter exports
    double export_limit_w = 0.0;
    double total_capacity_w = 0.0;
    sec1000::Mode mode = sec1000::Mode::value;
    double ct_ratio = 0.0;   ///< as read; its scale is not known
    bool export_on = false;  ///< the limit is above the minimum
    bool ready = false;      ///< start-up is over ("Modul started")
    bool powered = true;
    std::array<unsigned, lan_service_count> feedback{};
    double exchanges = 0.0;         ///< begun
    double failed_exchanges = 0.0;  ///< without the answer that was expected
  };

  LanClient(const Settings& settings, LocalClock local_clock);

  /// Begins its start-up, again after it was dead.
  void start(sim::Time now);
  void die(const Death& death);
  void order(const Order& order, sim::Time now);
  /// Nothing runs and nothing waits.
  bool idle() const;

  void woken(sim::Time now);
  void opened(std::size_t channel, sim::Time now);
  /// Refused, reset or unreachable.
  void failed(std::size_t channel, sim::Time now);
  /// One segment.
  void bytes_arrived(std::size_t channel, std::span<const std::uint8_t> segment, sim::Time now);
  /// By the far side.
  void closed(std::size_t channel, sim::Time now);

  const Output& output() const { return output_; }
  /// What stands in output() is done.
  void done();

  const View& view() const { return view_; }
  const Settings& settings() const { return settings_; }
  unsigned feedback_of(LanService service) const { return view_.feedback[static_cast<std::size_t>(service)]; }

 private:
  enum class Outcome : unsigned char {
    answered,
    bad_checksum,
    wrong_length,
    unexpected,
    timed_out,
    socket_error,
    closed_early
  };
  /// What an exchange is for within its service; a step waits on earlier ones by these bits.
  enum Part : unsigned { reading = 1, modes_off = 2, restoring = 4, writing = 8, switching = 16, clock = 32 };
  struct Step {
    Part part = reading;
    unsigned needs = 0;  ///< parts without a failure, else the step is left out
    std::optional<sec1000::Request> request{};
    sim::Time pause{0};  ///< without a request
  };
  struct Operation {
    LanService service = LanService::get_telemetry;
    bool of_start_up = false;
    double limit_w = 0.0;
    std::vector<Step> steps{};
    std::size_t next = 0;
    unsigned failed_parts = 0;
    unsigned error_bits = 0;  ///< manual: of all exchanges
    Outcome write_outcome = Outcome::answered;
    bool clamped = false;
  };
  struct Channel {
    std::optional<Operation> operation{};
    bool connecting = false;
    bool connected = false;
    std::optional<sec1000::ReplyReader> reader{};
    sim::Time deadline = sim::Time::max();  ///< of the exchange
    sim::Time paused_until{0};              ///< within the operation
    sim::Time free_from{0};                 ///< for the next operation
    bool in_exchange() const { return connecting || connected; }
  };
  struct StartUpStep {
    sim::Time after{0};  ///< the end of the one before
    LanService service = LanService::get_telemetry;
  };

  bool manual() const { return settings_.profile == Profile::manual; }
  std::span<const StartUpStep> start_up() const;
  Operation operation_of(const Order& order, sim::Time now);
  void plan_limit(Operation& operation, std::optional<double> limit_kw, unsigned needs);
  /// What is wrong with the limit; changes it where it is clamped.
  unsigned limit_fault(std::optional<double>& limit_kw, bool& clamped) const;
  void take_up(std::size_t channel, Operation operation, sim::Time now);
  /// Goes on with the operation until something has to be waited for.
  void proceed(std::size_t channel, sim::Time now);
  void begin_exchange(std::size_t channel, sim::Time now);
  void end_exchange(std::size_t channel, Outcome outcome, sim::Time now);
  Outcome judge(const sec1000::Request& request, const sec1000::ReplyReader& reader) const;
  void use_answer(Operation& operation, const Step& step, const sec1000::ReplyReader& reader, sim::Time now);
  void use_telemetry(sec1000::Telemetry telemetry, sim::Time now);
  void show_limit(double limit_w);
  void finish(std::size_t channel, sim::Time now);
  unsigned feedback_after(const Operation& operation) const;
  unsigned limit_feedback(const Operation& operation) const;
  static unsigned code_bits(Outcome outcome);
  static unsigned manual_bits(Outcome outcome);
  unsigned& feedback_slot(LanService service) { return view_.feedback[static_cast<std::size_t>(service)]; }
  void begin_waiting(sim::Time now);
  void drop_everything();
  void reset_view(bool powered);
  const Channel& channel_of(LanService service) const;
  void set_next_wake();

  Settings configured_;
  Settings settings_;  ///< with what was read back
  LocalClock local_clock_;
  View view_;
  Output output_;
  std::array<Channel, channel_count> channels_;
  std::deque<Order> waiting_;
  std::size_t start_up_next_ = 0;
  sim::Time start_up_due_ = sim::Time::max();
  sim::Time timer_due_ = sim::Time::max();
  std::optional<Death> death_;
  /// The last ten readings, the latest last: inverters' power and load.
  std::deque<std::array<double, 2>> readings_;
  sim::Time last_reading_{0};
};

}  // namespace hil::harness
