#include "sim/wire/serial_line.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "sim/wire/driven_characters.h"
#include "sim/wire/modbus_rtu.h"
#include "sim/wire/station.h"
#include "sim/wire/stray_bytes.h"
#include "sim/wire/uart_receiver.h"
#include "sim/wire/wire_use.h"

namespace hil::sim {

namespace {

constexpr std::size_t most_units = 32;  // unit loads on one RS485 segment
// Characters of a frame run into another; of longer streams only so many are made out over a mismatched port.
constexpr std::size_t scratch_bytes = UartReceiver::most_heard(2 * largest_rtu_frame);
constexpr int highest_address = 247;

/// Of two independent error rates; exactly 0 for none.
double combined(double one, double other) {
  return one + other - one * other;
}

void require_in_range(const std::string& line, const char* what, long value, long lowest, long highest) {
  if (value >= lowest && value <= highest) return;
  throw std::invalid_argument("line \"" + line + "\": " + what + " is " + std::to_string(value) + ", must be " +
                              std::to_string(lowest) + ".." + std::to_string(highest));
}

}  // namespace

struct SerialLine::Implementation {
  /// Which units can make out the start of a request in the frame on the wire.
  enum class Hearers : unsigned char { all, last_replier, nobody };

  Implementation(Kernel& the_kernel, std::string its_name, const SerialFormat& its_format, std::uint64_t seed)
      : kernel(the_kernel),
        name(std::move(its_name)),
        format(its_format),
        request(its_format),
        wire(-its_format.t3_5()),
        stray_end(-its_format.t3_5()),
        random(seed),
        scratch(scratch_bytes),
        alarm(the_kernel.make_alarm([this](Time now) { advance(now); })),
        stray_bytes(the_kernel, ~seed, [this](std::uint8_t byte, Time now) { hear_stray(byte, now); }) {}

  /// By silence; where bytes take no time a whole request needs none.
  Time frame_end() const {
    const bool told_by_length = !format.takes_time && is_whole_rtu_request(request.bytes());
    return wire.end() + (told_by_length ? Time{0} : format.t3_5());
  }

  /// Everything that is due, in the order: replies end, the echo is heard, the silence ends a frame, replies begin.
  void advance(Time now) {
    while (end_one_reply(now) || hear_echo(now) || end_frame(now) || begin_one_reply(now)) {
    }
    counters.busy_s = wire.busy_s(now);
    schedule();
  }

  bool end_one_reply(Time now) {
    Station* first = nullptr;
    for (Station& station : stations) {
      if (!station.sending() || station.driven.end() > now) continue;
      if (first == nullptr || station.driven.end() < first->driven.end()) first = &station;
    }
    if (first == nullptr) return false;
    DrivenCharacters& driven = first->driven;
    spoil_by_stuck(driven);
    settle_noise(*first, driven.end());
    driven.seal();
    if (first->end_run()) ++counters.replies;
    hear_reply(*first, now);
    return true;
  }

  /// What the far side and the monitors make of it.
  void hear_reply(const Station& station, Time now) {
    const DrivenCharacters& driven = station.driven;
    if (driven.empty()) return;
    const UartReceiver::Wiring wiring = station.wiring_out(condition.polarity_swapped);
    const WireMarks wiring_marks = station.reply_wiring.marks(driven.bytes().size(), wiring);
    std::span<const std::uint8_t> heard = driven.bytes_begun_since(station.unheard_until);
    if (wiring_marks == 0) {
      report(driven, driven.bytes(), false, driven.marks());
    } else {
      heard = std::span(scratch).first(station.reply_wiring.hear(driven.bytes(), wiring, scratch).count);
      report(driven, heard, false, driven.marks() | wiring_marks);
    }
    if (far_side && !heard.empty()) far_side(heard, now);  // may send()
  }

