#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/kernel/kernel.h"
#include "sim/wire/can_frame.h"

namespace hil::sim {

/// Of the inverters that run in parallel (document 002, settings of the app).
enum class ParallelRole : unsigned char { primary, secondary1, secondary2, secondary3 };
/// "secondary 2"
const char* name_of(ParallelRole role);

/// Faults of the parallel system by the names of document 002; the fourth is a warning.
enum class ParallelFault : unsigned char { system, sync_lost, configuration, can_warning, can, rs485 };
inline constexpr std::size_t parallel_fault_count = 6;
/// "ParallSystem Fault"
const char* name_of(ParallelFault fault);

/// What is set at an inverter, and what it is. Equal on all but the role; only the primary's count counts.
struct ParallelIdentity {
  ParallelRole role = ParallelRole::primary;
  int count = 1;          ///< inverters in parallel, the primary included
  int safety_code = 0;    ///< 0..255
  int model = 0;          ///< 0..255
  int rated_100w = 0;     ///< rated power in 100 W, 0..65535
  int battery_count = 0;  ///< 0..255
  int firmware = 0;       ///< 0..255
};

/// What an inverter says of itself on CAN, ten times a second. Its format is the bench's own: none is published
/// (solax-parallel 15). Identifier 0x1860'0000 + the inverter's number; role, state, safety code, model, rated power
/// (high byte first), batteries, firmware.
struct ParallelHeartbeat {
  static constexpr std::uint32_t first_id = 0x1860'0000;
  std::size_t number = 0;  ///< of the inverter, none has that of another; 0..255
  ParallelIdentity identity;
  bool runs = false;         ///< on grid or off grid
  bool faulty = false;       ///< a fault of its own keeps it from running; those of the parallel system are not told
  bool count_wrong = false;  ///< of a primary: it has heard more or fewer inverters than are set

  CanFrame frame() const;
  /// nullopt: some other frame.
  static std::optional<ParallelHeartbeat> of(const CanFrame& frame);
};

/// What one of the parallel inverters makes of its wires: which faults it shows, when, and until when (document 002;
/// delays and clear rules solax-parallel 2, assumed there).
///
///   ParallSystem Fault     of a secondary: the primary says that it is faulty, or is heard on no wire
///   EPSSyncLost            of a secondary: no sync signal while the primary is heard on CAN
///   Parallel CfgFault      primary and another are not equal; another has its own role, or, as the primary sees, two
///                          have one; no primary or two; its AC output has no place. It stays until restart()
///   ParalCan CommsWarn     as ParallelCAN ComFault but sooner; and roles as of Parallel CfgFault. It stops nobody
///   ParallelCAN ComFault   of the primary: a secondary is not heard; of a secondary: the primary is not
///   ParallelRS485 ComFault of the primary: not as many secondaries answer as are set; of a secondary: nobody asks,
///                          or the primary says that. By settings a count that is not that of the inverters heard on
///                          CAN shows as Parallel CfgFault and ParalCan CommsWarn, too (document 002 names it there)
///
/// Times count from the last good message. A pulled plug and a primary without power are the same for those beyond.
/// Left out: secondaries do not watch each other.
class ParallelSupervision {
 public:
  static constexpr std::size_t most_others = 15;
  /// Beats and questions come at least so often; older ones say nothing of now.
  static constexpr Time can_freshness = std::chrono::milliseconds{300};
  static constexpr Time rs485_freshness = std::chrono::milliseconds{1500};
  struct Parameters {
    Time system_delay = std::chrono::seconds{1};
    Time sync_delay = std::chrono::milliseconds{100};
    Time warning_delay = std::chrono::seconds{3};
    Time fault_delay = std::chrono::seconds{10};  ///< of CAN, RS485 and roles
    Time clear_delay = std::chrono::seconds{5};   ///< without the cause; of communication faults
    bool compares_firmware = true;                ///< document 002 asks for equality and names no fault
    bool compares_batteries = true;               ///< likewise
    bool warns_of_primaries = true;               ///< none or two of them: ParalCan CommsWarn comes first
    bool warns_of_count = false;                  ///< a wrong count: ParalCan CommsWarn, too
    bool count_is_configuration = false;          ///< and Parallel CfgFault
  };

