#include "harness/report/gnuplot_script.h"

#include <gnuplot-iostream.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iomanip>
#include <ios>
#include <stdexcept>
#include <system_error>

#include "harness/report/gnuplot_text.h"

namespace hil::harness {
namespace {

constexpr int digits_of_points = 10;  // a day to the millisecond; what is drawn has a tenth of a pixel

}  // namespace

GnuplotScript::GnuplotScript(const std::filesystem::path& folder) : file_(folder / "drawings.gnuplot") {
  std::FILE* const file = std::fopen(file_.c_str(), "w");
  if (file == nullptr) throw std::runtime_error(file_.string() + ": cannot be written: " + std::strerror(errno));
  script_ = std::make_unique<Gnuplot>(file);
  *script_ << std::defaultfloat << std::setprecision(digits_of_points);
}

GnuplotScript::~GnuplotScript() {
  script_.reset();
  std::error_code gone;
  std::filesystem::remove(file_, gone);
}

Gnuplot& GnuplotScript::next_drawing() {
  *script_ << "reset\n";
  return *script_;
}

void GnuplotScript::run() {
  *script_ << "unset output\n" << std::flush;
  const bool whole = script_->good();
  script_.reset();
  if (!whole) throw std::runtime_error(file_.string() + ": could not be written to its end");
  Gnuplot gnuplot("gnuplot");  // ends, and is waited for, with this block
  gnuplot << "load " << in_gnuplot_quotes(file_.string()) << "\n";
}

}  // namespace hil::harness