  bool hear_echo(Time now) {
    if (!condition.echo || request.empty() || request.end() > now || echoed == request.bytes().size()) return false;
    spoil_by_stuck(request);
    const auto fresh = request.bytes().subspan(echoed);
    const auto heard = std::span(scratch).first(std::min(fresh.size(), scratch.size()));
    std::copy_n(fresh.begin(), heard.size(), heard.begin());
    echoed = request.bytes().size();
    if (far_side) far_side(heard, now);  // may send(), which changes `request`
    return true;
  }

  bool end_frame(Time now) {
    if (request.empty() || frame_end() > now) return false;
    spoil_by_stuck(request);
    settle_noise(request.end());
    request.seal();
    if (request.longest_gap() > format.t1_5()) request.mark(wire_mark::gap);
    report(request, request.bytes(), true, request.marks());
    take_request(now);
    request.clear();
    for (Station& station : stations) station.forget_request();
    echoed = 0;
    return true;
  }

  void take_request(Time now) {
    const std::span<const std::uint8_t> sent = request.bytes();
    const bool sound = !request.spoilt() && sent.size() <= largest_rtu_frame && has_valid_crc(sent);
    const std::uint8_t sent_to = sound ? sent.front() : broadcast_address;
    const bool distinct =
        hearers == Hearers::all || (hearers == Hearers::last_replier &&
                                    (sent_to == broadcast_address || stations[last_replier].address() == sent_to));
    if (!sound || !distinct) {
      ++counters.bad_crc;
      return;
    }
    ++counters.requests;
    bool answered = false;
    for (std::size_t i = 0; i < stations.size(); ++i) {
      Station& station = stations[i];
      if (hearers == Hearers::last_replier && i != last_replier) continue;
      const std::span<const std::uint8_t> frame = station.make_out(request, condition.polarity_swapped, scratch);
      if (frame.empty()) continue;
      const bool broadcast = frame.front() == broadcast_address;
      if (!broadcast && frame.front() != station.address()) continue;
      answered = station.serve(frame, broadcast, now) || answered;
    }
    if (sent_to != broadcast_address && !answered) ++counters.unanswered;
  }

  bool begin_one_reply(Time now) {
    const auto ready = std::find_if(stations.begin(), stations.end(), [now](const Station& station) {
      return station.in_turnaround() && station.reply_at() <= now;
    });
    if (ready == stations.end()) return false;
    Station& station = *ready;
    const Time begin = station.reply_at();
    station.begin_run();

    const bool on_a_driven_wire = begin < wire.end();
    hearers = request.empty() && !on_a_driven_wire ? Hearers::last_replier : Hearers::nobody;
    last_replier = static_cast<std::size_t>(ready - stations.begin());
    if (!request.empty()) counters.collisions += wire.collide(station.driven, request, begin) ? 1.0 : 0.0;
    for (Station& other : stations) {
      if (&other == &station) continue;
      if (other.held_beyond(begin)) station.driven.spoil(begin, other.held_until, wire_mark::slow_release);
      if (!other.sending()) continue;
      counters.collisions += wire.collide(station.driven, other.driven, begin) ? 1.0 : 0.0;
      station.unheard_until = std::max(station.unheard_until, other.driven.end());
    }
    wire.drive(begin, station.driven.end());
    return true;
  }

  void send(std::span<const std::uint8_t> bytes) {
    if (bytes.empty()) return;
    const Time now = kernel.now();
    end_frame(now);  // when its silence ends at this very instant and the alarm is still to come
    const bool needs_silence = format.takes_time || !request.empty();
    if (now >= (needs_silence ? frame_end() : wire.end())) hearers = Hearers::all;
    const Time begin = request.empty() ? now : std::max(now, request.end());
    request.append(bytes, begin);
    if (begin < stray_end + format.t3_5()) {  // to the units the stray byte is the first of this frame
      hearers = Hearers::nobody;
      request.mark(wire_mark::stray_byte);
    }
    for (Station& station : stations) {
      if (station.held_beyond(begin)) request.spoil(begin, station.held_until, wire_mark::slow_release);
      if (station.sending()) counters.collisions += wire.collide(request, station.driven, begin) ? 1.0 : 0.0;
    }
    wire.drive(begin, request.end());
    counters.busy_s = wire.busy_s(now);
    schedule();
  }

