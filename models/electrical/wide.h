#pragma once

#include <Eigen/Core>
#include <array>
#include <cstddef>
#include <functional>

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
/// Other compilers hold such vectors to be aligned to their size, whatever their type says: they get four doubles.
#if defined(__GNUC__) && !defined(__clang__)
using Quad = double __attribute__((vector_size(32), aligned(16), may_alias));

/// Part by part; a NaN is not the larger one.
[[gnu::always_inline]] inline void keep_larger(Quad& largest, const Quad& value) {
  largest = value > largest ? value : largest;
}

/// No part of `value` is smaller than that of `least`, or not a number.
[[gnu::always_inline]] inline bool none_smaller(const Quad& value, const Quad& least) {
  using Pair = long long __attribute__((vector_size(16)));
  const auto reaches = value >= least;
  const Pair both = Pair{reaches[0], reaches[1]} & Pair{reaches[2], reaches[3]};
  return (both[0] & both[1]) != 0;
}

/// The fourth takes back what the first three bring: -(1st + 2nd + 3rd), of both.
[[gnu::always_inline]] inline void return_by_fourth(Quad& re, Quad& im) {
  using Places = long long __attribute__((vector_size(32)));
  using Pair = double __attribute__((vector_size(16)));
  const Quad odd = __builtin_shuffle(re, im, Places{0, 4, 2, 6});
  const Quad even = __builtin_shuffle(re, im, Places{1, 5, 3, 7});
  const Pair back = -(Pair{odd[0], odd[1]} + Pair{even[0], even[1]} + Pair{odd[2], odd[3]});
  re[3] = back[0];
  im[3] = back[1];
}
#else
struct [[gnu::may_alias]] Quad {
  std::array<double, 4> part{};

  double& operator[](std::size_t k) { return part[k]; }
  double operator[](std::size_t k) const { return part[k]; }
  Quad& operator+=(const Quad& other) { return *this = *this + other; }
  Quad& operator-=(const Quad& other) { return *this = *this - other; }
  friend Quad operator+(const Quad& a, const Quad& b) { return each(a, b, std::plus<>{}); }
  friend Quad operator-(const Quad& a, const Quad& b) { return each(a, b, std::minus<>{}); }
  friend Quad operator*(const Quad& a, const Quad& b) { return each(a, b, std::multiplies<>{}); }
  friend Quad operator-(const Quad& a, double b) { return a - Quad{b, b, b, b}; }
  friend Quad operator/(double a, const Quad& b) { return each(Quad{a, a, a, a}, b, std::divides<>{}); }

 private:
  template <typename Operation>
  static Quad each(const Quad& a, const Quad& b, Operation operation) {
    Quad result;
    for (std::size_t k = 0; k < result.part.size(); ++k) result.part[k] = operation(a.part[k], b.part[k]);
    return result;
  }
};

inline void keep_larger(Quad& largest, const Quad& value) {
  for (std::size_t k = 0; k < value.part.size(); ++k) {
    if (value[k] > largest[k]) largest[k] = value[k];
  }
}

inline bool none_smaller(const Quad& value, const Quad& least) {
  return value[0] >= least[0] && value[1] >= least[1] && value[2] >= least[2] && value[3] >= least[3];
}

inline void return_by_fourth(Quad& re, Quad& im) {
  re[3] = -(re[0] + re[1] + re[2]);
  im[3] = -(im[0] + im[1] + im[2]);
}
#endif

// References only: a Quad by value in a signature has a calling convention of its own for each width.
[[gnu::always_inline]] inline const Quad& quad(const Eigen::Array4d& values) {
  return *reinterpret_cast<const Quad*>(values.data());
}
[[gnu::always_inline]] inline Quad& quad(Eigen::Array4d& values) {
  return *reinterpret_cast<Quad*>(values.data());
}

}  // namespace hil::models
