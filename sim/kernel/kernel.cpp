// Before <systemc>: it leaves sc_spawn out otherwise.
#define SC_INCLUDE_DYNAMIC_PROCESSES

#include "sim/kernel/kernel.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <stdexcept>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

namespace hil::sim {

namespace {

// One unit of sc_time is 1 ns here, so the raw value is the count of Time.
sc_core::sc_time to_sc_time(Time time) {
  return sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(time.count()));
}

Time present() {
  return Time{static_cast<Time::rep>(sc_core::sc_time_stamp().value())};
}

/// Silent and strict: no notes on stdout, a warning of the kernel is an error of ours. Once in a process.
void set_up_systemc() {
  static bool taken = false;
  if (taken) throw std::logic_error("this process has had its Kernel: SystemC cannot elaborate twice");
  taken = true;
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
  sc_core::sc_set_time_resolution(1.0, sc_core::SC_NS);
}

}  // namespace

struct Kernel::Alarm::Implementation {
  enum class State : unsigned char { idle, waiting, due };

  Kernel::Implementation& kernel;
  std::function<void(Time)> action;
  Time at{0};
  State state = State::idle;
  std::uint64_t due_round = 0;  ///< first round of the dispatcher that may fire it
  sc_core::sc_event expiry;

  Implementation(Kernel::Implementation& owner, std::function<void(Time)> what)
      : kernel(owner), action(std::move(what)), expiry(sc_core::sc_gen_unique_name("expiry")) {}
};

/// Order of one instant T, in evaluation rounds ("deltas") of SystemC:
///
///   1. the step, and in any order beside it every alarm that expires at T marks itself due;
///   2. the dispatcher fires what is due, in the order of creation;
///   3. ... the same for what was set to T or earlier meanwhile, until nothing is due.
///
/// The dispatcher puts itself off while the step of T is still to come.
struct Kernel::Implementation : sc_core::sc_module {
  using AlarmState = Alarm::Implementation::State;
  struct StepAction {
    StepPhase phase;
    std::function<void(Time)> act;
  };

  SC_HAS_PROCESS(Implementation);
  Implementation(const sc_core::sc_module_name& module_name, Time step) : sc_core::sc_module(module_name), step_(step) {
    SC_METHOD(make_step);
    SC_METHOD(dispatch);
    sensitive << dispatch_event_;
    dont_initialize();
    SC_METHOD(finish);
    sensitive << finish_event_;
    dont_initialize();
  }

  void make_step() {
    if (failure_) return;
    const Time now = present();
    try {
      for (const StepAction& action : actions_) action.act(now);
    } catch (...) {
      fail();
      return;
    }
    ++steps_;
    next_step_at_ += step_;
    next_trigger(step_as_sc_time_);
  }

  void dispatch() {
    if (failure_) return;
    const Time now = present();
    if (next_step_at_ == now) {
      dispatch_event_.notify(sc_core::SC_ZERO_TIME);
      return;
    }
    ++round_;
    try {
      for (const auto& alarm : alarms_) {
        if (alarm->state != AlarmState::due || alarm->due_round > round_) continue;
        alarm->state = AlarmState::idle;
        ++alarms_fired_;
        alarm->action(now);
      }
    } catch (...) {
      fail();
    }
  }

  /// The step of this instant may have cancelled or moved the alarm when its event was under way already.
  void expire(Alarm::Implementation& alarm) {
    if (failure_ || alarm.state != AlarmState::waiting || alarm.at > present()) return;
    make_due(alarm);
  }

  void make_due(Alarm::Implementation& alarm) {
    alarm.state = AlarmState::due;
    alarm.due_round = round_ + 1;
    dispatch_event_.notify(sc_core::SC_ZERO_TIME);
  }

  void arm(Alarm::Implementation& alarm) {
    const Time now = present();
    if (alarm.at <= now) {
      make_due(alarm);
    } else {
      alarm.state = AlarmState::waiting;
      alarm.expiry.notify(to_sc_time(alarm.at - now));
    }
  }

  /// Lets the present instant come to rest, then leaves sc_start().
  void finish() {
    if (failure_) return;
    const std::uint64_t activity = steps_ + round_;
    const bool at_rest =
        activity == activity_at_last_look_ && next_step_at_ != present() &&
        std::none_of(alarms_.begin(), alarms_.end(), [](const auto& alarm) { return alarm->state == AlarmState::due; });
    activity_at_last_look_ = activity;
    if (at_rest) {
      sc_core::sc_pause();
    } else {
      next_trigger(sc_core::SC_ZERO_TIME);
    }
  }

