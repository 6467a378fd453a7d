#include "harness/lan/lan_client.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace hil::harness {

using namespace std::chrono_literals;
using sec1000::ReplyReader;
using sec1000::Request;

namespace {

constexpr std::size_t telemetry_channel = 0;
constexpr std::size_t service_channel = 1;

constexpr sim::Time limit_away = 5s;     // of the watchdog's reset (003 section 2.6)
constexpr sim::Time before_limit = 1s;   // between its restored mode and the limit
constexpr sim::Time after_service = 1s;  // sec1000-lan-protocol 5
constexpr sim::Time after_failed_reading = 5s;
constexpr std::size_t kept_readings = 10;
constexpr sim::Time longest_kept = 60s;
constexpr double least_above_minimum_kw = 0.01;  // for "export on" in the code

}  // namespace

LanClient::LanClient(const Settings& settings, LocalClock local_clock)
    : configured_(settings), settings_(settings), local_clock_(std::move(local_clock)) {
  reset_view(true);
}

void LanClient::reset_view(bool powered) {
  view_ = View{};
  view_.powered = powered;
  view_.mode = settings_.mode;
  view_.total_capacity_w = settings_.capacity_kw * 1000.0;
  view_.ready = powered && !settings_.starts_itself;
  view_.feedback.fill(feedback::ok);  // also before any operation has run
}

std::span<const LanClient::StartUpStep> LanClient::start_up() const {
  static constexpr std::array by_manual{StartUpStep{0s, LanService::get_telemetry},
                                        StartUpStep{0s, LanService::get_export_limit}};
  static constexpr std::array by_code{
      StartUpStep{0s, LanService::get_telemetry}, StartUpStep{0s, LanService::get_export_limit},
      StartUpStep{4s, LanService::get_telemetry}, StartUpStep{15s, LanService::get_export_limit},
      StartUpStep{2s, LanService::get_export_limit}};
  if (manual()) return by_manual;
  return by_code;
}

void LanClient::start(sim::Time now) {
  drop_everything();
  reset_view(true);
  if (!settings_.starts_itself) return;
  start_up_next_ = 0;
  start_up_due_ = now;
  woken(now);
}

void LanClient::drop_everything() {
  for (Channel& channel : channels_) channel = Channel{};
  waiting_.clear();
  start_up_due_ = timer_due_ = sim::Time::max();
  readings_.clear();
  death_.reset();
  settings_ = configured_;
  set_next_wake();
}

void LanClient::die(const Death& death) {
  if (death.exchange > 0) {
    death_ = death;
    return;
  }
  for (std::size_t k = 0; k < channel_count; ++k) {
    if (channels_[k].in_exchange() && !death.leaves_connections) output_.channels[k].close = true;
    output_.channels[k].open = false;
    output_.channels[k].bytes.clear();
  }
  drop_everything();
  reset_view(false);
}

void LanClient::order(const Order& order, sim::Time now) {
  if (!view_.powered) return;
  feedback_slot(order.service) = 0;
  waiting_.push_back(order);
  begin_waiting(now);
  set_next_wake();
}

bool LanClient::idle() const {
  return waiting_.empty() && std::none_of(channels_.begin(), channels_.end(),
                                          [](const Channel& each) { return each.operation.has_value(); });
}

void LanClient::plan_limit(Operation& operation, std::optional<double> limit_kw, unsigned needs) {
  if (!view_.ready && !manual()) {  // the code does nothing before its start-up, and says nothing
    operation.failed_parts |= writing;
    return;
  }
  const unsigned fault = limit_fault(limit_kw, operation.clamped);
  if (fault != 0) {
    operation.error_bits |= fault;
    return;
  }
  // The code cuts off what the product has; the manual gives the limit two decimals.
  const auto in_w = [this](double kw) {
    return static_cast<std::int32_t>(manual() ? std::lround(kw * 100.0) * 10 : static_cast<long>(kw * 1000.0));
  };
  const std::int32_t limit_w = in_w(*limit_kw);
  operation.limit_w = limit_w;
  if (!manual()) view_.export_limit_w = *limit_kw * 1000.0;  // at once, whatever becomes of it
  operation.steps.push_back(
      {.part = writing,
       .needs = needs,
       .request = sec1000::write_settings_request(in_w(settings_.capacity_kw), limit_w, settings_.sum_of_phases)});
  for (const Request& request : sec1000::mode_requests(settings_.mode)) {
    operation.steps.push_back({.part = switching, .needs = needs | writing, .request = request});
  }
}

