#include "sim/devices/goodwe_firmware_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hil::sim {
namespace {

/// The rest of the names is that of 205 for both.
bool is_platform_745(const std::string& serial) {
  constexpr std::array series{"ETT", "ETF", "EUB", "BTT", "HUB"};
  return std::any_of(series.begin(), series.end(),
                     [&](const char* name) { return serial.find(name) != std::string::npos; });
}

}  // namespace

std::string goodwe_dsp_name(const std::string& serial, double dsp_version) {
  return fmt::format("{}-{:02.0f}-S11", is_platform_745(serial) ? "04062" : "04029", dsp_version);
}

std::string goodwe_arm_name(const std::string& serial, double arm_version) {
  return fmt::format("{}-{:02.0f}-S00", is_platform_745(serial) ? "02020" : "02041", arm_version);
}

}  // namespace hil::sim
