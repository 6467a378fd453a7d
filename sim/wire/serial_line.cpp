#include "sim/wire/serial_line.h"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include "sim/wire/driven_characters.h"
#include "sim/wire/modbus_rtu.h"

namespace hil::sim {

namespace {

constexpr std::size_t most_units = 32;  // unit loads on one RS485 segment
constexpr std::size_t largest_pdu = 253;
constexpr int highest_address = 247;

void require_in_range(const std::string& line, const char* what, long value, long lowest, long highest) {
  if (value >= lowest && value <= highest) return;
  throw std::invalid_argument("line \"" + line + "\": " + what + " is " + std::to_string(value) + ", must be " +
                              std::to_string(lowest) + ".." + std::to_string(highest));
}

/// A unit as the line sees it: what it is doing, and what it has put on the wire.
struct Station {
  enum class State : unsigned char { listening, turnaround, sending };

  SerialLine::Unit unit;
  bool silent = false;
  State state = State::listening;
  Time reply_at{0};  ///< first bit, while in turn-around
  std::array<std::uint8_t, largest_rtu_frame> reply{};
  std::size_t reply_length = 0;
  DrivenCharacters driven;
  Time unheard_until{0};  ///< the far side hears another unit's reply till then

  Station(const SerialLine::Unit& its_unit, const SerialFormat& format) : unit(its_unit), driven(format) {}
};

}  // namespace

struct SerialLine::Implementation {
  /// Which units can make out the start of a request in the frame on the wire.
  enum class Hearers : unsigned char { all, last_replier, nobody };

  Implementation(Kernel& the_kernel, std::string its_name, const SerialFormat& its_format)
      : kernel(the_kernel),
        name(std::move(its_name)),
        format(its_format),
        request(its_format),
        wire_end(-its_format.t3_5()),
        alarm(the_kernel.make_alarm([this](Time now) { advance(now); })) {}

  Time frame_end() const { return wire_end + format.t3_5(); }

  /// Everything that is due, in the order: replies end, the silence ends a frame, replies begin.
  void advance(Time now) {
    while (end_one_reply(now) || end_frame(now) || begin_one_reply(now)) {
    }
    update_busy(now);
    schedule();
  }

  bool end_one_reply(Time now) {
    Station* first = nullptr;
    for (Station& station : stations) {
      if (station.state != Station::State::sending || station.driven.end() > now) continue;
      if (first == nullptr || station.driven.end() < first->driven.end()) first = &station;
    }
    if (first == nullptr) return false;
    first->state = Station::State::listening;
    first->driven.seal();
    ++counters.replies;
    report(first->driven, false);
    const auto heard = first->driven.bytes_begun_since(first->unheard_until);
    if (far_side && !heard.empty()) far_side(heard, now);  // may send()
    return true;
  }

  bool end_frame(Time now) {
    if (request.empty() || frame_end() > now) return false;
    request.seal();
    report(request, true);
    take_request(request.bytes(), now);
    request.clear();
    return true;
  }

  void take_request(std::span<const std::uint8_t> frame, Time now) {
    const bool sound = !request.spoilt() && frame.size() <= largest_rtu_frame && has_valid_crc(frame);
    const std::uint8_t address = sound ? frame.front() : broadcast_address;
    const bool broadcast = address == broadcast_address;
    const bool distinct = hearers == Hearers::all || (hearers == Hearers::last_replier &&
                                                      (broadcast || stations[last_replier].unit.address == address));
    if (!sound || !distinct) {
      ++counters.bad_crc;
      return;
    }
    ++counters.requests;
    bool answered = false;
    for (std::size_t i = 0; i < stations.size(); ++i) {
      Station& station = stations[i];
      if (hearers == Hearers::last_replier && i != last_replier) continue;
      if (station.silent || station.state != Station::State::listening) continue;
      if (!broadcast && station.unit.address != address) continue;
      const bool has_reply = serve(station, frame.subspan(1, frame.size() - 3), now);
      if (broadcast || !has_reply) continue;
      station.state = Station::State::turnaround;
      station.reply_at = now + station.unit.turnaround;
      answered = true;
    }
    if (!broadcast && !answered) ++counters.unanswered;
  }

