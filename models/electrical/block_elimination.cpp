#include "models/electrical/block_elimination.h"

#include <algorithm>

namespace hil::models {

Eigen::Matrix4cd& BlockElimination::block_at(std::size_t row, std::size_t column) {
  for (Beside& each : beside_[column]) {
    if (each.bus == row) return each.block;
  }
  beside_[column].push_back({row, Eigen::Matrix4cd::Zero()});
  return beside_[column].back().block;
}

void BlockElimination::clear() {
  for (Eigen::Matrix4cd& each : diagonal_) each.setZero();
  for (std::vector<Beside>& each : beside_) each.clear();
}

void BlockElimination::add(std::size_t row, std::size_t column, const Eigen::Matrix4cd& block) {
  if (row == column) {
    diagonal_[row] += block;
    return;
  }
  block_at(row, column) += block;
  block_at(column, row) += block.transpose();
}

void BlockElimination::factorise() {
  steps_.clear();
  off_diagonals_.clear();
  done_.assign(diagonal_.size(), false);
  for (std::size_t count = 0; count < diagonal_.size(); ++count) {
    std::size_t pivot = diagonal_.size();
    for (std::size_t bus = 0; bus < diagonal_.size(); ++bus) {
      if (!done_[bus] && (pivot == diagonal_.size() || beside_[bus].size() < beside_[pivot].size())) pivot = bus;
    }
    done_[pivot] = true;
    const Eigen::Matrix4cd inverse = diagonal_[pivot].partialPivLu().inverse();
    Step step{.bus = static_cast<std::uint32_t>(pivot),
              .first = static_cast<std::uint32_t>(off_diagonals_.size()),
              .last = 0,
              .inverse = Block4(inverse)};
    column_ = beside_[pivot];
    for (const Beside& each : column_) {
      const Eigen::Matrix4cd lower = each.block * inverse;
      off_diagonals_.push_back({static_cast<std::uint32_t>(each.bus), Block4(lower), Block4(lower.transpose())});
      diagonal_[each.bus] -= lower * each.block.transpose();
      for (const Beside& other : column_) {
        if (other.bus != each.bus) block_at(each.bus, other.bus) -= lower * other.block.transpose();
      }
      std::erase_if(beside_[each.bus], [pivot](const Beside& beside) { return beside.bus == pivot; });
    }
    step.last = static_cast<std::uint32_t>(off_diagonals_.size());
    steps_.push_back(step);
  }
}

void BlockElimination::solve_in_place(NodeValues& x) const {
  for (const Step& step : steps_) {
    for (std::size_t i = step.first; i < step.last; ++i) {
      x[off_diagonals_[i].bus] -= multiply(off_diagonals_[i].block, x[step.bus]);
    }
  }
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    Vector4 y = multiply(step->inverse, x[step->bus]);
    for (std::size_t i = step->first; i < step->last; ++i) {
      y -= multiply(off_diagonals_[i].transposed, x[off_diagonals_[i].bus]);
    }
    x[step->bus] = y;
  }
}

}  // namespace hil::models
