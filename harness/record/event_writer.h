#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "harness/plant/bench.h"
#include "harness/record/output_file.h"

namespace hil::harness {

/// events.csv: time_s,kind,subject,text. Fields with comma, quote or line break are quoted as RFC 4180 says; lines
/// end with LF. Every event reaches the disk at once: there are few, and the last one before a crash is the one wanted.
class EventWriter {
 public:
  explicit EventWriter(const std::filesystem::path& file);
  void write(const Event& event);
  std::string failure() const { return file_.failure(); }
  bool failed() const { return file_.failed(); }

 private:
  OutputFile file_;
};

/// A field as RFC 4180 wants it.
std::string csv_field(std::string_view text);

}  // namespace hil::harness
