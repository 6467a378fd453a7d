#include "harness/cli/progress_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>

namespace hil::harness {
namespace {

constexpr std::size_t usual_columns = 80;

std::size_t columns_of_terminal() {
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 8;
  // A line as wide as the terminal would wrap, and then not be written over.
  return known ? size.ws_col - std::size_t{1} : usual_columns - 1;
}

std::string cut(const std::string& text, std::size_t columns) {
  return text.size() > columns ? text.substr(0, columns - 3) + "..." : text;
}

}  // namespace

std::string progress_text(const Progress& progress, std::size_t columns) {
  std::string text = fmt::format("[{}/{}]", progress.done, progress.total);
  if (progress.wall_s > 0.0) text += fmt::format(" {:.0f} x real time", progress.virtual_s / progress.wall_s);
  const char* before = ", running: ";
  for (const Progress::Case& each : progress.running) {
    const double share = std::clamp(each.virtual_s / each.duration_s, 0.0, 1.0);
    text += fmt::format("{}{} {:.0f} %", before, each.name, 100.0 * share);
    before = ", ";
  }
  return cut(text, columns);
}

ProgressLine::ProgressLine(std::ostream& out, bool shown) : out_(out), shown_(shown) {}

void ProgressLine::show(const Progress& progress) {
  if (shown_) say(progress_text(progress, columns_of_terminal()));
}

void ProgressLine::say(const std::string& text) {
  if (!shown_) return;
  out_ << "\r" << cut(text, columns_of_terminal()) << "\x1b[K" << std::flush;
  on_screen_ = true;
}

void ProgressLine::clear() {
  if (on_screen_) out_ << "\r\x1b[K" << std::flush;
  on_screen_ = false;
}

}  // namespace hil::harness
