#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace hil::harness {

/// What a scripted EMS asks with: takes requests one after the other, in their order, and tells what came back of each.
/// Nothing is asked again.
class EmsMaster {
 public:
  static constexpr std::size_t longest_pdu = 253;
  struct Request {
    std::uint8_t unit = 0;
    std::array<std::uint8_t, longest_pdu> pdu{};
    std::size_t length = 0;
    std::size_t tag = 0;  ///< the owner's own
    bool raw = false;     ///< a PDU as the scenario gives it, whatever it means

    std::span<const std::uint8_t> bytes() const { return std::span{pdu}.first(length); }
  };
  enum class Outcome : unsigned char {
    reply,    ///< with its PDU
    none,     ///< nothing came
    garbled,  ///< something came, but no answer
  };
  using Done = std::function<void(const Request& request, Outcome outcome, std::span<const std::uint8_t> pdu)>;

  virtual ~EmsMaster() = default;
  /// Behind those that wait.
  virtual void ask(const Request& request) = 0;
};

}  // namespace hil::harness
