#pragma once

#include <memory>

#include "harness/checks/check.h"

namespace hil::harness {

/// Throws std::invalid_argument as make_check(): an unknown signal with its place in the text.
std::unique_ptr<Check> make_formula_check(const CheckSpec& spec, const FormulaCheck& check, Bench& bench);

}  // namespace hil::harness
