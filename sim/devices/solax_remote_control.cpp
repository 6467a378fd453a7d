#include "sim/devices/solax_remote_control.h"

#include <cmath>
#include <utility>
#include <vector>

namespace hil::sim {
namespace {

constexpr double highest_w = 500e3;  // of a system; assumed
constexpr double highest_wh = 4e9;
constexpr double highest_word = 65535.0;
constexpr double least_timeout_s = 4.0;
constexpr double new_layout_from = 100.0;  // protocol version
constexpr double highest_percent = 100.0;

bool is_timeout(double value_s) {
  return value_s == 0.0 || value_s >= least_timeout_s;
}

}  // namespace

SolaxRemoteControl::SolaxRemoteControl(double protocol_version)
    : has_new_layout_(protocol_version >= new_layout_from) {}

void SolaxRemoteControl::publish(DeviceFace& face, const std::function<DeviceFace::Reception()>& receive) {
  const auto setting = [&](const char* name, double* value, double lowest, double highest) {
    face.setting(name, value, lowest, highest);
    face.receive_by(receive);
  };
  const auto choice = [&](const char* name, double* value, std::vector<double> allowed) {
    face.choice(name, value, std::move(allowed));
    face.receive_by(receive);
  };
  choice("remote_mode", &written_.mode, {0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0});
  face.when_written([this] { take_block(); });
  choice("remote_set", &written_.set, {1.0, 2.0});
  setting("remote_active_w", &written_.active_w, -highest_w, highest_w);
  setting("remote_reactive_var", &written_.reactive_var, -highest_w, highest_w);
  setting("remote_duration_s", &written_.duration_s, 0.0, highest_word);
  setting("remote_target_soc", &written_.target_soc, 0.0, 1.0);
  setting("remote_target_wh", &written_.target_wh, 0.0, highest_wh);
  setting("remote_charge_w", &written_.charge_w, -highest_w, highest_w);
  setting("remote_timeout_s", &written_.timeout_s, 0.0, highest_word);
  face.accept_if(is_timeout);
  setting("remote_push_w", &written_.push_w, -highest_w, highest_w);

  choice("individual_mode", &written_.individual_mode, {0.0, 8.0, 9.0});
  face.when_written([this] { take_individual(); });
  choice("individual_set", &written_.individual_set, {1.0, 2.0});
  setting("individual_pv_limit_w", &written_.individual_pv_limit_w, 0.0, highest_wh);
  setting("individual_push_w", &written_.individual_push_w, -highest_w, highest_w);
  setting("individual_third", &written_.individual_third, 0.0, highest_word);
  if (has_new_layout_) {
    face.accept_if(is_timeout);
    choice("individual_fourth", &written_.individual_fourth, {160.0, 161.0});
  } else {
    setting("individual_fourth", &written_.individual_fourth, 0.0, highest_word);
    face.accept_if(is_timeout);
  }

  face.signal("remote_mode_in_force", &mode_);
  face.signal("remote_reached", &reached_);
  face.signal("remote_target_active_w", &order_.import_w);
  face.signal("remote_target_reactive_var", &order_.inductive_var);
  face.signal("remote_target_energy_wh", &order_.target_wh);
  face.signal("remote_target_charge_w", &order_.charge_w);
  face.signal("remote_duration_now_s", &order_.duration_s);
  face.signal("remote_target_soc_now", &order_.target_soc);
  face.signal("remote_timeout_now_s", &order_.timeout_s);
}

void SolaxRemoteControl::take_block() {
  Order asked;
  asked.mode = static_cast<Mode>(static_cast<int>(written_.mode));
  asked.import_w = written_.active_w;
  asked.inductive_var = written_.reactive_var;
  asked.charge_w = asked.mode == Mode::push_power ? -written_.push_w : written_.charge_w;
  asked.target_wh = written_.target_wh;
  asked.target_soc = written_.target_soc;
  asked.duration_s = written_.duration_s;
  asked.timeout_s = written_.timeout_s;
  take(asked, written_.set == 2.0);
}

void SolaxRemoteControl::take_individual() {
  Order asked;
  asked.mode = static_cast<Mode>(static_cast<int>(written_.individual_mode));
  asked.pv_limit_w = written_.individual_pv_limit_w;
  asked.charge_w = -written_.individual_push_w;
  if (has_new_layout_) {
    asked.timeout_s = written_.individual_third;
    // Without a place for a target it goes on until full or empty.
    asked.target_soc = asked.charge_w > 0.0 ? 1.0 : 0.0;
  } else {
    asked.timeout_s = written_.individual_fourth;
    if (asked.mode == Mode::individual_soc) {
      asked.target_soc = written_.individual_third / highest_percent;
    } else {
      asked.duration_s = written_.individual_third;
    }
  }
  take(asked, written_.individual_set == 2.0);
}

void SolaxRemoteControl::take(const Order& asked, bool after_running) {
  written_at_ = now_;
  if (asked.mode == Mode::off) return stop();
  if (after_running && order() != nullptr && order_.duration_s > 0.0) {
    next_ = asked;
  } else {
    begin(asked);
  }
}

void SolaxRemoteControl::begin(const Order& asked) {
  order_ = asked;
  next_.reset();
  began_at_ = now_;
  begins_ = true;
  reached_ = 0.0;
  mode_ = static_cast<double>(order_.mode);
}

void SolaxRemoteControl::stop() {
  begin({});
}

void SolaxRemoteControl::advance(Time now, double soc, double charged_wh) {
  now_ = now;
  if (order() == nullptr) return;
  if (begins_) charged_wh_ = charged_wh;
  begins_ = false;
  const auto past = [&](Time since, double limit_s) {
    return limit_s > 0.0 && std::chrono::duration<double>{now - since}.count() >= limit_s;
  };
  if (past(written_at_, order_.timeout_s)) return stop();
  if (past(began_at_, order_.duration_s)) {
    if (!next_) return stop();
    begin(Order{*next_});
    return;
  }
  if (reaches(soc, charged_wh)) reached_ = 1.0;
}

bool SolaxRemoteControl::reaches(double soc, double charged_wh) const {
  if (order_.mode == Mode::energy) return std::abs(charged_wh - charged_wh_) >= order_.target_wh;
  if (order_.mode != Mode::soc && order_.mode != Mode::individual_soc) return false;
  return order_.charge_w >= 0.0 ? soc >= order_.target_soc : soc <= order_.target_soc;
}

}  // namespace hil::sim
