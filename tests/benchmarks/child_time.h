#pragma once

#include <sys/resource.h>

namespace hil::benchmarks {

/// Processor time of this process and of its children that have ended, in seconds: gnuplot is one of them.
inline double processor_s_with_children() {
  double total_s = 0.0;
  for (const int whose : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage used{};
    ::getrusage(whose, &used);
    for (const timeval& part : {used.ru_utime, used.ru_stime}) {
      total_s += static_cast<double>(part.tv_sec) + 1e-6 * static_cast<double>(part.tv_usec);
    }
  }
  return total_s;
}

}  // namespace hil::benchmarks
