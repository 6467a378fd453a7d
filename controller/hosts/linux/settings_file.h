#pragma once

#include <filesystem>
#include <string>

#include "controller/settings.h"

namespace hil::hosts {

/// The whole file; throws BadInput when it cannot be read.
std::string read_settings_text(const std::filesystem::path& file);

/// The installer's settings, JSON as in README.md: one object, strict. Baud rates and formats are not in it: they
/// belong to the ports, see PortOption. `name` stands for the file in messages. Throws BadInput with every fault of the
/// text, one a line, each as "FILE:LINE: what it is, what is allowed".
controller::Settings read_settings(const std::string& text, const std::string& name);

}  // namespace hil::hosts
