#pragma once

#include <string>
#include <vector>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// A named value of a scenario; `${name}` in an attribute or in the text of an element stands for it.
struct Parameter {
  std::string name;   ///< with its unit, as signals have it
  std::string value;  ///< as it will stand in the file
};

/// Reads `<parameters>`; each has its default.
std::vector<Parameter> read_parameters(const Element& element, Diagnostics& diagnostics);

/// Puts the values in place of their names, everywhere below `root`. A name that no parameter has is a fault at its
/// attribute; a parameter that nothing names a warning at `declared` (S009), unless that is null.
void put_parameters(Element& root, const std::vector<Parameter>& parameters, const Element* declared,
                    Diagnostics& diagnostics);

}  // namespace hil::harness
