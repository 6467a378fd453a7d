#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/kernel/kernel.h"
#include "sim/wire/modbus_rtu.h"
#include "sim/wire/serial_line.h"

namespace hil::sim::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes with_crc(Bytes frame) {
  append_crc(frame);
  return frame;
}

/// Function 03 for `count` registers from 0 on: eight bytes.
inline Bytes read_request(std::uint8_t address, int count) {
  return with_crc({address, 3, 0, 0, static_cast<std::uint8_t>(count >> 8), static_cast<std::uint8_t>(count & 0xFF)});
}

/// Answers function 03 with registers that all hold `word`: 2 + 2n bytes of PDU.
class ConstantServer : public ModbusServer {
 public:
  explicit ConstantServer(std::uint8_t word = 0x11) : word_(word) {}
  std::size_t serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, Time now) override {
    ++served;
    served_at = now;
    const std::size_t data = 2u * request_pdu[4];
    reply[0] = request_pdu[0];
    reply[1] = static_cast<std::uint8_t>(data);
    std::fill_n(reply.begin() + 2, data, word_);
    return 2 + data;
  }
  int served = 0;
  Time served_at{0};

 private:
  std::uint8_t word_;
};

/// One line with a master that sends by a script and keeps what it hears, and a monitor that keeps every frame.
struct LineRig {
  struct Heard {
    Bytes bytes;
    Time at;
  };
  struct Frame {
    Bytes bytes;
    Time begin;
    Time end;
    bool from_far_side;
    bool garbled;
    WireMarks marks;
  };

  explicit LineRig(const SerialFormat& format = {}) : line(kernel, "com1", format) {
    line.set_far_side([this](std::span<const std::uint8_t> bytes, Time now) {
      heard.push_back({Bytes(bytes.begin(), bytes.end()), now});
      if (on_heard) on_heard(now);
    });
    line.add_monitor([this](const SerialLine::FrameRecord& record) {
      frames.push_back({Bytes(record.bytes.begin(), record.bytes.end()), record.begin, record.end, record.from_far_side,
                        record.garbled, record.marks});
    });
  }

  void add_unit(const std::string& name, std::uint8_t address, ModbusServer& server, Time turnaround = Time{0}) {
    line.add_unit({.name = name, .address = address, .server = &server, .turnaround = turnaround});
  }

  void change(const std::string& unit, const std::function<void(UnitCondition&)>& what) {
    UnitCondition condition = line.condition(unit);
    what(condition);
    line.set_condition(unit, condition);
  }
  void set_silent(const std::string& unit, bool silent) {
    change(unit, [silent](UnitCondition& condition) { condition.silent = silent; });
  }

  void send_at(Time at, Bytes bytes) {
    script_.emplace_back(at, std::move(bytes));
    master_.set(script_.front().first);
  }

  Kernel kernel{std::chrono::milliseconds{10}};
  SerialLine line;
  std::vector<Heard> heard;
  std::vector<Frame> frames;
  std::function<void(Time)> on_heard;

 private:
  std::vector<std::pair<Time, Bytes>> script_;  ///< ascending
  std::size_t next_ = 0;
  Kernel::Alarm master_ = kernel.make_alarm([this](Time) {
    line.send(script_[next_++].second);
    if (next_ < script_.size()) master_.set(script_[next_].first);
  });
};

}  // namespace hil::sim::test
