#pragma once

#include <memory>

#include "harness/checks/check.h"

namespace hil::harness {

// Throw std::invalid_argument as make_check().
std::unique_ptr<Check> make_follows_check(const CheckSpec& spec, const FollowsCheck& check, Bench& bench);
std::unique_ptr<Check> make_constant_check(const CheckSpec& spec, const ConstantCheck& check, Bench& bench);
std::unique_ptr<Check> make_count_check(const CheckSpec& spec, const CountCheck& check, Bench& bench);

}  // namespace hil::harness
