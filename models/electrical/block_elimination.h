#pragma once

#include <Eigen/Dense>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/electrical/block4.h"

namespace hil::models {

/// Sparse symmetric matrix of 4 x 4 blocks, one row of blocks for each bus, and its factor L D L^T (plain transpose:
/// admittance matrices are symmetric, not Hermitian). The bus with the fewest neighbours is eliminated first, so that a
/// tree fills in nothing and a few loops little: a solve costs close to linearly with buses.
class BlockElimination {
 public:
  explicit BlockElimination(std::size_t buses) : diagonal_(buses, Eigen::Matrix4cd::Zero()), beside_(buses) {}

  /// Back to a matrix of zeros. Keeps its memory: filled again in the same places, the rest does not allocate.
  void clear();
  /// Adds to the matrix. `row` != `column` adds the transpose at (column, row) as well.
  void add(std::size_t row, std::size_t column, const Eigen::Matrix4cd& block);
  /// The matrix is used up by it.
  void factorise();
  /// x = matrix^-1 x. Does not allocate.
  void solve_in_place(NodeValues& x) const;

 private:
  struct Step {
    std::uint32_t bus;
    std::uint32_t first;  ///< of its off-diagonal blocks
    std::uint32_t last;
    Block4 inverse;  ///< of D
  };
  struct OffDiagonal {
    std::uint32_t bus;  ///< row of L; the column is the step's bus
    Block4 block;
    Block4 transposed;
  };
  struct Beside {
    std::size_t bus;
    Eigen::Matrix4cd block;  ///< at (this bus, own bus)
  };
  Eigen::Matrix4cd& block_at(std::size_t row, std::size_t column);

  std::vector<Eigen::Matrix4cd> diagonal_;
  std::vector<std::vector<Beside>> beside_;  ///< of each bus: its neighbours
  std::vector<Step> steps_;
  std::vector<OffDiagonal> off_diagonals_;
  std::vector<Beside> column_;  ///< of the pivot, while it is eliminated
  std::vector<bool> done_;
};

}  // namespace hil::models
