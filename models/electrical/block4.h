#pragma once

#include <Eigen/Dense>
#include <array>
#include <cstddef>
#include <vector>

#include "models/electrical/phasor.h"

namespace hil::models {

/// L1 L2 L3 N of one bus or branch, real and imaginary parts apart: Eigen then takes two or four at once, also where
/// the compiler would not. None lies across two lines of the cache.
struct alignas(64) Vector4 {
  Eigen::Array4d re = Eigen::Array4d::Zero();
  Eigen::Array4d im = Eigen::Array4d::Zero();

  Phasor at(std::size_t k) const { return {re[index(k)], im[index(k)]}; }
  void set(std::size_t k, Phasor z) {
    re[index(k)] = z.real();
    im[index(k)] = z.imag();
  }
  void add(std::size_t k, Phasor z) {
    re[index(k)] += z.real();
    im[index(k)] += z.imag();
  }
  Vector4& operator+=(const Vector4& other) {
    re += other.re;
    im += other.im;
    return *this;
  }
  Vector4& operator-=(const Vector4& other) {
    re -= other.re;
    im -= other.im;
    return *this;
  }
  friend Vector4 operator-(const Vector4& a, const Vector4& b) { return {a.re - b.re, a.im - b.im}; }
  friend Vector4 operator+(const Vector4& a, const Vector4& b) { return {a.re + b.re, a.im + b.im}; }
  static constexpr Eigen::Index index(std::size_t k) { return static_cast<Eigen::Index>(k); }
};

/// Of all buses.
using NodeValues = std::vector<Vector4>;

/// Complex 4 x 4 matrix.
struct Block4 {
  std::array<Vector4, 4> columns;

  Block4() = default;
  explicit Block4(const Eigen::Matrix4cd& matrix) {
    for (std::size_t column = 0; column < 4; ++column) {
      columns[column] = {matrix.real().col(Vector4::index(column)), matrix.imag().col(Vector4::index(column))};
    }
  }
  Eigen::Matrix4cd matrix() const {
    Eigen::Matrix4cd whole;
    for (std::size_t column = 0; column < 4; ++column) {
      for (std::size_t row = 0; row < 4; ++row) {
        whole(Vector4::index(row), Vector4::index(column)) = columns[column].at(row);
      }
    }
    return whole;
  }
};

/// Element by element.
[[gnu::always_inline]] inline Vector4 multiply(const Vector4& a, const Vector4& x) {
  return {a.re * x.re - a.im * x.im, a.re * x.im + a.im * x.re};
}

inline Vector4 multiply(const Block4& a, const Vector4& x) {
  // GCC's vectors rather than Eigen's expressions: of those it inlines only small ones at -O2.
  using Pair = double __attribute__((vector_size(16), may_alias));
  Vector4 y;
  for (std::size_t half = 0; half < 2; ++half) {
    Pair re{};
    Pair im{};
    for (std::size_t column = 0; column < 4; ++column) {
      const Pair a_re = *reinterpret_cast<const Pair*>(a.columns[column].re.data() + 2 * half);
      const Pair a_im = *reinterpret_cast<const Pair*>(a.columns[column].im.data() + 2 * half);
      const double x_re = x.re[Vector4::index(column)];
      const double x_im = x.im[Vector4::index(column)];
      re += a_re * x_re - a_im * x_im;
      im += a_re * x_im + a_im * x_re;
    }
    *reinterpret_cast<Pair*>(y.re.data() + 2 * half) = re;
    *reinterpret_cast<Pair*>(y.im.data() + 2 * half) = im;
  }
  return y;
}

/// Product without std::complex's care for infinities.
inline Phasor times(Phasor a, Phasor b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// Largest magnitude of all; NaN when one of them is not finite.
double largest_of(const NodeValues& values);

}  // namespace hil::models
