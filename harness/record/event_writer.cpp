#include "harness/record/event_writer.h"

#include <array>

#include "harness/record/number_text.h"

namespace hil::harness {
namespace {

constexpr std::size_t usual_line_bytes = 1024;

}  // namespace

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{text};
  std::string field = "\"";
  for (const char c : text) field.append(c == '"' ? 2 : 1, c);
  return field + '"';
}

EventWriter::EventWriter(const std::filesystem::path& file) : file_(file, usual_line_bytes) {
  file_.append("time_s,kind,subject,text\n");
  file_.flush();
}

void EventWriter::write(const Event& event) {
  std::array<char, longest_number> time{};
  const char* end = write_time(time.data(), event.at);
  file_.append({time.data(), static_cast<std::size_t>(end - time.data())});
  for (const std::string* field : {&event.kind, &event.subject, &event.text}) {
    file_.append(",");
    file_.append(csv_field(*field));
  }
  file_.append("\n");
  file_.flush();
}

}  // namespace hil::harness
