#pragma once

#include <string>
#include <string_view>

#include "harness/scenario/actions.h"

namespace hil::harness {

/// What may come back of a request, as a scenario says it: "echo" of a write, "values" of a read, "reply" of another
/// function, "exception_3", "none", "garbled" (something came, but no answer).
bool is_answer(std::string_view word);
/// "exception_3"
std::string exception_word(int code);
/// Of a request that goes well.
std::string usual_answer(OrderModbus::What what);

/// "write 53900 = 1", "read 53010", "send 10 D2 8C"
std::string request_text(const OrderModbus& order);

}  // namespace hil::harness
