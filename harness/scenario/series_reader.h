#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/element_reader.h"

namespace hil::harness {

/// Values over time, as they stand in a CSV file.
struct Series {
  std::string column;          ///< the second of the header; empty after a fault
  std::vector<double> time_s;  ///< ascending, the first 0
  std::vector<double> values;  ///< as many
};

/// What the second column may be called, with its unit, and what its values may be.
struct SeriesColumn {
  std::string_view name;
  Bounds bounds;
};

/// `file="x.csv"`, or the file's text inside the element: the header `time_s,NAME` with one of `columns`, then a row
/// for each time. The file is looked up beside the file that names it; faults in it are reported there, with its line.
Series read_series(ElementReader& reader, const std::vector<SeriesColumn>& columns, Diagnostics& diagnostics);

/// Text of the file that the attribute names, in place of the attribute. An element that names none, or one that cannot
/// be read, stays as it is.
void put_series_inside(Element& element);

}  // namespace hil::harness
