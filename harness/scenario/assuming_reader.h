#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/scenario.h"

namespace hil::harness {

/// Reads figures that have a default which nobody measured: one that the file does not give is listed as assumed.
class AssumingReader {
 public:
  /// `prefix` opens the lines of the list ("et1: backup "); `list` is nullptr for a catalogue entry, which is no run's.
  AssumingReader(ElementReader& reader, std::string prefix, std::string reason, std::vector<Assumed>* list);

  void number(std::string_view attribute, double& value, const Bounds& bounds);
  void seconds(std::string_view attribute, sim::Time& value, const Bounds& bounds);
  /// Notes what is assumed of something that was read otherwise.
  void note(std::string_view attribute, const std::string& value);

 private:
  ElementReader& reader_;
  std::string prefix_;
  std::string reason_;
  std::vector<Assumed>* list_;
};

}  // namespace hil::harness
