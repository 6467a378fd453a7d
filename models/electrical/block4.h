#pragma once

#include <Eigen/Dense>
#include <array>
#include <cstddef>
#include <vector>

#include "models/electrical/phasor.h"

namespace hil::models {

/// Complex values of all nodes, four for each bus, real and imaginary parts apart so that the compiler can take
/// several at once.
struct NodeValues {
  std::vector<double> re;
  std::vector<double> im;

  explicit NodeValues(std::size_t count = 0) : re(count), im(count) {}
  Phasor at(std::size_t i) const { return {re[i], im[i]}; }
  void set(std::size_t i, Phasor z) {
    re[i] = z.real();
    im[i] = z.imag();
  }
  void add(std::size_t i, Phasor z) {
    re[i] += z.real();
    im[i] += z.imag();
  }
  void clear() {
    re.assign(re.size(), 0.0);
    im.assign(im.size(), 0.0);
  }
};

/// Complex 4 x 4 matrix, column after column.
struct Block4 {
  std::array<double, 16> re{};
  std::array<double, 16> im{};

  Block4() = default;
  explicit Block4(const Eigen::Matrix4cd& matrix) {
    for (Eigen::Index column = 0; column < 4; ++column) {
      for (Eigen::Index row = 0; row < 4; ++row) {
        const auto i = static_cast<std::size_t>(4 * column + row);
        re[i] = matrix(row, column).real();
        im[i] = matrix(row, column).imag();
      }
    }
  }
};

struct Vector4 {
  std::array<double, 4> re{};
  std::array<double, 4> im{};
};

/// a * x, without std::complex's care for infinities.
inline Vector4 multiply(const Block4& a, const double* __restrict x_re, const double* __restrict x_im) {
  Vector4 y;
  for (std::size_t column = 0; column < 4; ++column) {
    const double re = x_re[column];
    const double im = x_im[column];
    for (std::size_t row = 0; row < 4; ++row) {
      y.re[row] += a.re[4 * column + row] * re - a.im[4 * column + row] * im;
      y.im[row] += a.re[4 * column + row] * im + a.im[4 * column + row] * re;
    }
  }
  return y;
}

/// Product without std::complex's care for infinities.
inline Phasor times(Phasor a, Phasor b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

}  // namespace hil::models
