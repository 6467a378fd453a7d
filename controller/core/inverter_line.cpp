#include "controller/core/inverter_line.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

/// Dead time and lag of 0.2 s each (assumed, goodwe-et-modbus 13.5), and half a mean.
constexpr Time order_shows = std::chrono::milliseconds{700};

/// An order is repeated though nothing changed: an ET keeps it, but may have been restarted or changed by hand.
constexpr Time order_repeat = 10s;
constexpr Time refused_order_pause = 1s;
/// An order to a unit that does not answer costs its timeout: an eighth of the line's time.
constexpr Time blind_order_pause = 2s;
/// A lowering of the AC limit by more than this goes ahead of every read.
constexpr double urgent_lowering_w = 50.0;
constexpr double felt_lowering_w = 200.0;
constexpr double battery_change_w = 50.0;
/// So much more or less of a battery goes ahead of the reads too, and spoils readings of different moments.
constexpr double battery_step_w = 500.0;
/// A firmware that refuses the reactive power is not asked every round. Chosen.
constexpr Time refused_reactive_pause = 60s;
/// Nor is one that says nothing to it, or the slow blocks would never have their turn; noise may do the same. Chosen.
constexpr Time unanswered_reactive_pause = 10s;
/// Registers written are read back only after this: an ET's image of its settings may be a second old (assumed).
constexpr Time read_back_after = 1500ms;
/// Meter readings come about every 50 ms at 9600 baud; further apart they do not belong together.
constexpr Time pairing_reach = 300ms;
/// Fewer bytes after a reply are noise, not another reply.
constexpr std::size_t second_reply_bytes = 5;
/// So long a unit may take over an acknowledgement that was missed. Chosen, ten times what it is granted.
constexpr Time late_reply_reach = 2s;
constexpr EtOrder stand_still = {{1, 0, static_cast<std::uint16_t>(EmsMode::battery_standby), 0}};

/// A sample from before the order in force had its effect knows less than the order.
double battery_now_w(const InverterMeasurement& measurement) noexcept {
  const std::optional<PairedSample>& sample = measurement.battery_discharge;
  if (sample && sample->at >= measurement.battery_order_since + order_shows) return sample->value_w;
  return measurement.battery_order_in_force_w.value_or(sample ? sample->value_w : 0.0);
}

}  // namespace

InverterLine::InverterLine(const Settings::Line& settings) noexcept
    : settings_(settings),
      master_({settings.baud, settings.bits_per_character}),
      plan_(std::min(settings.count, max_units_per_line), {settings.baud, settings.bits_per_character}) {
  settings_.count = std::min(settings_.count, max_units_per_line);
}

void InverterLine::set_order(std::size_t unit, const EtOrder& order, Time now) noexcept {
  units_[unit].wanted = order;
  judge_order(unit, now);
}

void InverterLine::set_reactive(std::size_t unit, const std::optional<EtReactive>& reactive) noexcept {
  Unit& state = units_[unit];
  state.reactive_wanted = reactive || !state.reactive_wanted ? reactive : encode_reactive(1.0, 0.0);
}

void InverterLine::judge_order(std::size_t unit, Time now) noexcept {
  const Unit& state = units_[unit];
  UnitOnLine& on_line = line_[unit];
  const bool differs = state.wanted && state.wanted != state.acknowledged;
  const bool old = state.wanted && now - state.acknowledged_at >= order_repeat;
  on_line.order_waiting = (differs || old) && now >= state.no_write_before;
  const double lowering_w =
      on_line.order_waiting && state.acknowledged ? limit_of(*state.acknowledged) - limit_of(*state.wanted) : 0.0;
  on_line.order_lowers = lowering_w > 0.0;
  const double step_w = on_line.order_waiting && state.acknowledged
                            ? std::abs(battery_discharge_of(*state.wanted) - battery_discharge_of(*state.acknowledged))
                            : 0.0;
  const bool limit_on_or_off =
      on_line.order_waiting && state.acknowledged && has_limit(*state.wanted) != has_limit(*state.acknowledged);
  on_line.order_urgent = lowering_w > urgent_lowering_w || step_w > battery_step_w || limit_on_or_off;
  const std::optional<double>& in_force_w = state.measurement.limit_in_force_w;
  on_line.reactive_waiting =
      state.reactive_wanted && state.reactive_wanted != state.reactive_acknowledged && now >= state.no_reactive_before;
  on_line.order_blind = on_line.health.state() == UnitHealth::State::lost && on_line.order_waiting && in_force_w &&
                        *in_force_w - limit_of(*state.wanted) > urgent_lowering_w;
}

