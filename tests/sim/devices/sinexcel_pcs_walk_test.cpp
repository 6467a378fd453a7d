// Random sequences of writes, faults and waiting against a small model of a 53xxx converter that is written from the
// tables of sinexcel-pcs-modbus 4 alone.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/devices/pcs_writes_table.h"
#include "tests/sim/devices/running_pcs.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::all_written;
using test::fault;
using test::grid_ac;
using test::off_grid;
using test::RunningPcs;
using test::stopped;
using test::taken;
using test::with_switches;
using test::Written;

constexpr std::size_t string_count = 2;

/// The state machine of section 4 and its commands, string by string.
class Model {
 public:
  Model(bool string_reactive, bool strict, std::map<int, int> registers)
      : string_reactive_(string_reactive), strict_(strict), registers_(std::move(registers)) {}

  int write(const Written& written, int value, bool legal) {
    if (!legal) return 3;
    if (!taken(written, column(), string_reactive_, registers_)) return refused();
    registers_[written.address] = value;
    return 0;
  }
  int command(int address, int value) {
    if (value != 1) return 3;
    const int action = address % 10;
    if (address >= 53920) {
      const auto string = static_cast<std::size_t>((address - 53920) / 10);
      return string < string_count ? command_string(action, string) : refused();
    }
    if (action == 0) {
      if (on() || latched()) return refused();
      begin();
      for (String& one : strings_) one = {.phase = starting, .causes = one.causes};
      return 0;
    }
    if (action == 1) {
      if (!on()) return refused();
      for (String& one : strings_) stop(one);
      return 0;
    }
    return clear_all();
  }
  void set_fault(unsigned cause, std::size_t string, bool present) {
    unsigned& causes = string == 0 ? causes_ : strings_[string - 1].causes;
    causes = present ? causes | cause : causes & ~cause;
  }
  void wait(double seconds) {
    latch();
    for (String& one : strings_) {
      one.for_s += seconds;
      if (one.phase == starting && one.for_s >= 8.0) one = {.phase = running, .causes = one.causes};
      if (one.phase == stopping && one.for_s >= 1.0) one = {.phase = off, .causes = one.causes, .latched = one.latched};
    }
    latch();  // a contactor shows when its string has begun
    if (!off_grid_ || !on()) dispatch_ = registers_.at(53601);
  }
  bool on() const {
    for (const String& one : strings_) {
      if (one.phase != off) return true;
    }
    return false;
  }
  bool latched() const {
    unsigned all = latched_;
    for (const String& one : strings_) all |= one.latched;
    return all != 0;
  }
  int string_state(std::size_t string) const {
    const String& one = strings_[string];
    if ((one.latched | latched_) != 0) return 2;
    return one.phase == running ? 1 : 0;
  }
  int state() const {
    for (const auto& [phase, shown] : {std::pair{running, 3 + column() - grid_ac}, {starting, 2}, {stopping, 7}}) {
      for (const String& one : strings_) {
        if (one.phase == phase) return shown;
      }
    }
    return latched() ? 8 : 1;
  }
  const std::map<int, int>& registers() const { return registers_; }

  static constexpr unsigned dc_contactor = 1U << 5;

 private:
  enum Phase { off, starting, running, stopping };
  struct String {
    Phase phase = off;
    double for_s = 0.0;
    unsigned causes = 0;
    unsigned latched = 0;
  };
  int refused() const { return strict_ ? 4 : 0; }
  int column() const {
    if (!on()) return latched() ? fault : stopped;
    return off_grid_ ? off_grid : grid_ac + dispatch_;
  }
  void begin() {
    if (on()) return;
    off_grid_ = registers_.at(53600) == 1;
    dispatch_ = registers_.at(53601);
  }
  static void stop(String& one) {
    if (one.phase == starting) one = {.phase = off, .causes = one.causes};
    if (one.phase == running) one = {.phase = stopping, .causes = one.causes};
  }
  int command_string(int action, std::size_t string) {
    String& one = strings_[string];
    const bool any_latch = (one.latched | latched_) != 0;
    if (action == 0) {
      if (one.phase != off || any_latch) return refused();
      begin();
      one = {.phase = starting, .causes = one.causes};
      return 0;
    }
    if (action == 1) {
      if (one.phase != starting && one.phase != running) return refused();
      stop(one);
      return 0;
    }
    if (!any_latch) return one.phase == off ? 0 : refused();
    if (one.latched == 0 || (one.latched & one.causes) != 0) return refused();
    one.latched = 0;
    return 0;
  }
  int clear_all() {
    if (!latched()) return on() ? refused() : 0;
    bool cleared = false;
    const auto try_one = [&cleared](unsigned& latch, unsigned causes) {
      if (latch == 0 || (latch & causes) != 0) return;
      latch = 0;
      cleared = true;
    };
    try_one(latched_, causes_);
    for (String& one : strings_) try_one(one.latched, one.causes);
    return cleared ? 0 : refused();
  }
  void latch() {
    const unsigned undetected = registers_.at(53630) == 0 ? 1U << 4 : 0U;
    const bool anything_on = on();
    for (String& one : strings_) {
      one.latched |= one.causes & ~undetected & (one.phase == off ? ~dc_contactor : ~0U);
    }
    latched_ |= causes_ & ~undetected & (anything_on ? ~0U : ~dc_contactor);
    for (String& one : strings_) {
      if ((one.latched | latched_) != 0) one = {.phase = off, .causes = one.causes, .latched = one.latched};
    }
  }

