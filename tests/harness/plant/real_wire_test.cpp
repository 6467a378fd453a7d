#include <gtest/gtest.h>

#include <vector>

#include "sim/wire/modbus_rtu.h"
#include "tests/harness/plant/bench_run.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

/// When the reply of et1 to a read of one register is there, on com1 wired like this.
double reply_at_s(const Bench::Wiring& wiring) {
  Bench bench(scenario_of_tree("goodwe/heater_step_short.xml"), wiring);
  sim::SerialLine& line = bench.line("com1");
  sim::Time heard_at{0};
  line.set_far_side([&](std::span<const std::uint8_t>, sim::Time now) { heard_at = now; });
  std::vector<std::uint8_t> request{1, 3, 0x88, 0xB8, 0, 1};
  sim::append_crc(request);
  bench.kernel().run(10ms);
  line.send(request);
  bench.kernel().run(1s);
  return std::chrono::duration<double>(heard_at - 10ms).count();
}

// The turn-around of the catalogue's GW10K-ET is 50 ms. Where a real wire has taken the time of the characters already,
// what is left to the bench is the silence of 3.5 characters at 9600 baud, 35 / 9600 = 3.646 ms, and the turn-around.
// On a simulated line 8 + 7 characters of 10 bits come on top: 15.625 ms. 1 us: the nanoseconds of characters without
// time.
TEST(RealWire, LeavesSilenceAndTurnaroundToTheBench) {
  const auto on_a_real_wire = in_child<1>([]() -> std::array<double, 1> {
    return {reply_at_s(
        {.controller = false, .open_lines = {"com1"}, .lines_without_time = {}, .lines_on_a_real_wire = {"com1"}})};
  });
  const auto on_a_simulated_one = in_child<1>([]() -> std::array<double, 1> {
    return {reply_at_s(
        {.controller = false, .open_lines = {"com1"}, .lines_without_time = {}, .lines_on_a_real_wire = {}})};
  });
  EXPECT_NEAR(on_a_real_wire[0], 0.053646, 1e-6);
  EXPECT_NEAR(on_a_simulated_one[0], 0.053646 + 0.015625, 1e-6);
}

}  // namespace
}  // namespace hil::harness
