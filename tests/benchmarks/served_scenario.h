#pragma once

#include <pthread.h>

#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "harness/live/paced_loop.h"
#include "harness/plant/bench.h"
#include "harness/scenario/reader.h"
#include "tests/benchmarks/two_sides.h"

namespace hil::harness {

/// A scenario in paced time, with all its plant but without a controller, in a thread of its own. For the whole
/// program: there is one kernel in a process.
template <typename Address>
class ServedScenario {
 public:
  /// `open(loop, bench)` gives what serves, as a pointer, and where it is found. Throws what that throws.
  template <typename Open>
  ServedScenario(Bench::Wiring wiring, Open open) {
    std::promise<Address> opened;
    std::future<Address> address = opened.get_future();
    std::thread thread([promise = std::move(opened), wiring = std::move(wiring), open]() mutable {
      serve(std::move(promise), wiring, open);
    });
    handle_ = thread.native_handle();
    thread.detach();
    address_ = address.get();
  }
  const Address& address() const { return address_; }
  pthread_t thread() const { return handle_; }

 private:
  template <typename Open>
  static void serve(std::promise<Address> opened, const Bench::Wiring& wiring, Open open) {
    stay_on(server_processor);
    try {
      const std::string library = HILBENCH_SOURCE_DIR "/scenarios";
      Diagnostics diagnostics;
      const auto scenario = read_scenario(library + "/goodwe/heater_step_zero_export.xml", library, diagnostics);
      if (!scenario) throw std::runtime_error("the scenario cannot be read");
      Bench bench(*scenario, wiring);
      PacedLoop loop(bench.kernel(), 1.0);
      const auto [endpoint, address] = open(loop, bench);
      opened.set_value(address);
      loop.run(std::chrono::hours{10});
    } catch (...) {
      opened.set_exception(std::current_exception());
    }
  }

  pthread_t handle_{};
  Address address_{};
};

}  // namespace hil::harness