LanClient::Operation LanClient::operation_of(const Order& order, sim::Time now) {
  Operation operation{.service = order.service};
  switch (order.service) {
    case LanService::get_telemetry:
      operation.steps.push_back({.part = reading, .request = sec1000::telemetry_request()});
      break;
    case LanService::get_export_limit:
      operation.steps.push_back({.part = reading, .request = sec1000::read_settings_request()});
      break;
    case LanService::set_datetime:
      operation.steps.push_back({.part = clock, .request = sec1000::clock_request(local_clock_(now))});
      break;
    case LanService::export_disable:
      plan_limit(operation, settings_.minimum_kw, 0);
      break;
    case LanService::export_enable:
      plan_limit(operation, settings_.maximum_kw, 0);
      break;
    case LanService::set_export_limit:
      plan_limit(operation, order.limit_kw, 0);
      break;
    case LanService::set_control_mode:
      for (const Request& request : sec1000::mode_requests(order.mode)) {
        operation.steps.push_back({.part = switching, .request = request});
      }
      break;
    case LanService::reset_export_watchdog:
      for (const Request& request : sec1000::mode_requests(sec1000::Mode::off)) {
        operation.steps.push_back({.part = modes_off, .request = request});
      }
      operation.steps.push_back({.part = modes_off, .pause = limit_away});
      // Whatever became of the first three: the limit must come back.
      for (const Request& request : sec1000::mode_requests(settings_.mode)) {
        operation.steps.push_back({.part = restoring, .request = request});
      }
      operation.steps.push_back({.part = restoring, .needs = restoring, .pause = before_limit});
      plan_limit(operation, view_.export_limit_w / 1000.0, restoring);
      break;
  }
  return operation;
}

void LanClient::begin_waiting(sim::Time now) {
  const Channel& channel = channels_[service_channel];
  while (!waiting_.empty() && !channel.operation && now >= channel.free_from) {
    const Order order = waiting_.front();
    waiting_.pop_front();
    take_up(service_channel, operation_of(order, now), now);
  }
}

void LanClient::take_up(std::size_t channel, Operation operation, sim::Time now) {
  feedback_slot(operation.service) = 0;
  channels_[channel].operation = std::move(operation);
  channels_[channel].paused_until = now;
  proceed(channel, now);
}

void LanClient::proceed(std::size_t number, sim::Time now) {
  Channel& channel = channels_[number];
  while (channel.operation && !channel.in_exchange() && now >= channel.paused_until) {
    Operation& operation = *channel.operation;
    if (operation.next >= operation.steps.size()) {
      finish(number, now);
      return;
    }
    const Step& step = operation.steps[operation.next];
    if ((step.needs & operation.failed_parts) != 0) {
      ++operation.next;
    } else if (step.request) {
      begin_exchange(number, now);
    } else {
      channel.paused_until = now + step.pause;
      ++operation.next;
    }
  }
}

void LanClient::begin_exchange(std::size_t number, sim::Time now) {
  Channel& channel = channels_[number];
  channel.connecting = true;
  channel.reader.reset();
  channel.deadline = now + settings_.timeout;
  output_.channels[number].open = true;
  view_.exchanges += 1.0;
  if (death_ && number == service_channel) --death_->exchange;
}

void LanClient::opened(std::size_t number, sim::Time now) {
  Channel& channel = channels_[number];
  if (!channel.connecting || !channel.operation) return;
  const Request& request = *channel.operation->steps[channel.operation->next].request;
  std::span<const std::uint8_t> bytes = request.view();
  if (death_ && number == service_channel && death_->exchange <= 0) {
    const std::vector<std::uint8_t> last_words(
        bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min(bytes.size(), death_->request_bytes)));
    die({.exchange = 0, .leaves_connections = death_->leaves_connections});
    output_.channels[number].bytes = last_words;
    return;
  }
  channel.connecting = false;
  channel.connected = true;
  channel.reader.emplace(manual() ? sec1000::Reading::strict : sec1000::Reading::one_shot, request);
  channel.deadline = now + settings_.timeout;
  output_.channels[number].bytes.assign(bytes.begin(), bytes.end());
  set_next_wake();
}

