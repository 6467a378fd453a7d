#include "harness/record/network_recorder.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "harness/record/number_text.h"

namespace hil::harness {

NetworkRecorder::NetworkRecorder(const std::filesystem::path& folder, const std::string& name, Protocol protocol,
                                 NetworkEnd device)
    : name_(name),
      protocol_(protocol),
      capture_(made_folder(folder) / (name + ".pcapng"), name, protocol, device),
      text_(folder / (name + ".txt"), longest_frame_text + 1) {}

void NetworkRecorder::line(sim::Time at, std::string_view client, std::string_view what) {
  std::array<char, longest_number> time{};
  const char* end = write_time(time.data(), at);
  text_.append({time.data(), static_cast<std::size_t>(end - time.data())});
  for (const std::string_view word : {std::string_view(name_), client, what}) {
    if (word.empty()) continue;
    text_.append(" ");
    text_.append(word);
  }
  text_.append("\n");
}

std::string NetworkRecorder::comment_with(std::string_view marks) {
  std::string comment = std::exchange(notes_, {});
  if (!comment.empty() && !marks.empty()) comment += "; ";
  return comment.append(marks);
}

void NetworkRecorder::write(NetworkEnd client, bool request, std::span<const std::uint8_t> bytes,
                            sim::NetworkMarks marks, sim::Time at) {
  const bool stream = protocol_ == Protocol::tcp;
  const bool bad_crc = !stream && fails_its_crc(bytes, request);
  std::string what{write_network_marks(marks_, marks)};
  if (bad_crc) what += what.empty() ? "crc bad" : ", crc bad";
  capture_.write(client, request, bytes, at, comment_with(what), bad_crc);
  const std::string far = client.text();
  do {
    const std::size_t whole = stream ? whole_tcp_frame(bytes) : 0;
    const auto frame = bytes.first(whole == 0 ? bytes.size() : whole);
    bytes = bytes.subspan(frame.size());
    text_.append(write_network_frame(row_, name_, {frame, far, at, request, stream, marks}));
    text_.append("\n");
  } while (!bytes.empty());
}

void NetworkRecorder::received(NetworkEnd client, std::span<const std::uint8_t> bytes, sim::Time at) {
  write(client, true, bytes, 0, at);
}

void NetworkRecorder::sent(NetworkEnd client, std::span<const std::uint8_t> bytes, sim::NetworkMarks marks,
                           sim::Time at) {
  write(client, false, bytes, marks, at);
}

void NetworkRecorder::lost(NetworkEnd client, sim::NetworkMarks marks, sim::Time at) {
  note(at, fmt::format("{} of {}", write_network_marks(marks_, marks), client.text()));
}

void NetworkRecorder::opened(NetworkEnd client, sim::Time at) {
  capture_.opened(client, at, comment_with({}));
  line(at, client.text(), "opened");
}

void NetworkRecorder::closed(NetworkEnd client, bool by_client, sim::Time at) {
  capture_.closed(client, by_client, at, comment_with({}));
  line(at, client.text(), by_client ? "closed by the client" : "closed");
}

void NetworkRecorder::reset(NetworkEnd client, sim::Time at) {
  capture_.reset(client, at, comment_with("reset"));
  line(at, client.text(), "reset");
}

void NetworkRecorder::note(sim::Time at, std::string_view what) {
  line(at, {}, what);
  if (!notes_.empty()) notes_ += "; ";
  notes_ += what;
}

void NetworkRecorder::flush() noexcept {
  capture_.flush();
  text_.flush();
}

std::string NetworkRecorder::failure() const {
  const std::string of_capture = capture_.failure();
  return of_capture.empty() ? text_.failure() : of_capture;
}

}  // namespace hil::harness
