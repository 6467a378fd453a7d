#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/kernel/kernel.h"
#include "sim/wire/line_conditions.h"
#include "sim/wire/modbus_server.h"
#include "sim/wire/serial_format.h"
#include "sim/wire/wire_marks.h"

namespace hil::sim {

/// One RS485 bus in virtual time: half duplex, exact to the character.
///
/// The far side (a master: controller, pseudo-terminal, real port) writes bytes with send(); they take their
/// character times on the wire, one after the other. After t3.5 of silence the bytes since the last silence are
/// a frame; a unit whose address and CRC fit serves it, waits out its turn-around and drives its reply onto the
/// wire. The far side hears the reply when its last character has ended.
///
/// Two drivers at once (a reply overlapping a request, two units with one address) is a collision: every byte of
/// the overlap is garbage to all listeners, and a frame with garbage in it fails its CRC. Of two overlapping replies
/// the far side hears the one that began first, then what the other sends after its end.
///
/// A request that follows a reply without t3.5 of silence is one frame with it, that no unit can take; only the unit
/// that drove the reply knows where it ended and hears the request. Between its request and the end of its reply a
/// unit hears nothing. A unit takes no other unit's reply for a request.
///
/// Without wire time (SerialFormat::takes_time) a character lasts 1 ns and a whole request ends at its last character,
/// told by its length and CRC; what is no whole request, and a function of unknown length, still ends by t3.5 of
/// silence. A request may follow a reply at once. All else, the troubles too, is as on any line.
///
/// What can be wrong stands in UnitCondition and LineCondition. The far side sits at one end of the bus, the units
/// along it in the order of set_chain(): a cut cable takes away all that are beyond it. A port of another format or
/// polarity hears and is heard through a UartReceiver. A stuck driver spoils what others send, and is itself heard as
/// silence. Everything random draws from the seeds of the line and of its units, and draws only where a condition asks
/// for it.
///
/// Left out: propagation time; the terminator that a cut takes away too; a unit ends frames by the line's t3.5, also
/// when its own format is another. Must not outlive its kernel.
class SerialLine {
 public:
  struct Unit {
    std::string name;
    std::uint8_t address = 0;  ///< 1..247
    ModbusServer* server = nullptr;
    Time turnaround{0};  ///< from the end of the request's t3.5 to the first bit of the reply
    std::uint64_t seed = 0;
  };
  /// Called at the end of the last character of what the far side hears; the bytes hold until it sends.
  using FarSide = std::function<void(std::span<const std::uint8_t> bytes, Time now)>;
  /// Called for every frame on the wire, with the instant of its first and last bit: a reply when its last bit has
  /// ended, a request t3.5 later. Bytes are as heard at the far side; in a collision each driver gives a record of its
  /// own.
  struct FrameRecord {
    std::span<const std::uint8_t> bytes;  ///< none: a reply in another format of which the far side makes no character
    Time begin{0};
    Time end{0};
    bool from_far_side = false;
    bool garbled = false;  ///< something on the wire changed its bytes
    WireMarks marks = 0;   ///< what befell it
  };
  using Monitor = std::function<void(const FrameRecord&)>;

  /// Throws std::invalid_argument for a format out of range.
  SerialLine(Kernel& kernel, std::string name, SerialFormat format, std::uint64_t seed = 0);
  ~SerialLine();
  SerialLine(const SerialLine&) = delete;
  SerialLine& operator=(const SerialLine&) = delete;

  /// Before the run. Throws std::invalid_argument for an address out of range, a name that is taken, a missing server,
  /// a negative turn-around or beyond 32 units. Two units may share an address: both answer, and collide.
  void add_unit(const Unit& unit);
  /// Order of the units along the bus from the far side on; without it that of add_unit(). Before the run, after all
  /// add_unit(). Throws std::invalid_argument unless each unit is named once.
  void set_chain(const std::vector<std::string>& units);
  void set_far_side(FarSide far_side);
  void add_monitor(Monitor monitor);

  /// The far side puts bytes on the wire from now on (queued behind what it is still sending).
  void send(std::span<const std::uint8_t> bytes);

  /// Counts from the next bit on: a reply not yet begun is lost when its unit falls silent or is cut off. Throws
  /// std::invalid_argument for an unknown unit.
  void set_condition(const std::string& unit, const UnitCondition& condition);
  const UnitCondition& condition(const std::string& unit) const;
  void set_condition(const LineCondition& condition);
  const LineCondition& condition() const;

  const std::string& name() const;
  const SerialFormat& format() const;

  /// Counters, also published as signals by the owner.
  struct Counters {
    double requests = 0;  ///< frames of the far side with a valid CRC
    double replies = 0;
    double bad_crc = 0;     ///< frames of the far side that no unit could take
    double collisions = 0;  ///< times that a second driver came onto a driven wire
    double unanswered = 0;  ///< valid requests that nobody answered, broadcasts not counted
    double busy_s = 0;      ///< time with a driver on the wire, a stuck one not counted
  };
  const Counters& counters() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace hil::sim