  static bool serve(Station& station, std::span<const std::uint8_t> request_pdu, Time now) {
    const std::span<std::uint8_t> reply_pdu = std::span(station.reply).subspan(1, largest_pdu);
    const std::size_t length = station.unit.server->serve(request_pdu, reply_pdu, now);
    if (length > largest_pdu) throw std::length_error("reply of unit \"" + station.unit.name + "\" exceeds 253 bytes");
    if (length == 0) return false;
    station.reply[0] = station.unit.address;
    const std::uint16_t crc = modbus_crc(std::span(station.reply).first(1 + length));
    station.reply[1 + length] = static_cast<std::uint8_t>(crc & 0xFFu);
    station.reply[2 + length] = static_cast<std::uint8_t>(crc >> 8);
    station.reply_length = length + 3;
    return true;
  }

  bool begin_one_reply(Time now) {
    const auto ready = std::find_if(stations.begin(), stations.end(), [now](const Station& station) {
      return station.state == Station::State::turnaround && station.reply_at <= now;
    });
    if (ready == stations.end()) return false;
    Station& station = *ready;
    const Time begin = station.reply_at;
    station.driven.clear();
    station.driven.append(std::span<const std::uint8_t>(station.reply).first(station.reply_length), begin);
    station.unheard_until = begin;

    const bool on_a_driven_wire = begin < wire_end;
    hearers = request.empty() && !on_a_driven_wire ? Hearers::last_replier : Hearers::nobody;
    last_replier = static_cast<std::size_t>(ready - stations.begin());
    if (!request.empty()) collide(station.driven, request, begin);
    for (Station& other : stations) {
      if (other.state != Station::State::sending) continue;
      collide(station.driven, other.driven, begin);
      station.unheard_until = std::max(station.unheard_until, other.driven.end());
    }
    station.state = Station::State::sending;
    drive(begin, station.driven.end());
    return true;
  }

  void send(std::span<const std::uint8_t> bytes) {
    if (bytes.empty()) return;
    const Time now = kernel.now();
    end_frame(now);  // when its silence ends at this very instant and the alarm is still to come
    if (now >= frame_end()) hearers = Hearers::all;
    const Time begin = request.empty() ? now : std::max(now, request.end());
    request.append(bytes, begin);
    for (Station& station : stations) {
      if (station.state == Station::State::sending) collide(request, station.driven, begin);
    }
    drive(begin, request.end());
    update_busy(now);
    schedule();
  }

  /// Both drive from `begin` to the end of the one that ends first.
  void collide(DrivenCharacters& one, DrivenCharacters& other, Time begin) {
    const Time end = std::min(one.end(), other.end());
    if (end <= begin) return;
    one.spoil(begin, end);
    other.spoil(begin, end);
    if (begin >= collision_end) ++counters.collisions;
    collision_end = std::max(collision_end, end);
  }

  void drive(Time begin, Time end) {
    if (end <= wire_end) return;
    driven_time += end - std::max(begin, wire_end);
    wire_end = end;
  }

  /// `driven_time` holds what is known to come as well.
  void update_busy(Time now) {
    const Time to_come = std::max(Time::zero(), wire_end - now);
    counters.busy_s = std::chrono::duration<double>(driven_time - to_come).count();
  }

  void schedule() {
    std::optional<Time> next;
    const auto consider = [&next](Time at) { next = next ? std::min(*next, at) : at; };
    if (!request.empty()) consider(frame_end());
    for (const Station& station : stations) {
      if (station.state == Station::State::turnaround) consider(station.reply_at);
      if (station.state == Station::State::sending) consider(station.driven.end());
    }
    if (next) {
      alarm.set(*next);
    } else {
      alarm.cancel();
    }
  }

