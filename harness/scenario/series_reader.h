#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/element_reader.h"

namespace hil::harness {

/// Values over time, as they stand in a CSV file, in the units of the scenario.
struct Series {
  std::string column;                   ///< what the values are, SeriesColumn::is; empty after a fault
  std::vector<double> time_s;           ///< ascending, the first 0
  std::vector<double> values;           ///< as many
  std::optional<double> first_utc_s{};  ///< instant of the first row since 1970, where rows have time stamps
};

/// What the second column may be called, with its unit, and what its values may be.
struct SeriesColumn {
  std::string_view name;
  Bounds bounds;        ///< of what stands in the file
  std::string_view is;  ///< the quantity in the scenario's unit; several names may be one
  double factor = 1.0;  ///< value = given * factor + offset
  double offset = 0.0;
};

/// `file="x.csv"`, or the file's text inside the element: the header TIME,NAME with one of `columns`, then a row for
/// each time. TIME is time_s, time_min or time_h, which count from the first row's 0, or time: stamps of the calendar,
/// with a zone or by the element's `time_zone`. The file is looked up beside the file that names it; faults in it are
/// reported there, with its line.
Series read_series(ElementReader& reader, const std::vector<SeriesColumn>& columns, Diagnostics& diagnostics);

/// How long after the start of the run the first row is; below 0: before it. Time stamps are held against the element's
/// `start_utc`, else against `site_start_utc_s`, else the first is the start; times without stamps begin there.
double first_row_s(ElementReader& reader, const Series& series, const std::optional<double>& site_start_utc_s);

/// Moved by `shift_s`, what lies before 0 left out but for what holds at 0; `linear`: that lies on a line to the next.
void move_series(Series& series, double shift_s, bool linear);

/// Text of the file that the attribute names, in place of the attribute. An element that names none, or one that cannot
/// be read, stays as it is.
void put_series_inside(Element& element);

}  // namespace hil::harness