void InverterLine::order_acknowledged(Unit& unit, Time now) noexcept {
  const EtOrder& sent = unit.sent;
  const double change_w =
      unit.acknowledged ? std::abs(battery_discharge_of(sent) - battery_discharge_of(*unit.acknowledged)) : 0.0;
  if (!unit.acknowledged || change_w > battery_change_w) {
    unit.measurement.battery_before_w = battery_now_w(unit.measurement);
    unit.measurement.battery_order_since = now;
  }
  if (change_w > 0.0) unit.measurement.battery_ordered_at = now;
  if (change_w > battery_step_w) unit.measurement.battery_stepped_at = now;
  // The first order after a start: nobody knows what limit it lowers.
  if (!unit.acknowledged || limit_of(*unit.acknowledged) - limit_of(sent) > felt_lowering_w) {
    unit.measurement.limit_lowered_at = now;
  }
  unit.acknowledged = sent;
  unit.acknowledged_at = now;
  unit.measurement.limit_in_force_w = limit_of(sent);
  unit.measurement.limit_off = !has_limit(sent);
  unit.measurement.battery_order_in_force_w = battery_discharge_of(sent);
}

void InverterLine::order_read_back(Unit& unit, const EtOrder& found, Time now) noexcept {
  const bool settled = now - unit.acknowledged_at >= read_back_after;
  if (!unit.acknowledged || !settled || found == *unit.acknowledged || found == unit.sent) return;
  ++unit.measurement.foreign_orders;
  // What it really does now; the difference to what is wanted brings the order back.
  unit.acknowledged = found;
  unit.measurement.limit_in_force_w = limit_of(found);
  unit.measurement.limit_off = !has_limit(found);
  unit.measurement.battery_order_in_force_w = battery_discharge_of(found);
}

void InverterLine::take(const MeterHistory& meter, Time now) noexcept {
  Unit& unit = units_[open_->unit];
  if (open_->block == EtBlock::order) {
    const std::optional<EtOrder> found = decode_order(master_.data());
    if (found) order_read_back(unit, *found, now);
    return;
  }
  decode_block(open_->block, master_.data(), unit.values);
  InverterMeasurement& measurement = unit.measurement;
  const bool is_ac = open_->block == EtBlock::ac_power;
  if (is_ac || open_->block == EtBlock::battery_power) {
    const Time at = master_.asked_at();
    const std::optional<double> grid_import_w = meter.nearest(at, pairing_reach);
    const auto& value = unit.values[is_ac ? EtQuantity::ac_injection_w : EtQuantity::battery_discharge_w];
    if (grid_import_w && value) {
      (is_ac ? measurement.ac_injection : measurement.battery_discharge) = PairedSample{*value, *grid_import_w, at};
    }
  }
  measurement.soc = unit.values[EtQuantity::battery_soc];
  if (const auto& floor = unit.values[EtQuantity::soc_floor]) measurement.soc_floor = *floor;
  if (const auto& mode = unit.values[EtQuantity::work_mode]) measurement.on_grid = *mode == et_on_grid;
  // The lower of the BMS's limit and the inverter's setting holds (goodwe-et-modbus 6.2).
  const auto limit_w = [&](EtQuantity bms, EtQuantity setting) {
    const auto& volts = unit.values[EtQuantity::battery_v];
    if (!volts || !unit.values[bms]) return 0.0;
    const double setting_a = unit.values[setting] ? *unit.values[setting] : *unit.values[bms];
    return std::min(*unit.values[bms], setting_a) * *volts;
  };
  measurement.max_charge_w = limit_w(EtQuantity::bms_max_charge_a, EtQuantity::setting_max_charge_a);
  measurement.max_discharge_w = measurement.soc && *measurement.soc <= measurement.soc_floor
                                    ? 0.0
                                    : limit_w(EtQuantity::bms_max_discharge_a, EtQuantity::setting_max_discharge_a);
}

