#pragma once

#include <filesystem>
#include <string>

#include "controller/settings.h"

namespace hil::hosts {

/// Reads the installer's settings, JSON as in README.md: one object, strict. Baud rates and formats are not in it: they
/// belong to the ports, see PortOption. Throws BadInput with every fault of the file, one a line, each as
/// "FILE:LINE: what it is, what is allowed".
controller::Settings read_settings_file(const std::filesystem::path& file);

/// The same of a text; `name` stands for the file in messages.
controller::Settings read_settings(const std::string& text, const std::string& name);

}  // namespace hil::hosts