void LanClient::failed(std::size_t number, sim::Time now) {
  if (!channels_[number].in_exchange()) return;
  channels_[number].connected = channels_[number].connecting = false;  // nothing is left to close
  end_exchange(number, Outcome::socket_error, now);
}

void LanClient::bytes_arrived(std::size_t number, std::span<const std::uint8_t> segment, sim::Time now) {
  Channel& channel = channels_[number];
  if (!channel.connected || segment.empty()) return;
  if (channel.reader->take(segment) == ReplyReader::State::waiting) {
    channel.deadline = now + settings_.timeout;
    set_next_wake();
    return;
  }
  const ReplyReader reader = *channel.reader;
  const Step step = channel.operation->steps[channel.operation->next];
  const Outcome outcome = judge(*step.request, reader);
  if (outcome == Outcome::answered) use_answer(*channel.operation, step, reader, now);
  end_exchange(number, outcome, now);
}

void LanClient::closed(std::size_t number, sim::Time now) {
  Channel& channel = channels_[number];
  if (!channel.in_exchange()) return;
  const bool in_body = channel.reader && channel.reader->closed() == ReplyReader::State::bad_checksum;
  end_exchange(number, in_body ? Outcome::bad_checksum : Outcome::closed_early, now);
}

void LanClient::end_exchange(std::size_t number, Outcome outcome, sim::Time now) {
  Channel& channel = channels_[number];
  Operation& operation = *channel.operation;
  if (channel.in_exchange()) output_.channels[number].close = true;
  channel.connecting = channel.connected = false;
  channel.reader.reset();
  channel.deadline = sim::Time::max();
  const Step& step = operation.steps[operation.next++];
  if (step.part == writing) {
    operation.write_outcome = outcome;
    const bool heard =
        outcome == Outcome::answered || outcome == Outcome::unexpected || outcome == Outcome::bad_checksum;
    if (!manual() && heard) show_limit(view_.export_limit_w);
  }
  if (outcome != Outcome::answered) {
    view_.failed_exchanges += 1.0;
    operation.failed_parts |= step.part;
    operation.error_bits |= manual() ? manual_bits(outcome) : code_bits(outcome);
  }
  proceed(number, now);
  set_next_wake();
}

void LanClient::show_limit(double limit_w) {
  view_.export_limit_w = limit_w;
  const double above_kw = limit_w / 1000.0 - settings_.minimum_kw;
  view_.export_on = manual() ? above_kw > 0.0 : above_kw >= least_above_minimum_kw;
}

void LanClient::use_answer(Operation& operation, const Step& step, const ReplyReader& reader, sim::Time now) {
  using sec1000::Command;
  if (step.request->command == Command::telemetry) use_telemetry(*sec1000::decode_telemetry(reader.data()), now);
  if (step.request->command == Command::write_settings && manual()) show_limit(operation.limit_w);
  if (step.request->command != Command::read_settings) return;
  const sec1000::DeviceSettings read = *sec1000::decode_settings(reader.data());
  // The code shows one decimal of a kilowatt, and sends back what it shows.
  const auto shown_kw = [this](std::int32_t watts) {
    return manual() ? watts / 1000.0 : std::round(watts / 100.0) / 10.0;
  };
  settings_.mode = read.mode <= 3 ? static_cast<sec1000::Mode>(read.mode) : sec1000::Mode::off;
  settings_.capacity_kw = shown_kw(read.capacity_w);
  view_.mode = settings_.mode;
  view_.total_capacity_w = settings_.capacity_kw * 1000.0;
  view_.ct_ratio = read.ct_ratio;
  show_limit(shown_kw(read.limit_w) * 1000.0);
}

void LanClient::use_telemetry(sec1000::Telemetry telemetry, sim::Time now) {
  double load_w = telemetry.inverter_output_w - telemetry.grid_export_w;
  if (!manual()) {
    const std::array read{telemetry.inverter_output_w, load_w};
    if (now - last_reading_ > longest_kept) readings_.clear();
    if (read[0] == 0.0) {
      // Each by itself: the load of one reading may come beside the power of another.
      const auto last_of = [this](std::size_t which, double otherwise) {
        const auto found = std::find_if(readings_.rbegin(), readings_.rend(),
                                        [which](const auto& kept) { return kept[which] != 0.0; });
        return found == readings_.rend() ? otherwise : (*found)[which];
      };
      const double power_w = last_of(0, 0.0);
      if (power_w != 0.0) {
        telemetry.inverter_output_w = power_w;
        load_w = last_of(1, load_w);
      }
    }
    readings_.push_back(read);
    if (readings_.size() > kept_readings) readings_.pop_front();
    last_reading_ = now;
  }
  view_.telemetry = telemetry;
  view_.load_w = load_w;
}