bool InverterLine::heard(std::span<const std::uint8_t> bytes, Time now, const MeterHistory& meter) noexcept {
  fresh_.reset();
  const BusMaster::Outcome outcome = master_.heard(bytes, now);
  if (outcome == BusMaster::Outcome::none) return false;
  if (std::exchange(scanning_, false)) {
    scan_answered_ = outcome == BusMaster::Outcome::answered;
    if (scan_answered_) {
      scan_.answered(master_.data());
    } else {
      scan_.refused();
    }
  }
  if (!open_) return false;
  UnitHealth& health = line_[open_->unit].health;
  Unit& unit = units_[open_->unit];
  health.answered();
  plan_.replied_after(master_.turnaround());
  const bool refused_reading = outcome == BusMaster::Outcome::refused && !open_->write_order &&
                               !open_->write_reactive && open_->block == EtBlock::ac_power;
  if (refused_reading) ++unit.refused_readings;
  if (outcome == BusMaster::Outcome::answered) unit.refused_readings = 0;
  // Who refuses every reading is no better known than who is silent, and holds up no round.
  unit.measurement.answering = unit.refused_readings < misses_until_lost;
  if (outcome == BusMaster::Outcome::answered) {
    if (open_->write_order) {
      order_acknowledged(unit, now);
    } else if (open_->write_reactive) {
      unit.reactive_acknowledged = reactive_sent_;
    } else {
      take(meter, now);
      const std::size_t words = et_ranges[static_cast<std::size_t>(open_->block)].count;
      fresh_ = FreshBlock{open_->unit, open_->block, master_.data().first(2 * words)};
    }
  } else if (open_->write_order) {
    unit.no_write_before = now + refused_order_pause;
  } else if (open_->write_reactive) {
    unit.no_reactive_before = now + refused_reactive_pause;
  }
  judge_order(open_->unit, now);
  open_.reset();
  return true;
}

bool InverterLine::woken(Time now) noexcept {
  if (master_.woken(now) != BusMaster::Outcome::timed_out) return false;
  if (std::exchange(scanning_, false)) scan_.timed_out(master_.heard_bytes());
  if (!open_) return false;
  plan_.missed(now);
  UnitHealth& health = line_[open_->unit].health;
  Unit& unit = units_[open_->unit];
  if (health.state() == UnitHealth::State::lost && open_->write_order) {
    unit.no_write_before = now + blind_order_pause;  // says nothing new of it, and its next trial stays as it is
  } else {
    health.missed(now);
  }
  unit.measurement.answering = health.answering();
  if (open_->write_order) {
    unit.late_form = unit.sent_form;
    unit.late_until = now + late_reply_reach;
  }
  // At once, not in the next round: a neighbour that lets go of the wire late spoils only what follows its reply.
  const bool is_write = open_->write_order || open_->write_reactive;
  if (!is_repeat_ && health.answering() && (is_write || is_repeated(open_->block))) again_ = open_;
  if (open_->write_reactive && !again_) unit.no_reactive_before = now + unanswered_reactive_pause;
  // Whoever comes back is told anew: it may have been without power.
  if (health.state() == UnitHealth::State::lost) {
    unit.acknowledged.reset();
    unit.reactive_acknowledged.reset();
  }
  open_.reset();
  return true;
}

bool InverterLine::all_known() const noexcept {
  return std::none_of(line_.begin(), line_.begin() + static_cast<std::ptrdiff_t>(settings_.count),
                      [](const UnitOnLine& unit) { return unit.health.state() == UnitHealth::State::never_heard; });
}

