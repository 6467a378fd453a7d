#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "controller/controller.h"

namespace hil::hosts {

inline constexpr std::array port_names{"COM1", "COM2", "COM3", "meter"};

/// A core of the product as its host deals with it: the seam that all cores have, and what is told of it to people.
class HostedCore {
 public:
  HostedCore() = default;
  virtual ~HostedCore() = default;
  HostedCore(const HostedCore&) = delete;
  HostedCore& operator=(const HostedCore&) = delete;

  virtual void bytes_arrived(std::size_t line, std::span<const std::uint8_t> bytes, controller::Time now) = 0;
  virtual void woken(controller::Time now) = 0;
  virtual const controller::Output& output() const = 0;
  virtual void sent() = 0;
  virtual void storage_written(bool good, controller::Time now) = 0;

  /// What is wrong with the set-up, each without the end of its line.
  virtual std::vector<std::string> setup_texts() const = 0;
  /// In one line, without its end.
  virtual std::string summary(controller::Time now) const = 0;
  /// What was found, and each unit; whole lines.
  virtual std::string unit_lines(controller::Time now) const = 0;
  /// What it is to do; whole lines.
  virtual std::string order_lines() const = 0;
  /// What the operator of this machine orders, in words; what is to be told of it, whole lines, beginning with
  /// "refused: " when nothing was changed. The host then carries out what the core wants.
  virtual std::string order(const std::string& words, controller::Time now) = 0;
  /// The core whose LAN server clients are to be served of; nullptr: there is none.
  virtual controller::Controller* with_lan_server() { return nullptr; }
};

}  // namespace hil::hosts
