#pragma once

#include <stdexcept>

namespace hil::hosts {

/// What the user has to mend: an option, the settings file, a port that is not there. Ends the program with 2.
class BadInput : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace hil::hosts
