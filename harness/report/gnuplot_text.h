#pragma once

#include <array>
#include <string>

namespace hil::harness {

// Okabe and Ito: told apart by colour-blind readers too.
inline constexpr std::array curve_colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"};
inline constexpr const char* limit_colour = "#c62828";

/// A gnuplot string: in single quotes nothing but the quote itself is special, and a line break ends the command.
std::string in_gnuplot_quotes(const std::string& text);

/// Terminal, output file and time axis from 0 to `end_s`. The axis lies at the same place in every drawing of one
/// width, so that drawings below each other can be compared. `name`: of the drawing within a page.
std::string gnuplot_head(const std::string& file, const std::string& name, int height, double end_s);

}  // namespace hil::harness