void LanClient::finish(std::size_t number, sim::Time now) {
  Channel& channel = channels_[number];
  const Operation operation = *std::exchange(channel.operation, std::nullopt);
  feedback_slot(operation.service) = feedback_after(operation);
  const bool writes_limit = operation.service == LanService::export_disable ||
                            operation.service == LanService::export_enable ||
                            operation.service == LanService::reset_export_watchdog;
  // In the code these call set_export_limit; a reset whose mode did not come back never gets so far.
  if (!manual() && writes_limit && (operation.failed_parts & restoring) == 0) {
    feedback_slot(LanService::set_export_limit) = limit_feedback(operation);
  }
  channel.free_from = now;
  const bool failed = operation.failed_parts != 0 || operation.error_bits != 0;
  const bool sleeps =
      number == telemetry_channel && !manual() && failed && feedback_of(operation.service) != feedback::checksum_error;
  if (sleeps) channel.free_from = now + after_failed_reading;
  if (number == service_channel && !operation.of_start_up) channel.free_from = now + after_service;
  if (manual() && operation.service == LanService::get_export_limit && !failed) view_.ready = true;
  if (!operation.of_start_up) return;
  ++start_up_next_;
  if (start_up_next_ < start_up().size()) {
    start_up_due_ = now + start_up()[start_up_next_].after;
  } else {
    timer_due_ = now + settings_.refresh;
  }
}

void LanClient::woken(sim::Time now) {
  if (!view_.powered) return;
  for (std::size_t k = 0; k < channel_count; ++k) {
    if (channels_[k].in_exchange() && now >= channels_[k].deadline) end_exchange(k, Outcome::timed_out, now);
    proceed(k, now);
  }
  // Each round may free what the next one waits for.
  while (now >= start_up_due_) {
    const StartUpStep& step = start_up()[start_up_next_];
    const std::size_t number = step.service == LanService::get_telemetry ? telemetry_channel : service_channel;
    if (channels_[number].operation || now < channels_[number].free_from) break;
    start_up_due_ = sim::Time::max();
    if (!manual() && step.service == LanService::get_export_limit) view_.ready = true;
    Operation operation = operation_of({.service = step.service}, now);
    operation.of_start_up = true;
    take_up(number, std::move(operation), now);
  }
  begin_waiting(now);
  if (now >= timer_due_) {
    timer_due_ += settings_.refresh;
    // One reading at a time: a tick that finds the last one under way is left out.
    const Channel& channel = channels_[telemetry_channel];
    if (!channel.operation && now >= channel.free_from) {
      take_up(telemetry_channel, operation_of({.service = LanService::get_telemetry}, now), now);
    }
  }
  set_next_wake();
}

const LanClient::Channel& LanClient::channel_of(LanService service) const {
  return channels_[service == LanService::get_telemetry ? telemetry_channel : service_channel];
}

void LanClient::set_next_wake() {
  sim::Time next = timer_due_;
  if (start_up_due_ != sim::Time::max()) {
    const Channel& channel = channel_of(start_up()[start_up_next_].service);
    if (!channel.operation) next = std::min(next, std::max(start_up_due_, channel.free_from));
  }
  for (std::size_t k = 0; k < channel_count; ++k) {
    const Channel& channel = channels_[k];
    if (channel.in_exchange()) {
      next = std::min(next, channel.deadline);
    } else if (channel.operation) {
      next = std::min(next, channel.paused_until);
    }
  }
  if (!waiting_.empty() && !channels_[service_channel].operation) {
    next = std::min(next, channels_[service_channel].free_from);
  }
  output_.next_wake = next;
}

void LanClient::done() {
  for (Output::Channel& channel : output_.channels) {
    channel.close = channel.open = false;
    channel.bytes.clear();
  }
}

}  // namespace hil::harness
