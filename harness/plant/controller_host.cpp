#include "harness/plant/controller_host.h"

#include <stdexcept>

namespace hil::harness {
namespace {

/// A controller that asks for the present instant more often than this is stuck.
constexpr int most_wakes_at_one_instant = 10'000;

}  // namespace

ControllerHost::ControllerHost(sim::Kernel& kernel, const controller::Settings& settings,
                               const std::array<sim::SerialLine*, controller::max_lines>& lines)
    : controller_(settings), lines_(lines), wake_(kernel.make_alarm([this](sim::Time now) {
        count_wake(now);
        controller_.woken(now);
        carry_out();
      })) {
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    if (lines_[line] == nullptr) continue;
    lines_[line]->set_far_side([this, line](std::span<const std::uint8_t> bytes, sim::Time now) {
      controller_.bytes_arrived(line, bytes, now);
      carry_out();
    });
  }
  wake_.set(sim::Time{0});
}

void ControllerHost::count_wake(sim::Time now) {
  wakes_at_instant_ = now == last_wake_ ? wakes_at_instant_ + 1 : 1;
  last_wake_ = now;
  if (wakes_at_instant_ > most_wakes_at_one_instant) {
    throw std::runtime_error("the controller asks to be woken at once again and again: it is stuck");
  }
}

void ControllerHost::carry_out() {
  const controller::Output& output = controller_.output();
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    const auto pending = output.lines[line].pending();
    if (!pending.empty() && lines_[line] != nullptr) lines_[line]->send(pending);
  }
  const sim::Time next_wake = output.next_wake;
  controller_.sent();
  if (next_wake == sim::Time::max()) {
    wake_.cancel();
  } else {
    wake_.set(next_wake);
  }
}

}  // namespace hil::harness
