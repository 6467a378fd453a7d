#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "controller/core/record_slots.h"
#include "controller/hosts/linux/file_descriptor.h"

namespace hil::hosts {

/// Non-volatile storage of the core: what a LAN client has changed and the clock outlive the program and the machine.
///
/// `storage.bin`: the core's two slots, one behind the other. `basis`: the installer's settings that they belong to;
/// with other settings the slots are emptied, so that what the installer writes always counts.
class StateFolder {
 public:
  /// `basis`: the text of the settings file and all else that the installer gave. Throws BadInput when the folder or
  /// its files cannot be had.
  StateFolder(std::filesystem::path folder, const std::string& basis);

  /// As read at the start.
  controller::StorageImage image() const;
  /// On the disk when it returns true.
  bool write(const controller::StorageWrite& order);

 private:
  std::filesystem::path folder_;
  FileDescriptor file_;
  std::array<std::vector<std::uint8_t>, controller::storage_slots> slots_{};
};

}  // namespace hil::hosts
