#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace hil::fuzz {

/// What the oracle objects to. Ends the process as a crash does, so that the fuzzer keeps the input.
[[noreturn]] inline void report_finding(const std::string& what) {
  std::fprintf(stderr, "finding: %s\n", what.c_str());
  std::abort();
}

}  // namespace hil::fuzz