  /// Keeps the exception in flight for run(): SystemC would print it and lose its type.
  void fail() {
    failure_ = std::current_exception();
    sc_core::sc_pause();
  }

  void start() {
    started_ = true;
    std::stable_sort(actions_.begin(), actions_.end(),
                     [](const StepAction& a, const StepAction& b) { return a.phase < b.phase; });
    for (const auto& alarm : alarms_) {
      if (alarm->state == AlarmState::waiting) arm(*alarm);
    }
  }

  void require_not_started(const char* what) const {
    if (started_) throw std::logic_error(std::string(what) + " after run(): the kernel is elaborated by then");
  }

  const Time step_;
  const sc_core::sc_time step_as_sc_time_ = to_sc_time(step_);
  std::vector<StepAction> actions_;  ///< by phase, then registration, once started
  std::vector<std::unique_ptr<Alarm::Implementation>> alarms_;
  sc_core::sc_event dispatch_event_{"dispatch_event"};
  sc_core::sc_event finish_event_{"finish_event"};
  std::exception_ptr failure_;
  Time next_step_at_{0};
  std::uint64_t steps_ = 0;
  std::uint64_t alarms_fired_ = 0;
  std::uint64_t round_ = 0;  ///< of the dispatcher
  std::uint64_t activity_at_last_look_ = 0;
  bool started_ = false;
  bool running_ = false;
};

Kernel::Kernel(Time step) {
  if (step <= Time::zero()) {
    throw std::invalid_argument("step is " + std::to_string(step.count()) + " ns, must be > 0");
  }
  set_up_systemc();
  implementation_ = std::make_unique<Implementation>("kernel", step);
}

Kernel::~Kernel() = default;

Time Kernel::now() const {
  return present();
}

Time Kernel::step() const {
  return implementation_->step_;
}

void Kernel::each_step(StepPhase phase, std::function<void(Time)> action) {
  implementation_->require_not_started("each_step()");
  implementation_->actions_.push_back({phase, std::move(action)});
}

Kernel::Alarm Kernel::make_alarm(std::function<void(Time)> action) {
  implementation_->require_not_started("make_alarm()");
  auto& alarm = *implementation_->alarms_.emplace_back(
      std::make_unique<Alarm::Implementation>(*implementation_, std::move(action)));
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.dont_initialize();
  options.set_sensitivity(&alarm.expiry);
  sc_core::sc_spawn([&alarm] { alarm.kernel.expire(alarm); }, sc_core::sc_gen_unique_name("alarm"), &options);
  return Alarm(alarm);
}

void Kernel::Alarm::set(Time at) {
  cancel();
  implementation_->at = at;
  if (implementation_->kernel.started_) {
    implementation_->kernel.arm(*implementation_);
  } else {
    implementation_->state = Implementation::State::waiting;
  }
}

void Kernel::Alarm::cancel() {
  if (implementation_->state == Implementation::State::waiting) implementation_->expiry.cancel();
  implementation_->state = Implementation::State::idle;
}

bool Kernel::Alarm::is_set() const {
  return implementation_->state != Implementation::State::idle;
}

void Kernel::run(Time end) {
  Implementation& kernel = *implementation_;
  if (kernel.failure_) throw std::logic_error("run() after an action has thrown");
  if (kernel.running_) throw std::logic_error("run() inside run()");
  if (end < now()) {
    throw std::invalid_argument("end is " + std::to_string(end.count()) + " ns, must be >= now, " +
                                std::to_string(now().count()) + " ns");
  }
  if (!kernel.started_) kernel.start();
  kernel.activity_at_last_look_ = std::numeric_limits<std::uint64_t>::max();
  kernel.finish_event_.notify(to_sc_time(end - now()));
  kernel.running_ = true;
  sc_core::sc_start();
  kernel.running_ = false;
  kernel.finish_event_.cancel();
  if (kernel.failure_) std::rethrow_exception(kernel.failure_);
}

void Kernel::stop() {
  if (!implementation_->running_) return;
  implementation_->finish_event_.cancel();
  implementation_->finish_event_.notify(sc_core::SC_ZERO_TIME);
}

Time Kernel::next_activity() const {
  if (!implementation_->started_) return now();
  return now() + Time{static_cast<Time::rep>(sc_core::sc_time_to_pending_activity().value())};
}

std::uint64_t Kernel::steps() const {
  return implementation_->steps_;
}

std::uint64_t Kernel::alarms_fired() const {
  return implementation_->alarms_fired_;
}

}  // namespace hil::sim