  /// A byte that nobody sent, unless a driver keeps the wire quiet.
  void hear_stray(std::uint8_t byte, Time now) {
    if (now < wire.end() || stuck_since) return;
    if (!request.empty()) {  // within t3.5 of a request: no more its end
      request.append(std::span(&byte, 1), now);
      request.mark(wire_mark::stray_byte);
      echoed += echoed == request.bytes().size() - 1 ? 1 : 0;
      wire.drive(now, request.end());
      counters.busy_s = wire.busy_s(now);
      schedule();
    } else {
      stray_end = now;
      for (const Monitor& monitor : monitors) {
        monitor({.bytes = std::span(&byte, 1),
                 .begin = std::max(Time{0}, now - format.characters(1)),
                 .end = now,
                 .from_far_side = false,
                 .garbled = true,
                 .marks = wire_mark::stray_byte});
      }
    }
    if (far_side) far_side(std::span(&byte, 1), now);
  }

  double bus_error_rate() const { return combined(condition.byte_error_rate, condition.reflection_error_rate); }

  /// Noise of what has begun before `until`, at the rates of the conditions as they are.
  void settle_noise(Time until) {
    if (!request.empty()) request.add_noise(bus_error_rate(), random, until);
  }
  void settle_noise(Station& station, Time until) const {
    const double rate = combined(bus_error_rate(), station.condition().byte_error_rate);
    station.driven.add_noise(rate, station.random(), until);
  }
  /// Before a condition changes: what has begun keeps its noise and its wiring.
  void settle_so_far() {
    settle_noise(kernel.now());
    for (Station& station : stations) {
      if (station.sending()) settle_noise(station, kernel.now());
      station.settle_wiring(request, condition.polarity_swapped, kernel.now());
    }
  }

  void spoil_by_stuck(DrivenCharacters& driven) const {
    if (stuck_since && !driven.empty()) driven.spoil(*stuck_since, driven.end(), wire_mark::stuck_driver);
  }

  void schedule() {
    std::optional<Time> next;
    const auto consider = [&next](Time at) { next = next ? std::min(*next, at) : at; };
    if (!request.empty()) consider(frame_end());
    if (condition.echo && echoed < request.bytes().size()) consider(request.end());
    for (const Station& station : stations) {
      if (station.in_turnaround()) consider(station.reply_at());
      if (station.sending()) consider(station.driven.end());
    }
    if (next) {
      alarm.set(*next);
    } else {
      alarm.cancel();
    }
  }

  void report(const DrivenCharacters& frame, std::span<const std::uint8_t> heard, bool from_far_side,
              WireMarks marks) const {
    for (const Monitor& monitor : monitors) {
      monitor({.bytes = heard,
               .begin = frame.begin(),
               .end = frame.end(),
               .from_far_side = from_far_side,
               .garbled = (marks & wire_mark::garbling) != 0,
               .marks = marks});
    }
  }

  Station& station_named(const std::string& unit) {
    std::string known;
    for (Station& station : stations) {
      if (station.unit().name == unit) return station;
      known += known.empty() ? "" : ", ";
      known += station.unit().name;
    }
    throw std::invalid_argument("line \"" + name + "\": no unit \"" + unit + "\", known: " + known);
  }

  void set_condition(Station& changed, const UnitCondition& to) {
    const Time now = kernel.now();
    settle_so_far();
    changed.condition() = to;
    if (changed.sending() && changed.driven.change_format(changed.format(), now)) {
      wire.drive(now, changed.driven.end());
    }
    bool cut = false;
    bool held = false;
    for (const std::size_t place : chain) {
      Station& station = stations[place];
      cut = cut || station.condition().cable_cut;
      if (cut && !station.cut_off() && station.sending()) station.driven.cut(now);
      station.set_cut_off(cut);
      if (cut || station.condition().silent) drop_reply(station);
      held = held || station.holds_the_bus();
    }
    if (held && !stuck_since) stuck_since = now;
    if (!held && stuck_since) {
      for (Station& station : stations) {
        if (station.sending()) station.driven.spoil(*stuck_since, now, wire_mark::stuck_driver);
      }
      if (!request.empty()) request.spoil(*stuck_since, now, wire_mark::stuck_driver);
      stuck_since.reset();
    }
    schedule();
  }

