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
  Kernel::Implementation& kernel;
  std::function<void(Time)> action;
  Time at = Time::max();        ///< Time::max(): not set
  std::uint64_t due_round = 0;  ///< first round of the dispatcher that may fire it

  Implementation(Kernel::Implementation& owner, std::function<void(Time)> what)
      : kernel(owner), action(std::move(what)) {}
  bool is_set() const { return at != Time::max(); }
};

/// Order of one instant T, in evaluation rounds ("deltas") of SystemC:
///
///   1. the step;
///   2. the dispatcher fires the alarms of T, in the order of creation;
///   3. ... the same for what was set to T or earlier meanwhile, until nothing is due.
///
/// One event wakes the dispatcher for the earliest alarm. It puts itself off while the step of T is still to come.
struct Kernel::Implementation : sc_core::sc_module {
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
    acting_ = true;
    try {
      for (const StepAction& action : actions_) action.act(now);
    } catch (...) {
      fail();
      return;
    }
    acting_ = false;
    ++steps_;
    next_step_at_ += step_;
    next_trigger(step_as_sc_time_);
    if (alarms_moved_) wake_dispatcher();
  }

  void dispatch() {
    dispatch_at_ = Time::max();
    if (failure_) return;
    const Time now = present();
    if (next_step_at_ == now) {
      wake_dispatcher();
      return;
    }
    ++round_;
    acting_ = true;
    try {
      for (const auto& alarm : alarms_) {
        if (alarm->at > now || alarm->due_round > round_) continue;
        alarm->at = Time::max();
        ++alarms_fired_;
        alarm->action(now);
      }
    } catch (...) {
      fail();
      return;
    }
    acting_ = false;
    wake_dispatcher();
  }

  /// An alarm was set or cancelled. While actions run, the dispatcher waits for what else they do.
  void alarm_moved() {
    alarms_moved_ = true;
    if (!acting_ && started_) wake_dispatcher();
  }

  /// Has the dispatcher run at the instant of the earliest alarm.
  void wake_dispatcher() {
    alarms_moved_ = false;
    Time earliest = Time::max();
    for (const auto& alarm : alarms_) earliest = std::min(earliest, alarm->at);
    const Time now = present();
    if (earliest < now) earliest = now;
    if (earliest == dispatch_at_) return;
    dispatch_event_.cancel();
    dispatch_at_ = earliest;
    if (earliest == Time::max()) return;
    dispatch_event_.notify(to_sc_time(earliest - now));
  }

  /// Lets the present instant come to rest, then leaves sc_start().
  void finish() {
    if (failure_) return;
    const std::uint64_t activity = steps_ + round_;
    const bool at_rest =
        activity == activity_at_last_look_ && next_step_at_ != present() &&
        std::none_of(alarms_.begin(), alarms_.end(), [](const auto& alarm) { return alarm->at <= present(); });
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
    wake_dispatcher();
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
  Time dispatch_at_ = Time::max();  ///< that dispatch_event_ is notified for
  bool acting_ = false;             ///< actions of a step or of alarms are under way
  bool alarms_moved_ = false;       ///< since dispatch_event_ was looked at last
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
  implementation_->alarms_.push_back(std::make_unique<Alarm::Implementation>(*implementation_, std::move(action)));
  return Alarm(*implementation_->alarms_.back());
}

void Kernel::Alarm::set(Time at) {
  Kernel::Implementation& kernel = implementation_->kernel;
  implementation_->at = at;
  implementation_->due_round = at <= present() ? kernel.round_ + 1 : 0;
  kernel.alarm_moved();
}

void Kernel::Alarm::cancel() {
  implementation_->at = Time::max();
  implementation_->kernel.alarm_moved();
}

bool Kernel::Alarm::is_set() const {
  return implementation_->is_set();
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
