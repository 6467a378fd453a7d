#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace hil::harness {

/// How far a run of several cases is.
struct Progress {
  struct Case {
    std::string name;
    double virtual_s = 0.0;
    double duration_s = 0.0;  ///< > 0
  };
  std::size_t done = 0;
  std::size_t total = 0;
  std::vector<Case> running;
  double virtual_s = 0.0;  ///< of all cases so far
  double wall_s = 0.0;
};

/// "[12/33] 1840 x real time, running: day_zero_export 41 %, cloudy_noon 12 %", cut to `columns` characters (>= 8).
std::string progress_text(const Progress& progress, std::size_t columns);

/// One line at the bottom of a terminal, written over again and again; nothing at all where no person looks.
class ProgressLine {
 public:
  ProgressLine(std::ostream& out, bool shown);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  bool shown() const { return shown_; }
  void show(const Progress& progress);
  /// Another text, cut to the terminal's width.
  void say(const std::string& text);
  /// Before anything else is printed.
  void clear();

 private:
  std::ostream& out_;
  bool shown_;
  bool on_screen_ = false;
};

}  // namespace hil::harness