  void report(const DrivenCharacters& frame, bool from_far_side) const {
    for (const Monitor& monitor : monitors) {
      monitor({.bytes = frame.bytes(),
               .begin = frame.begin(),
               .end = frame.end(),
               .from_far_side = from_far_side,
               .garbled = frame.spoilt()});
    }
  }

  Station& station_named(const std::string& unit) {
    std::string known;
    for (Station& station : stations) {
      if (station.unit.name == unit) return station;
      known += known.empty() ? "" : ", ";
      known += station.unit.name;
    }
    throw std::invalid_argument("line \"" + name + "\": no unit \"" + unit + "\", known: " + known);
  }

  void silence(Station& station) {
    station.silent = true;
    if (station.state != Station::State::turnaround) return;
    station.state = Station::State::listening;
    const bool another_answers = std::any_of(stations.begin(), stations.end(), [](const Station& other) {
      return other.state != Station::State::listening;
    });
    if (!another_answers) ++counters.unanswered;
    schedule();
  }

  Kernel& kernel;
  const std::string name;
  const SerialFormat format;
  std::vector<Station> stations;
  FarSide far_side;
  std::vector<Monitor> monitors;
  Counters counters;

  DrivenCharacters request;  ///< of the far side since the last silence
  Time wire_end;             ///< when the last driver known so far leaves the wire
  Time driven_time{0};       ///< with a driver on the wire, up to wire_end
  Time collision_end{0};
  Hearers hearers = Hearers::all;
  std::size_t last_replier = 0;
  Kernel::Alarm alarm;
};

SerialLine::SerialLine(Kernel& kernel, std::string name, SerialFormat format) {
  require_in_range(name, "baud", format.baud, 1200, 1'000'000);
  require_in_range(name, "data_bits", format.data_bits, 8, 8);
  require_in_range(name, "stop_bits", format.stop_bits, 1, 2);
  implementation_ = std::make_unique<Implementation>(kernel, std::move(name), format);
}

SerialLine::~SerialLine() {
  implementation_->alarm.cancel();
}

void SerialLine::add_unit(const Unit& unit) {
  Implementation& line = *implementation_;
  require_in_range(line.name, ("address of unit \"" + unit.name + "\"").c_str(), unit.address, 1, highest_address);
  const std::string where = "line \"" + line.name + "\": unit \"" + unit.name + "\"";
  if (unit.server == nullptr) throw std::invalid_argument(where + " has no server");
  if (unit.turnaround < Time::zero()) {
    throw std::invalid_argument(where + ": turnaround is " + std::to_string(unit.turnaround.count()) +
                                " ns, must be >= 0");
  }
  if (line.stations.size() == most_units) throw std::invalid_argument(where + " is one too many, at most 32");
  for (const Station& station : line.stations) {
    if (station.unit.name == unit.name) throw std::invalid_argument(where + ": this name is taken");
  }
  line.stations.emplace_back(unit, line.format);
}

void SerialLine::set_far_side(FarSide far_side) {
  implementation_->far_side = std::move(far_side);
}

void SerialLine::add_monitor(Monitor monitor) {
  implementation_->monitors.push_back(std::move(monitor));
}

void SerialLine::send(std::span<const std::uint8_t> bytes) {
  implementation_->send(bytes);
}

void SerialLine::set_silent(const std::string& unit, bool silent) {
  Station& station = implementation_->station_named(unit);
  if (silent) {
    implementation_->silence(station);
  } else {
    station.silent = false;
  }
}

const std::string& SerialLine::name() const {
  return implementation_->name;
}

const SerialFormat& SerialLine::format() const {
  return implementation_->format;
}

const SerialLine::Counters& SerialLine::counters() const {
  implementation_->update_busy(implementation_->kernel.now());
  return implementation_->counters;
}

}  // namespace hil::sim