  /// `number`: of this inverter. Throws std::invalid_argument for delays below 0.
  ParallelSupervision(std::size_t number, const Parameters& parameters);

  /// It is powered or its settings have changed: everything is forgotten.
  void restart(const ParallelIdentity& identity, Time now);
  const ParallelIdentity& identity() const { return identity_; }
  /// Its AC output has no place in the system. Stays through restart().
  void set_miswired(bool miswired) { miswired_ = miswired; }
  /// The backup interface is not heard, and that is to be a fault of CAN. Stays likewise.
  void set_interface_lost(bool lost) { interface_lost_ = lost; }

  /// A heartbeat of another one.
  void hear(const ParallelHeartbeat& heartbeat, Time now);
  /// Of a secondary: the primary asked it on RS485, and finds as many as are set, or not.
  void asked(bool complete, Time now);
  /// Of a secondary: the primary asked it on RS485, no longer ago than that.
  bool is_asked(Time now, Time patience) const { return asked_ && now - *asked_ <= patience; }
  /// Of the primary: the secondary of this number answered on RS485.
  void answered(std::size_t number, Time now);
  /// `sync`: of the pair SYSR, as far as it leads here.
  void advance(Time now, bool sync);

  /// Of the primary: as many secondaries answer as are set.
  bool complete() const { return complete_; }
  /// Of the primary: it has heard more or fewer inverters on CAN than are set.
  bool count_wrong() const;
  bool has(ParallelFault fault) const { return watches_[static_cast<std::size_t>(fault)].active; }
  /// Any but the warning; then the operation LED is red.
  bool stops() const;

 private:
  struct Other {
    ParallelHeartbeat heartbeat;
    std::optional<Time> heard;     ///< on CAN
    std::optional<Time> answered;  ///< on RS485
  };
  /// A cause with its delay, which runs from the last instant without it.
  struct Watch {
    Time good_at{0};
    Time bad_at{0};
    bool active = false;
    /// `good_at`: when the other side was last good, at most `now`.
    void follow(bool is_good, Time good_at, Time now, Time delay, Time clear);
  };
  bool is_primary() const { return identity_.role == ParallelRole::primary; }
  Watch& watch(ParallelFault fault) { return watches_[static_cast<std::size_t>(fault)]; }
  Other* other(std::size_t number);
  bool differs(const ParallelIdentity& its) const;
  bool has_unequal() const;
  bool has_twin() const;
  bool has_wrong_primaries() const;
  bool hears_of_wrong_count(Time now) const;
  /// When all that are to be heard on CAN were last heard.
  Time all_heard_at(Time now) const;
  const Other* primary() const;
  void watch_configuration(Time now);
  void watch_can(Time now);
  void watch_rs485(Time now);
  void watch_primary(Time now, bool sync);

  std::size_t number_;
  Parameters parameters_;
  ParallelIdentity identity_;
  std::vector<Other> others_;  ///< room for most_others
  std::array<Watch, parallel_fault_count> watches_{};
  Watch roles_;          ///< roles that are wrong, on their way to Parallel CfgFault
  Watch warning_roles_;  ///< on their way to ParalCan CommsWarn
  Watch warning_can_;
  Watch count_;  ///< a count that is wrong, likewise
  Watch warning_count_;
  bool miswired_ = false;
  bool interface_lost_ = false;
  Time started_{0};
  std::optional<Time> asked_;           ///< by the primary
  std::optional<Time> asked_complete_;  ///< and that finds all there
  Time sync_seen_{0};
  bool complete_ = false;
};

}  // namespace hil::sim
