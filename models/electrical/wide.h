#pragma once

#include <Eigen/Core>

/// Before a function whose loops work on Vector4: it is compiled twice, with registers of four doubles (AVX) and of
/// two, and the processor decides at program start. Nothing is fused or reordered, so both give the same bits. Where
/// the compiler or a sanitizer cannot, there is one.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(HILBENCH_SANITIZED)
#define HIL_WIDE __attribute__((target_clones("avx", "default")))
#else
#define HIL_WIDE
#endif

namespace hil::models {

/// One part of a Vector4 in GCC's vectors rather than Eigen's expressions, of which it inlines only small ones at -O2.
using Quad = double __attribute__((vector_size(32), aligned(16), may_alias));

// References only: a Quad by value in a signature has a calling convention of its own for each width.
[[gnu::always_inline]] inline const Quad& quad(const Eigen::Array4d& values) {
  return *reinterpret_cast<const Quad*>(values.data());
}
[[gnu::always_inline]] inline Quad& quad(Eigen::Array4d& values) {
  return *reinterpret_cast<Quad*>(values.data());
}

}  // namespace hil::models
