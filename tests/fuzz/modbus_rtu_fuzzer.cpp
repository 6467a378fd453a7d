// A master that sends anything on an RS485 line with three devices: bytes with any pauses between them, requests while
// others answer. Pieces: `how` / 8 says how long the line is left alone before the bytes (none, up to t1.5, up to t3.5,
// beyond), `how` % 8 how much of that.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <vector>

#include "sim/kernel/kernel.h"
#include "sim/wire/serial_line.h"
#include "tests/fuzz/entry.h"
#include "tests/fuzz/finding.h"
#include "tests/fuzz/frames.h"
#include "tests/fuzz/fuzzed_device.h"
#include "tests/fuzz/mutator.h"
#include "tests/fuzz/pieces.h"

namespace hil::fuzz {
namespace {

using namespace std::chrono_literals;
using sim::Time;

constexpr std::array<std::uint8_t, 3> addresses{1, 2, 247};
constexpr std::array<std::uint8_t, 5> units{1, 2, 247, 0, 4};
constexpr std::size_t strict = 1;       // the unit that voids a frame with a gap beyond t1.5
constexpr Time turnaround = 5ms;        // another master's stand-in for an ET (goodwe-et-modbus 10)
constexpr Time longest_answer = 280ms;  // t3.5, turn-around and 256 characters at 9600 baud take 275.3 ms
constexpr Time silence = 2 * longest_answer;
constexpr Time kernel_step = 1h;  // nothing hangs on it: the plants stand still

class Bus {
 public:
  Bus() : line_(kernel_, "com1", {}) {
    for (std::size_t i = 0; i < units_.size(); ++i) {
      units_[i].bus = this;
      units_[i].address = addresses[i];
      line_.add_unit(
          {.name = fmt::format("et{}", i), .address = addresses[i], .server = &units_[i], .turnaround = turnaround});
    }
    sim::UnitCondition condition;
    condition.strict_gaps = true;
    line_.set_condition(fmt::format("et{}", strict), condition);
    line_.set_far_side([this](Frame bytes, Time now) { hear(bytes, now); });
    fall_silent();
  }

  void run(Frame input) {
    sent_.clear();
    frame_begin_ = 0;
    PieceReader reader(input);
    std::uint8_t how = 0;
    Frame bytes;
    while (reader.next(how, bytes)) send(pause_of(how), bytes);
    fall_silent();
    const std::uint64_t draw = draw_of(input);
    require_good_read(units_[draw % units_.size()]);
    for (Unit& unit : units_) unit.device.end_input(draw);
  }

 private:
  struct Unit : sim::ModbusServer {
    std::size_t serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, Time now) override {
      const std::size_t length = device.serve(request_pdu, reply, now);
      bus->note_served(*this, request_pdu);
      return length;
    }
    Bus* bus = nullptr;
    std::uint8_t address = 0;
    FuzzedDevice device;
  };

  Time pause_of(std::uint8_t how) const {
    const Time::rep share = how % 8;
    const Time t1_5 = line_.format().t1_5();
    const Time t3_5 = line_.format().t3_5();
    switch (how / 8) {
      case 0:
        return Time{0};
      case 1:
        return t1_5 * (share + 1) / 8;  // up to t1.5 itself
      case 2:
        return t1_5 + (t3_5 - t1_5) * (share + 1) / 9;
      default:
        return t3_5 + 8ms * share * share;  // 0 .. 392 ms: from the next frame to after the longest answer
    }
  }

  void send(Time pause, Frame bytes) {
    if (bytes.empty()) return;
    const Time t3_5 = line_.format().t3_5();
    const Time at = std::max(kernel_.now(), sent_until_ + pause);
    kernel_.run(at);
    const Time quiet = at - sent_until_;
    if (quiet >= t3_5) end_frame();
    if (sent_.size() == frame_begin_) {
      clean_ = awaited_.empty() && at - heard_until_ >= t3_5;
      gap_ = Time{0};
    } else {
      gap_ = std::max(gap_, quiet);
    }
    if (!awaited_.empty()) disturbed_ = true;
    sent_.insert(sent_.end(), bytes.begin(), bytes.end());
    line_.send(bytes);
    // A piece that prolongs a run of characters is rounded with the whole run.
    if (quiet == Time{0} && sent_.size() > frame_begin_ + bytes.size()) {
      run_length_ += static_cast<long>(bytes.size());
    } else {
      run_begin_ = at;
      run_length_ = static_cast<long>(bytes.size());
    }
    sent_until_ = run_begin_ + line_.format().characters(run_length_);
  }

