#include "harness/plant/lan_link.h"

#include <algorithm>
#include <utility>

namespace hil::harness {

LanLink::LanLink(sim::Kernel& kernel, std::string name, const LanClient::Settings& settings, sim::Time latency,
                 sim::Time start, LanClient::LocalClock clock, LanServer server, EventSink tell)
    : name_(std::move(name)),
      client_(settings, std::move(clock)),
      server_(std::move(server)),
      tell_(std::move(tell)),
      latency_(latency),
      start_(start),
      alarm_(kernel.make_alarm([this](sim::Time now) { work(now); })) {
  publish(sim::Time{0});
  alarm_.set(start_);
}

void LanLink::register_signals(sim::SignalRegistry& registry) const {
  const auto add = [&](const std::string& signal, const char* description, const double& value) {
    registry.add(name_ + "." + signal, description, &value);
  };
  for (std::size_t phase = 0; phase < 3; ++phase) {
    const std::string l = "l" + std::to_string(phase + 1) + "_";
    add(l + "voltage_ln_rms_v", "as the client has read it", panel_.voltage_ln_v[phase]);
    add(l + "current_a", "as the client has read it, magnitude", panel_.current_a[phase]);
    add(l + "grid_export_w", "as the client has read it", panel_.phase_grid_export_w[phase]);
  }
  add("grid_export_w", "at the meter, sum of phases, as the client has read it", panel_.grid_export_w);
  add("inverter_output_w", "of all inverters, as the client has read it", panel_.inverter_output_w);
  add("load_w", "the client's inverters' power less export", panel_.load_w);
  add("export_limit_w", "as the client knows it", panel_.export_limit_w);
  add("total_capacity_w", "as the client knows it", panel_.total_capacity_w);
  add("control_mode", "as the client knows it: 0 off, 1 DRED, 2 RCR, 3 value", panel_.control_mode);
  add("export_on", "1 while its limit is above its minimum", panel_.export_on);
  add("ready", "1 once its start-up has read the limit", panel_.ready);
  add("powered", "1 while the client lives", panel_.powered);
  add("exchanges", "begun by the client, each a connection", panel_.exchanges);
  add("failed_exchanges", "of those, without the answer expected", panel_.failed_exchanges);
  for (std::size_t service = 0; service < lan_service_count; ++service) {
    const auto kind = static_cast<LanService>(service);
    if (kind == LanService::set_control_mode) continue;
    add("feedback_" + std::string{name_of(kind)}, "bits: 1 OK, 2 .. 128 errors; 0 under way", panel_.feedback[service]);
  }
}

bool LanLink::order(const LanClient::Order& order, sim::Time now) {
  if (!started_ || !client_.view().powered) return false;
  client_.order(order, now);
  carry_out(now);
  return true;
}

void LanLink::switch_on(sim::Time now) {
  if (client_.view().powered) return;
  client_.start(now);
  carry_out(now);
}

void LanLink::die(const LanClient::Death& death, sim::Time now) {
  client_.die(death);
  carry_out(now);
}

void LanLink::work(sim::Time now) {
  if (!started_ && now >= start_) {
    started_ = true;
    if (client_.view().powered) client_.start(now);
    carry_out(now);
  }
  while (!under_way_.empty() && under_way_.front().due <= now) {
    const Event event = std::move(under_way_.front());
    under_way_.pop_front();
    deliver(event, now);
    carry_out(now);
  }
  if (started_ && client_.output().next_wake <= now) {
    client_.woken(now);
    carry_out(now);
  }
  set_alarm();
}

void LanLink::enqueue(Event::Kind kind, std::size_t channel, Connection connection, sim::Time now,
                      std::span<const std::uint8_t> bytes) {
  under_way_.push_back({now + latency_, kind, channel, connection, {bytes.begin(), bytes.end()}});
}

void LanLink::answer(std::size_t channel, Connection connection, std::span<const std::uint8_t> bytes, sim::Time at) {
  if (!server_.there()) return;
  std::vector<std::uint8_t> sent{bytes.begin(), bytes.end()};
  if (spoils_checksums_ && !sent.empty()) sent.back() = static_cast<std::uint8_t>(~sent.back());
  const std::size_t first = splits_answers_ ? sent.size() / 2 : 0;
  const std::span<const std::uint8_t> whole{sent};
  if (first > 0) enqueue(Event::Kind::bytes_in, channel, connection, at, whole.first(first));
  enqueue(Event::Kind::bytes_in, channel, connection, at, whole.subspan(first));
  set_alarm();
}

void LanLink::deliver_to_server(const Event& event, sim::Time now) {
  using Kind = Event::Kind;
  if (!server_.there()) return;
  if (event.kind == Kind::open) {
    LanReceiver receiver;
    receiver.bytes = [this, channel = event.channel, connection = event.connection](
                         std::span<const std::uint8_t> bytes, sim::Time at) { answer(channel, connection, bytes, at); };
    receiver.closed = [this, channel = event.channel, connection = event.connection](sim::Time at) {
      far_ends_.erase(connection);
      if (!server_.there()) return;
      enqueue(Event::Kind::closed, channel, connection, at);
      set_alarm();
    };
    const std::optional<std::size_t> far_end = server_.open(std::move(receiver));
    if (far_end) far_ends_[event.connection] = *far_end;
    enqueue(far_end ? Kind::opened : Kind::refused, event.channel, event.connection, now);
    return;
  }
  const auto far_end = far_ends_.find(event.connection);
  if (far_end == far_ends_.end()) return;
  const std::size_t client = far_end->second;
  if (event.kind == Kind::close) {
    far_ends_.erase(far_end);
    server_.close(client);
  } else {
    server_.send(client, event.bytes);
  }
}

void LanLink::deliver(const Event& event, sim::Time now) {
  using Kind = Event::Kind;
  if (event.kind == Kind::open || event.kind == Kind::bytes_out || event.kind == Kind::close) {
    deliver_to_server(event, now);
    return;
  }
  if (current_[event.channel] != event.connection) return;  // of a connection that the client has left
  if (event.kind == Kind::opened) client_.opened(event.channel, now);
  if (event.kind == Kind::refused) client_.failed(event.channel, now);
  if (event.kind == Kind::bytes_in) client_.bytes_arrived(event.channel, event.bytes, now);
  if (event.kind == Kind::closed) client_.closed(event.channel, now);
}

void LanLink::carry_out(sim::Time now) {
  for (std::size_t k = 0; k < LanClient::channel_count; ++k) {
    const LanClient::Output::Channel& wanted = client_.output().channels[k];
    if (!wanted.bytes.empty()) enqueue(Event::Kind::bytes_out, k, current_[k], now, wanted.bytes);
    if (wanted.close) enqueue(Event::Kind::close, k, std::exchange(current_[k], 0), now);
    if (wanted.open) {
      current_[k] = ++last_connection_;
      enqueue(Event::Kind::open, k, current_[k], now);
    }
  }
  client_.done();
  // A dead client hears nothing of the connections that it has left open.
  if (!client_.view().powered) current_.fill(0);
  publish(now);
  set_alarm();
}

void LanLink::set_alarm() {
  sim::Time next = started_ ? client_.output().next_wake : start_;
  if (!under_way_.empty()) next = std::min(next, under_way_.front().due);
  if (next == sim::Time::max()) {
    alarm_.cancel();
  } else {
    alarm_.set(next);
  }
}

void LanLink::publish(sim::Time now) {
  const LanClient::View& view = client_.view();
  panel_.voltage_ln_v = view.telemetry.voltage_ln_v;
  panel_.current_a = view.telemetry.current_a;
  panel_.phase_grid_export_w = view.telemetry.phase_grid_export_w;
  panel_.grid_export_w = view.telemetry.grid_export_w;
  panel_.inverter_output_w = view.telemetry.inverter_output_w;
  panel_.load_w = view.load_w;
  panel_.export_limit_w = view.export_limit_w;
  panel_.total_capacity_w = view.total_capacity_w;
  panel_.control_mode = static_cast<double>(view.mode);
  panel_.export_on = view.export_on ? 1.0 : 0.0;
  panel_.ready = view.ready ? 1.0 : 0.0;
  panel_.exchanges = view.exchanges;
  panel_.failed_exchanges = view.failed_exchanges;
  const bool powered = view.powered;
  if (!powered && panel_.powered != 0.0) tell_({now, "state", name_, "dead"});
  panel_.powered = powered ? 1.0 : 0.0;
  for (std::size_t service = 0; service < lan_service_count; ++service) {
    const unsigned bits = view.feedback[service];
    const double last = std::exchange(panel_.feedback[service], bits);
    const auto kind = static_cast<LanService>(service);
    // A reading that goes well is no news.
    const bool news = bits != 0 && (last == 0.0 || last != bits) && now > sim::Time{0} && powered &&
                      !(kind == LanService::get_telemetry && bits == feedback::ok);
    if (news) tell_({now, "state", name_ + "." + std::string{name_of(kind)}, text_of_feedback(bits)});
  }
}

}  // namespace hil::harness
