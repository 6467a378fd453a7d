#pragma once

#include <memory>

#include "harness/checks/check.h"

namespace hil::harness {

// Throw std::invalid_argument as make_check(): a unit that is not on the line, a register that its map does not have.
std::unique_ptr<Check> make_poll_gap_check(const CheckSpec& spec, const BusCheck& check, Bench& bench);
std::unique_ptr<Check> make_answers_check(const CheckSpec& spec, const AnswersCheck& check, Bench& bench);
std::unique_ptr<Check> make_fresh_check(const CheckSpec& spec, const FreshCheck& check, Bench& bench);
std::unique_ptr<Check> make_order_check(const CheckSpec& spec, const OrderCheck& check, Bench& bench);

}  // namespace hil::harness
