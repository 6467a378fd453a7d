#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace hil::sim {

using Time = std::chrono::nanoseconds;  ///< virtual time since the start of the run

/// Order inside one step. Within a phase, in the order of registration.
enum class StepPhase : unsigned char {
  timeline,  ///< scenario events and faults
  latch,     ///< devices take over the commands that arrived since the last step
  plant,     ///< the plant advances by one step
  refresh,   ///< meters and register images, each at its own period
  checks,    ///< expectations and invariants
  record,    ///< trace and events
};

/// Virtual time on the SystemC kernel: one SC_METHOD for the plant step, one for all alarms.
///
/// The steps happen at 0, step, 2 step, ... The plant advances *to* the instant of the step (not at 0).
/// At one and the same instant the step comes before every alarm; alarms follow in the order in which they
/// were created. A process can hold one Kernel only, once: SystemC cannot elaborate twice.
class Kernel {
 public:
  /// Throws std::invalid_argument for a step <= 0, std::logic_error for the second Kernel of a process.
  explicit Kernel(Time step);
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  Time now() const;
  Time step() const;

  /// Before run(), std::logic_error after. `action` gets the present instant.
  void each_step(StepPhase phase, std::function<void(Time)> action);

  /// A one-shot timer, created before run(), then set and cancelled at will.
  class Alarm {
   public:
    /// Fires at `at`; at or before now: after everything else of this instant. Replaces what was set.
    void set(Time at);
    void cancel();
    bool is_set() const;

   private:
    friend class Kernel;
    struct Implementation;
    explicit Alarm(Implementation& implementation) : implementation_(&implementation) {}
    Implementation* implementation_;
  };
  Alarm make_alarm(std::function<void(Time)> action);

  /// Runs until `end` (its step and alarms included) or until stop(); a later call goes on from there. An exception
  /// thrown by an action ends the run at once and for good and leaves here. Throws std::invalid_argument for an end
  /// in the past.
  void run(Time end);
  /// Ends the run after the present instant.
  void stop();
  /// When the next step or alarm is due, between two calls of run(); now() before the first.
  Time next_activity() const;

  std::uint64_t steps() const;         ///< done so far
  std::uint64_t alarms_fired() const;  ///< counters for benchmarks and the run's summary

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace hil::sim
