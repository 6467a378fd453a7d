#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/kernel/kernel.h"
#include "sim/wire/modbus_rtu.h"
#include "sim/wire/serial_line.h"
#include "tests/models/site/allocation_count.h"

// Lines of 1, 10 and 32 units in virtual time, each polled by a master that asks the next unit t3.5 after a reply. One
// iteration is a poll of ten registers: two frames.
namespace hil::sim {
namespace {

using models::allocations_so_far;

constexpr std::size_t registers = 10;
constexpr benchmark::IterationCount polls_in_a_batch = 1000;

/// Answers every request with the same registers: what remains is the line.
class SameRegisters : public ModbusServer {
 public:
  std::size_t serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, Time) override {
    reply[0] = request_pdu[0];
    reply[1] = 2 * registers;
    std::fill_n(reply.begin() + 2, 2 * registers, std::uint8_t{0x11});
    return 2 + 2 * registers;
  }
};

/// A line at 9600 baud and its master, who asks only while it has polls to do.
class PolledLine {
 public:
  PolledLine(Kernel& kernel, std::size_t units)
      : kernel_(kernel), line_(kernel, "units" + std::to_string(units), {}), next_poll_(kernel.make_alarm([this](Time) {
          line_.send(requests_[next_]);
          next_ = (next_ + 1) % requests_.size();
        })) {
    for (std::size_t i = 1; i <= units; ++i) {
      const auto address = static_cast<std::uint8_t>(i);
      line_.add_unit({.name = "unit" + std::to_string(i), .address = address, .server = &server_});
      append_crc(requests_.emplace_back(std::vector<std::uint8_t>{address, 3, 0, 0, 0, registers}));
    }
    line_.set_far_side([this](std::span<const std::uint8_t>, Time now) {
      if (--left_ > 0) return next_poll_.set(now + line_.format().t3_5());
      kernel_.stop();
    });
  }

  void poll(benchmark::IterationCount count) {
    left_ = count;
    next_poll_.set(kernel_.now() + line_.format().t3_5());
    kernel_.run(kernel_.now() + std::chrono::hours{1});
  }
  double frames() const { return line_.counters().requests + line_.counters().replies; }

 private:
  Kernel& kernel_;
  SameRegisters server_;
  SerialLine line_;
  std::vector<std::vector<std::uint8_t>> requests_;
  std::size_t next_ = 0;
  benchmark::IterationCount left_ = 0;
  Kernel::Alarm next_poll_;
};

/// All of them on the one kernel that a process can have; a line that is not polled sets no alarm.
struct Lines {
  Kernel kernel{std::chrono::milliseconds{10}};
  PolledLine one{kernel, 1};
  PolledLine ten{kernel, 10};
  PolledLine full{kernel, 32};
};

void rtu_poll(benchmark::State& state) {
  static Lines lines;
  PolledLine& line = state.range(0) == 1 ? lines.one : state.range(0) == 10 ? lines.ten : lines.full;
  line.poll(polls_in_a_batch);  // buffers that grow once
  const double frames_before = line.frames();
  std::uint64_t allocations = 0;
  while (state.KeepRunningBatch(polls_in_a_batch)) {
    const std::uint64_t allocations_before = allocations_so_far();
    line.poll(polls_in_a_batch);
    allocations += allocations_so_far() - allocations_before;
  }
  const double frames = line.frames() - frames_before;
  state.counters["frames_per_s"] = benchmark::Counter(frames, benchmark::Counter::kIsRate);
  state.counters["allocations_per_frame"] = static_cast<double>(allocations) / frames;
}

BENCHMARK(rtu_poll)->Arg(1)->Arg(10)->Arg(32);

}  // namespace
}  // namespace hil::sim