void InverterLine::forget_readings() noexcept {
  for (Unit& unit : units_) {
    unit.measurement.ac_injection.reset();
    unit.measurement.battery_discharge.reset();
  }
}

void InverterLine::begin_scan(std::uint8_t lowest_address, Time first_at) noexcept {
  scan_.begin(settings_, lowest_address, first_at);
}

std::size_t InverterLine::ask_scan(Time now, bool idle, std::span<std::uint8_t> frame) noexcept {
  const std::optional<UnitScan::Question> question = scan_.next(now, idle);
  if (!question) return 0;
  scanning_ = true;
  switch (question->kind) {
    case UnitScan::Question::Kind::firmware:
      return master_.send(firmware_request(question->address), now, frame);
    case UnitScan::Question::Kind::own_meter:
      return master_.send(own_meter_request(question->address), now, frame);
    case UnitScan::Question::Kind::stand_still:
      return master_.send(order_request(question->address, stand_still), now, frame);
    case UnitScan::Question::Kind::identity:
      break;
  }
  return master_.send(identity_request(question->address), now, frame, probed_turnaround);
}

std::size_t InverterLine::ask(Time now, std::span<std::uint8_t> frame) noexcept {
  if (!master_.free(now)) return 0;
  if (std::exchange(scan_answered_, false) && master_.stray_bytes() >= second_reply_bytes) scan_.second_answer();
  bool orders_wait = false;
  bool urgent = false;
  bool all_answer = true;
  for (std::size_t k = 0; k < settings_.count; ++k) {
    judge_order(k, now);
    orders_wait = orders_wait || (line_[k].order_waiting && line_[k].health.answering());
    urgent = urgent || line_[k].order_urgent || line_[k].order_blind;
    all_answer = all_answer && line_[k].health.sound();
  }
  const bool to_known = all_answer && scan_.asks_configured();
  if (!again_ && !urgent && plan_.has_time_for_question(to_known, line_, now)) {
    // The sweep of addresses where perhaps nobody is waits for a place of its own.
    if (const std::size_t sent = ask_scan(now, !orders_wait && !to_known, frame)) {
      plan_.questioned();
      return sent;
    }
  }
  is_repeat_ = again_.has_value();
  open_ = again_ ? std::exchange(again_, std::nullopt) : plan_.next(line_, now);
  if (!open_) return ask_scan(now, true, frame);
  Unit& unit = units_[open_->unit];
  const std::uint8_t address = settings_.addresses[open_->unit];
  if (open_->write_reactive) {
    if (!is_repeat_) reactive_sent_ = *unit.reactive_wanted;
    return master_.send(reactive_request(address, reactive_sent_), now, frame);
  }
  if (open_->write_order) return send_order(unit, address, now, frame);
  return master_.send(read_request(address, open_->block, is_repeat_), now, frame);
}

std::size_t InverterLine::send_order(Unit& unit, std::uint8_t address, Time now,
                                     std::span<std::uint8_t> frame) noexcept {
  // The acknowledgement of a repetition may be that of the first, come late: true of the same values only.
  if (!is_repeat_) {
    unit.sent = *unit.wanted;
    const bool enable_stands = unit.acknowledged && has_limit(*unit.acknowledged) == has_limit(unit.sent);
    const bool other_form = now < unit.late_until && unit.late_form == OrderForm::whole && enable_stands;
    unit.sent_form = other_form ? OrderForm::without_enable : OrderForm::whole;
  }
  // From now on it may be in force, heard of or not.
  std::optional<double>& in_force_w = unit.measurement.limit_in_force_w;
  in_force_w = in_force_w ? std::max(*in_force_w, limit_of(unit.sent)) : limit_of(unit.sent);
  return master_.send(order_request(address, unit.sent, unit.sent_form), now, frame);
}

Time InverterLine::next_wake() const noexcept {
  if (master_.state() != BusMaster::State::free) return master_.next_wake();
  return std::min(PollPlan::retry_at(line_, settings_.count), scan_.next_wake());
}

}  // namespace hil::controller
