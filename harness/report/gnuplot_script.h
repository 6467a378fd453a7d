#pragma once

#include <filesystem>
#include <memory>

namespace gnuplotio {
class Gnuplot;
}

namespace hil::harness {

using gnuplotio::Gnuplot;

/// The drawings of a report as one script for one gnuplot. It takes longer to start than to draw, and it reads what
/// comes over a pipe byte by byte, but a script as any file.
class GnuplotScript {
 public:
  /// The script stands in `folder` until run(). Throws std::runtime_error when it cannot be written.
  explicit GnuplotScript(const std::filesystem::path& folder);
  ~GnuplotScript();
  GnuplotScript(const GnuplotScript&) = delete;
  GnuplotScript& operator=(const GnuplotScript&) = delete;

  /// Where the commands and points of the next drawing go; nothing of the one before holds for it.
  Gnuplot& next_drawing();
  /// Lets gnuplot carry it out, and waits. A command that fails ends it: what was to come is not drawn. Throws
  /// std::runtime_error when the script could not be written to its end.
  void run();

 private:
  std::filesystem::path file_;
  std::unique_ptr<Gnuplot> script_;
};

}  // namespace hil::harness
