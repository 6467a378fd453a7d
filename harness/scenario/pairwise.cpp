#include "harness/scenario/pairwise.h"

namespace hil::harness {
namespace {

/// Which pairs of values still have to meet.
class OpenPairs {
 public:
  explicit OpenPairs(const std::vector<std::size_t>& sizes) : offset_(sizes.size()) {
    std::size_t values = 0;
    for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
      offset_[axis] = values;
      values += sizes[axis];
    }
    open_.assign(values, std::vector<bool>(values, true));
  }

  bool is_open(std::size_t axis, std::size_t value, std::size_t other_axis, std::size_t other_value) const {
    return open_[offset_[axis] + value][offset_[other_axis] + other_value];
  }
  void close(const std::vector<std::size_t>& row) {
    for (std::size_t axis = 0; axis < row.size(); ++axis) {
      for (std::size_t other = 0; other < row.size(); ++other) {
        if (axis != other) open_[offset_[axis] + row[axis]][offset_[other] + row[other]] = false;
      }
    }
  }

 private:
  std::vector<std::size_t> offset_;
  std::vector<std::vector<bool>> open_;  ///< by value and value, those of all axes counted through
};

struct Pair {
  std::size_t axis, value, other_axis, other_value;
};

/// In the order of axes and values. False: none is open any more.
bool first_open(const std::vector<std::size_t>& sizes, const OpenPairs& pairs, Pair& found) {
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    for (std::size_t other = axis + 1; other < sizes.size(); ++other) {
      for (std::size_t value = 0; value < sizes[axis]; ++value) {
        for (std::size_t other_value = 0; other_value < sizes[other]; ++other_value) {
          if (!pairs.is_open(axis, value, other, other_value)) continue;
          found = {axis, value, other, other_value};
          return true;
        }
      }
    }
  }
  return false;
}

/// A row that holds the pair; every other axis takes the value that closes most, the first of equals.
std::vector<std::size_t> row_around(const Pair& pair, const std::vector<std::size_t>& sizes, const OpenPairs& pairs) {
  std::vector<std::size_t> row(sizes.size(), 0);
  std::vector<bool> chosen(sizes.size(), false);
  row[pair.axis] = pair.value;
  row[pair.other_axis] = pair.other_value;
  chosen[pair.axis] = chosen[pair.other_axis] = true;
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    if (chosen[axis]) continue;
    std::size_t most = 0;
    for (std::size_t value = 0; value < sizes[axis]; ++value) {
      std::size_t closed = 0;
      for (std::size_t other = 0; other < sizes.size(); ++other) {
        if (chosen[other] && pairs.is_open(axis, value, other, row[other])) ++closed;
      }
      if (closed > most) {
        most = closed;
        row[axis] = value;
      }
    }
    chosen[axis] = true;
  }
  return row;
}

}  // namespace

Combinations all_combinations(const std::vector<std::size_t>& sizes) {
  Combinations rows{{}};
  for (const std::size_t size : sizes) {
    Combinations longer;
    for (const auto& row : rows) {
      for (std::size_t value = 0; value < size; ++value) {
        longer.push_back(row);
        longer.back().push_back(value);
      }
    }
    rows = std::move(longer);
  }
  return rows;
}

Combinations pairwise_combinations(const std::vector<std::size_t>& sizes) {
  if (sizes.size() < 2) return all_combinations(sizes);
  OpenPairs pairs{sizes};
  Combinations rows;
  for (Pair pair{}; first_open(sizes, pairs, pair);) {
    rows.push_back(row_around(pair, sizes, pairs));
    pairs.close(rows.back());
  }
  return rows;
}

}  // namespace hil::harness
