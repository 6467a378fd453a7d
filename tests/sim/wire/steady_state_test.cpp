#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "sim/wire/can_bus.h"
#include "tests/sim/wire/line_rig.h"

namespace {
// Every allocation of this test program by new, the SystemC library's included.
std::size_t allocations = 0;
}  // namespace

// Not inlined: GCC 12 takes the inlined malloc for a mismatch with delete.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::Bytes;
using test::ConstantServer;
using test::read_request;

// The first second is for buffers that grow once; in the 59 after it 1,180 frames and 5,900 steps take no memory.
TEST(SteadyState, OfStepsAlarmsAndFramesAllocatesNothing) {
  Kernel kernel{10ms};
  SerialLine line{kernel, "com1", {}};
  ConstantServer server;
  line.add_unit({.name = "et1", .address = 11, .server = &server, .turnaround = 5ms});
  line.add_unit({.name = "et2", .address = 11, .server = &server, .turnaround = 7ms});  // collides each time
  const Bytes request = read_request(11, 10);
  Kernel::Alarm master = kernel.make_alarm([&](Time now) {
    line.send(request);
    master.set(now + 100ms);
  });
  std::size_t before = 0;
  std::size_t after = 0;
  kernel.each_step(StepPhase::record, [&](Time now) {
    if (now == 1s) before = allocations;
    if (now == 60s) after = allocations;
  });
  master.set(0ms);
  kernel.run(60s);
  EXPECT_EQ(line.counters().requests, 600.0);  // at 0, 0.1, ... 59.9 s; the one of 60 s is still on the wire
  EXPECT_EQ(after - before, 0u);
}

// The same with everything wrong at once that leaves the master something to hear.
TEST(SteadyState, OfTroubledFramesAllocatesNothing) {
  Kernel kernel{10ms};
  SerialLine line{kernel, "com1", {}, 7};
  ConstantServer server;
  for (const std::uint8_t address : {std::uint8_t{11}, std::uint8_t{12}}) {
    line.add_unit({.name = "et" + std::to_string(address), .address = address, .server = &server, .turnaround = 5ms});
  }
  UnitCondition condition;
  condition.byte_error_rate = 0.01;
  condition.slow_release = 1ms;
  for (auto& setting : condition.replies.settings) setting = {.probability = 0.3, .number = 5, .time = 3ms};
  line.set_condition("et11", condition);
  condition.format = SerialFormat{.stop_bits = 2};
  line.set_condition("et12", condition);
  line.set_condition(LineCondition{.echo = true, .byte_error_rate = 0.001, .stray_bytes_per_s = 5.0});
  const Bytes request = read_request(11, 10);
  const Bytes other = read_request(12, 10);
  std::size_t heard = 0;
  line.set_far_side([&](std::span<const std::uint8_t> bytes, Time) { heard += bytes.size(); });
  bool odd = false;
  Kernel::Alarm master = kernel.make_alarm([&](Time now) {
    line.send(odd ? other : request);
    odd = !odd;
    master.set(now + 100ms);
  });
  std::size_t before = 0;
  std::size_t after = 0;
  kernel.each_step(StepPhase::record, [&](Time now) {
    if (now == 1s) before = allocations;
    if (now == 60s) after = allocations;
  });
  master.set(0ms);
  kernel.run(60s);
  EXPECT_GT(heard, 10'000u);
  EXPECT_EQ(after - before, 0u);
}

// Frames, collisions of one identifier, bus-off and the way back.
TEST(SteadyState, OfACanBusAllocatesNothing) {
  Kernel kernel{10ms};
  CanBus can{kernel, 500'000, 7};
  std::size_t heard = 0;
  for (std::size_t node = 0; node < 4; ++node) {
    can.add_node("node", [&heard](const CanFrame&, Time) { ++heard; });
  }
  can.set_error_rate(0.05);
  Kernel::Alarm talk = kernel.make_alarm([&](Time now) {
    for (std::uint8_t node = 0; node < 4; ++node) can.send(node, CanFrame{.id = 7, .length = 1, .data = {node}});
    can.send(0, CanFrame{.id = 1});
    talk.set(now + 20ms);
  });
  std::size_t before = 0;
  std::size_t after = 0;
  kernel.each_step(StepPhase::record, [&](Time now) {
    if (now == 1s) before = allocations;
    if (now == 10s) after = allocations;
  });
  talk.set(0ms);
  kernel.run(10s);
  EXPECT_GT(heard, 500u);
  EXPECT_GT(can.counters(1).bus_off, 10.0);
  EXPECT_EQ(after - before, 0u);
}

}  // namespace
}  // namespace hil::sim