  /// After the t3.5 that end it: whether those have served it who had to.
  void end_frame() {
    const Frame frame = Frame(sent_).subspan(frame_begin_);
    if (!frame.empty() && clean_) {
      for (std::size_t i = 0; i < units_.size(); ++i) {
        const bool hears = is_sound_rtu(frame) && (frame[0] == 0 || frame[0] == addresses[i]) &&
                           (i != strict || gap_ <= line_.format().t1_5());
        if (served_by_[i] != (hears ? 1 : 0)) {
          report_finding(fmt::format("unit {} serves {} times {}", addresses[i], served_by_[i], hex(frame)));
        }
      }
    }
    served_by_ = {};
    frame_begin_ = sent_.size();
    if (awaited_.empty()) {
      disturbed_ = false;
    } else if (kernel_.now() - sent_until_ >= longest_answer) {
      if (!disturbed_) report_finding("no answer to " + hex(awaited_.front()));
      awaited_.clear();
      disturbed_ = false;
    }
  }

  /// Called while a unit serves. What reaches it must have been sent, to it or to all, with its CRC.
  void note_served(const Unit& unit, Frame pdu) {
    std::vector<std::uint8_t> frame{unit.address};
    frame.insert(frame.end(), pdu.begin(), pdu.end());
    frame = with_crc(std::move(frame));
    std::vector<std::uint8_t> to_all{0};
    to_all.insert(to_all.end(), pdu.begin(), pdu.end());
    to_all = with_crc(std::move(to_all));
    const std::size_t from = clean_ ? frame_begin_ : 0;
    const bool to_it = was_sent(frame, from);
    if (!to_it && !was_sent(to_all, from)) {
      report_finding(fmt::format("unit {} serves {}, which nobody sent", unit.address, hex(pdu)));
    }
    ++served_by_[static_cast<std::size_t>(&unit - units_.data())];
    if (!to_it) return;
    if (!clean_ || !awaited_.empty()) disturbed_ = true;
    awaited_.push_back(std::move(frame));
  }

  bool was_sent(const std::vector<std::uint8_t>& frame, std::size_t from) const {
    const auto begin = sent_.begin() + static_cast<std::ptrdiff_t>(from);
    return std::search(begin, sent_.end(), frame.begin(), frame.end()) != sent_.end();
  }

  void hear(Frame bytes, Time now) {
    heard_until_ = now;
    heard_.assign(bytes.begin(), bytes.end());
    if (awaited_.empty()) report_finding("nobody asked for " + hex(bytes));
    if (!disturbed_) {
      const std::string fault = fault_of_rtu_reply(awaited_.front(), bytes);
      if (!fault.empty()) report_finding("reply " + hex(bytes) + " to " + hex(awaited_.front()) + ": " + fault);
    }
    awaited_.pop_front();
  }

  void fall_silent() {
    kernel_.run(std::max(kernel_.now(), sent_until_) + silence);
    end_frame();
    end_frame();  // without bytes: what is still awaited now never comes
  }

  void require_good_read(Unit& unit) {
    auto [request, expected] = unit.device.good_read();
    request.insert(request.begin(), unit.address);
    expected.insert(expected.begin(), unit.address);
    heard_.clear();
    send(silence, with_crc(std::move(request)));
    fall_silent();
    if (heard_ != with_crc(std::move(expected))) report_finding("a good read is answered by " + hex(heard_));
  }

  sim::Kernel kernel_{kernel_step};
  sim::SerialLine line_;
  std::array<Unit, addresses.size()> units_;

  std::vector<std::uint8_t> sent_;  ///< of this input
  std::size_t frame_begin_ = 0;     ///< in sent_: of what no silence has ended yet
  Time sent_until_{0};              ///< last bit
  Time run_begin_{0};
  long run_length_ = 0;  ///< characters back to back
  Time gap_{0};          ///< longest inside the frame
  bool clean_ = true;    ///< the frame began on a line where nothing was under way
  std::array<int, addresses.size()> served_by_{};
  std::deque<std::vector<std::uint8_t>> awaited_;  ///< requests whose answer may still come
  bool disturbed_ = false;                         ///< the master or another unit spoke into an answer
  std::vector<std::uint8_t> heard_;
  Time heard_until_{0};
};

}  // namespace

void run(Frame input) {
  static Bus bus;
  bus.run(input);
}

}  // namespace hil::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  return hil::fuzz::mutate(data, size, max_size, seed, hil::fuzz::Framing::rtu, hil::fuzz::units);
}
