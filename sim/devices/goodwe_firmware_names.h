#pragma once

#include <string>

namespace hil::sim {

// Names of an ET's firmware, as its registers and its dongle tell them. The serial tells the platform (goodwe-et-modbus
// 0); versions are 0..99, in two digits.
std::string goodwe_dsp_name(const std::string& serial, double dsp_version);  ///< "04029-10-S11"
std::string goodwe_arm_name(const std::string& serial, double arm_version);  ///< "02041-23-S00"

}  // namespace hil::sim