  void drop_reply(Station& station) {
    if (!station.in_turnaround()) return;
    station.drop_reply();
    const bool another_answers =
        std::any_of(stations.begin(), stations.end(), [](const Station& other) { return !other.listening(); });
    if (!another_answers) ++counters.unanswered;
  }

  void set_condition(const LineCondition& to) {
    settle_so_far();
    condition = to;
    stray_bytes.set_rate(to.stray_bytes_per_s, kernel.now());
    schedule();
  }

  Kernel& kernel;
  const std::string name;
  const SerialFormat format;
  std::vector<Station> stations;
  std::vector<std::size_t> chain;  ///< of stations, from the far side on
  LineCondition condition;
  FarSide far_side;
  std::vector<Monitor> monitors;
  Counters counters;

  DrivenCharacters request;  ///< of the far side since the last silence
  WireUse wire;
  Hearers hearers = Hearers::all;
  std::size_t last_replier = 0;
  std::optional<Time> stuck_since;  ///< a driver holds the bus
  Time stray_end;                   ///< of the last byte that nobody sent
  std::size_t echoed = 0;           ///< of `request`, heard back by the far side
  models::SplitMix64 random;
  std::vector<std::uint8_t> scratch;
  Kernel::Alarm alarm;
  StrayBytes stray_bytes;
};

SerialLine::SerialLine(Kernel& kernel, std::string name, SerialFormat format, std::uint64_t seed) {
  require_in_range(name, "baud", format.baud, 1200, 1'000'000);
  require_in_range(name, "data_bits", format.data_bits, 8, 8);
  require_in_range(name, "stop_bits", format.stop_bits, 1, 2);
  implementation_ = std::make_unique<Implementation>(kernel, std::move(name), format, seed);
}

SerialLine::~SerialLine() {
  implementation_->alarm.cancel();
  implementation_->stray_bytes.set_rate(0.0, Time{0});
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
    if (station.unit().name == unit.name) throw std::invalid_argument(where + ": this name is taken");
  }
  line.chain.push_back(line.stations.size());
  line.stations.emplace_back(unit, line.format);
}

void SerialLine::set_chain(const std::vector<std::string>& units) {
  Implementation& line = *implementation_;
  std::vector<std::size_t> chain;
  for (const std::string& unit : units) {
    const auto place = static_cast<std::size_t>(&line.station_named(unit) - line.stations.data());
    if (std::find(chain.begin(), chain.end(), place) != chain.end()) {
      throw std::invalid_argument("line \"" + line.name + "\": unit \"" + unit + "\" stands twice in its chain");
    }
    chain.push_back(place);
  }
  for (std::size_t i = 0; i < line.stations.size(); ++i) {
    if (std::find(chain.begin(), chain.end(), i) != chain.end()) continue;
    throw std::invalid_argument("line \"" + line.name + "\": unit \"" + line.stations[i].unit().name +
                                "\" is missing in its chain");
  }
  line.chain = std::move(chain);
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

void SerialLine::set_condition(const std::string& unit, const UnitCondition& condition) {
  implementation_->set_condition(implementation_->station_named(unit), condition);
}

const UnitCondition& SerialLine::condition(const std::string& unit) const {
  return implementation_->station_named(unit).condition();
}

void SerialLine::set_condition(const LineCondition& condition) {
  implementation_->set_condition(condition);
}

const LineCondition& SerialLine::condition() const {
  return implementation_->condition;
}

const std::string& SerialLine::name() const {
  return implementation_->name;
}

const SerialFormat& SerialLine::format() const {
  return implementation_->format;
}

const SerialLine::Counters& SerialLine::counters() const {
  implementation_->counters.busy_s = implementation_->wire.busy_s(implementation_->kernel.now());
  return implementation_->counters;
}

}  // namespace hil::sim