  bool string_reactive_;
  bool strict_;
  std::map<int, int> registers_;
  std::array<String, string_count> strings_{};
  unsigned causes_ = 0;
  unsigned latched_ = 0;
  bool off_grid_ = false;
  int dispatch_ = 0;
};

class Walk {
 public:
  Walk(unsigned seed, bool string_reactive, bool strict)
      : random_(seed),
        pcs_{string_count, with_switches(string_reactive, strict)},
        model_{string_reactive, strict, read_all()} {
    pcs_.run(20ms);
  }
  /// Waits that never sum up to within some steps of a time that the state machine counts (8 s, 1 s).
  void step() {
    switch (pick(10)) {
      case 0:
      case 1:
      case 2:
        command();
        break;
      case 3:
        fault_comes_or_goes();
        break;
      default:
        write_anything();
        break;
    }
    const std::array waits{700ms, 700ms, 2500ms, 9500ms};
    const auto wait = waits.at(pick(waits.size()));
    pcs_.run(wait);
    model_.wait(std::chrono::duration<double>{wait}.count());
  }
  int state() const { return static_cast<int>(pcs_.pcs.state()); }
  void compare() {
    EXPECT_EQ(state(), model_.state()) << log_;
    EXPECT_EQ(pcs_.runs(), model_.on()) << log_;
    EXPECT_EQ(pcs_.fault_latched(), model_.latched()) << log_;
    EXPECT_FALSE(pcs_.warns()) << log_;
    for (std::size_t i = 0; i < string_count; ++i) {
      const int bits = pcs_.read(53043 + 10 * static_cast<int>(i));
      const int state = (bits >> 10 & 1) != 0 ? 2 : bits & 1;
      EXPECT_EQ(state, model_.string_state(i)) << log_ << "string " << i + 1;
    }
    for (const auto& [address, value] : model_.registers()) EXPECT_EQ(pcs_.read(address), value) << log_ << address;
    EXPECT_TRUE(pcs_.site.invariants().finite) << log_;
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }
  std::map<int, int> read_all() {
    std::map<int, int> registers;
    for (const Written& written : written_) registers[written.address] = pcs_.read(written.address);
    return registers;
  }
  void command() {
    static const std::vector<int> addresses{53900, 53900, 53901, 53903, 53920, 53921,
                                            53923, 53930, 53931, 53933, 53990};
    const int address = addresses[pick(addresses.size())];
    const int value = pick(8) == 0 ? static_cast<int>(pick(65536)) : 1;
    log_ += "\n" + std::to_string(address) + " = " + std::to_string(value);
    EXPECT_EQ(pcs_.write(address, value), model_.command(address, value)) << log_;
    EXPECT_EQ(pcs_.read(address), 0) << log_;
  }
  void write_anything() {
    const Written& written = written_[pick(written_.size())];
    const bool legal = pick(6) != 0;
    const std::vector<int>& values = legal ? written.legal : written.illegal;
    const int value = values[pick(values.size())];
    log_ += "\n" + std::to_string(written.address) + " = " + std::to_string(value);
    EXPECT_EQ(pcs_.write(written.address, value), model_.write(written, value, legal)) << log_;
  }
  void fault_comes_or_goes() {
    const auto cause = pick(pcs_fault_count);
    const std::size_t string = pick(string_count + 1);
    const bool present = pick(3) == 0;
    log_ += "\nfault " + std::to_string(cause) + " at " + std::to_string(string) + (present ? " comes" : " goes");
    pcs_.pcs.set_fault(static_cast<PcsFault>(cause), string, present);
    model_.set_fault(1U << cause, string, present);
  }

  std::mt19937 random_;
  std::vector<Written> written_ = all_written(string_count);
  RunningPcs pcs_;
  Model model_;
  std::string log_;
};

TEST(PcsWalk, KeepsToASmallModelInAnySequence) {
  std::set<int> visited;
  for (unsigned seed = 1; seed <= 24 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Walk walk{seed, seed % 2 == 0, seed % 3 == 0};
    for (int i = 0; i < 120 && !HasFailure(); ++i) {
      walk.step();
      walk.compare();
      visited.insert(walk.state());
    }
  }
  // All but init, which needs another power-up.
  EXPECT_EQ(visited, (std::set<int>{1, 2, 3, 4, 5, 6, 7, 8}));
}

}  // namespace
}  // namespace hil::sim
