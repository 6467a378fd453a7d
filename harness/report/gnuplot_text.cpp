#include "harness/report/gnuplot_text.h"

#include <fmt/format.h>

namespace hil::harness {

std::string in_gnuplot_quotes(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "''" : std::string(1, static_cast<unsigned char>(c) < ' ' ? ' ' : c);
  return result + "'";
}

std::string gnuplot_head(const std::string& file, const std::string& name, int height, double end_s) {
  return fmt::format(
      "set terminal svg size 960,{} dynamic noenhanced font 'sans-serif,12' name {}\nset output {}\n"
      "set lmargin at screen 0.095\nset rmargin at screen 0.985\nset xlabel 'time_s'\nset xrange [0:{}]\n"
      "set border 3 lc rgb '#666666'\nset tics nomirror\n",
      height, in_gnuplot_quotes(name), in_gnuplot_quotes(file), end_s);
}

}  // namespace hil::harness
