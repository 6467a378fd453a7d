#include "harness/record/frame_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/record/number_text.h"
#include "sim/wire/modbus_rtu.h"
#include "sim/wire/modbus_tcp.h"

namespace hil::harness {
namespace {

using Bytes = std::span<const std::uint8_t>;

class Text {
 public:
  explicit Text(std::span<char> room) : room_(room) {}

  template <typename... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    const std::size_t left = room_.size() - size_;
    const auto written = fmt::format_to_n(room_.data() + size_, left, format, std::forward<Arguments>(arguments)...);
    size_ += std::min(left, written.size);
  }
  void hex(Bytes bytes) {
    for (const std::uint8_t byte : bytes) add(" {:02X}", byte);
  }
  void words(Bytes bytes) {
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) add(" {}", bytes[i] << 8 | bytes[i + 1]);
  }
  std::string_view view() const { return {room_.data(), size_}; }

 private:
  std::span<char> room_;
  std::size_t size_ = 0;
};

int word_at(Bytes bytes, std::size_t at) {
  return bytes[at] << 8 | bytes[at + 1];
}

constexpr std::uint8_t exception_bit = 0x80;
constexpr std::size_t crc_bytes = 2;

enum class Shape : unsigned char { read_bits, read_words, write_one, write_bits, write_words, other };

struct Function {
  std::uint8_t code;
  Shape shape;
  std::string_view name;
};

constexpr std::array functions{Function{1, Shape::read_bits, "read coils"},
                               Function{2, Shape::read_bits, "read discrete inputs"},
                               Function{3, Shape::read_words, "read holding registers"},
                               Function{4, Shape::read_words, "read input registers"},
                               Function{5, Shape::write_one, "write coil"},
                               Function{6, Shape::write_one, "write register"},
                               Function{15, Shape::write_bits, "write coils"},
                               Function{16, Shape::write_words, "write registers"}};

Function function_of(std::uint8_t code) {
  for (const Function& function : functions) {
    if (function.code == code) return function;
  }
  return {code, Shape::other, {}};
}

std::string_view exception_name(std::uint8_t code) {
  using sim::ModbusException;
  switch (static_cast<ModbusException>(code)) {
    case ModbusException::illegal_function:
      return "illegal function";
    case ModbusException::illegal_address:
      return "illegal address";
    case ModbusException::illegal_value:
      return "illegal value";
    case ModbusException::device_failure:
      return "device failure";
    case ModbusException::acknowledge:
      return "acknowledge";
    case ModbusException::busy:
      return "busy";
    case ModbusException::gateway_path:
      return "gateway path";
    case ModbusException::gateway_target:
      return "gateway target";
  }
  return "unknown";
}

/// `data`: behind the function code, before the CRC. False when its length is not that of the function.
bool describe_request(Text& text, Shape shape, Bytes data) {
  if (data.size() < 4) return false;
  const bool counted = data.size() > 5 && data.size() == 5U + data[4];
  switch (shape) {
    case Shape::read_bits:
    case Shape::read_words:
      if (data.size() != 4) return false;
      text.add(" {} x{}", word_at(data, 0), word_at(data, 2));
      return true;
    case Shape::write_one:
      if (data.size() != 4) return false;
      text.add(" {} = {}", word_at(data, 0), word_at(data, 2));
      return true;
    case Shape::write_bits:
    case Shape::write_words:
      if (!counted) return false;
      text.add(" {} x{} =", word_at(data, 0), word_at(data, 2));
      shape == Shape::write_words ? text.words(data.subspan(5)) : text.hex(data.subspan(5));
      return true;
    case Shape::other:
      break;
  }
  return false;
}

bool describe_reply(Text& text, Shape shape, Bytes data) {
  const bool counted = data.size() > 1 && data.size() == 1U + data[0];
  switch (shape) {
    case Shape::read_bits:
    case Shape::read_words:
      if (!counted) return false;
      shape == Shape::read_words ? text.words(data.subspan(1)) : text.hex(data.subspan(1));
      return true;
    case Shape::write_one:
    case Shape::write_bits:
    case Shape::write_words:
      if (data.size() != 4) return false;
      text.add(" {} {}{}", word_at(data, 0), shape == Shape::write_one ? "= " : "x", word_at(data, 2));
      return true;
    case Shape::other:
      break;
  }
  return false;
}

/// `frame`: unit and PDU, without what is around them.
void describe(Text& text, Bytes frame, bool request) {
  text.add("unit {}: ", frame[0]);
  const std::uint8_t code = frame[1];
  const Bytes data = frame.subspan(2);
  if (!request && (code & exception_bit) != 0 && data.size() == 1) {
    const Function refused = function_of(static_cast<std::uint8_t>(code & ~exception_bit));
    text.add("{}{}exception {} ({})", refused.name, refused.name.empty() ? "" : ", ", data[0], exception_name(data[0]));
    return;
  }
  const Function function = function_of(code);
  if (function.name.empty()) {
    text.add("function {}", code);
  } else {
    text.add("{}", function.name);
  }
  const bool known =
      request ? describe_request(text, function.shape, data) : describe_reply(text, function.shape, data);
  if (!known) text.hex(data);
}

void list_marks(Text& text, sim::WireMarks marks) {
  const char* between = "";
  for (const auto& [mark, name] : sim::wire_mark::names) {
    if ((marks & mark) == 0) continue;
    text.add("{}{}", between, name);
    between = ", ";
  }
}

void list_network_marks(Text& text, sim::NetworkMarks marks) {
  const char* between = "";
  for (std::size_t i = 0; i < sim::network_fault_count; ++i) {
    if ((marks & sim::mark_of(static_cast<sim::NetworkFault>(i))) == 0) continue;
    text.add("{}{}", between, sim::network_fault_names[i]);
    between = ", ";
  }
}

void add_bytes(Text& text, Bytes bytes) {
  text.add("{} bytes:", bytes.size());
  text.hex(bytes);
}

void describe_segment(Text& text, Bytes bytes, bool request) {
  if (bytes.empty() || whole_tcp_frame(bytes) != bytes.size()) return add_bytes(text, bytes);
  text.add("#{} ", word_at(bytes, 0));
  describe(text, bytes.subspan(sim::mbap_header_bytes - 1), request);
}

constexpr std::array<std::uint8_t, 2> dongle_mark{0xAA, 0x55};

bool begins_with(Bytes bytes, Bytes beginning) {
  return bytes.size() >= beginning.size() && std::equal(beginning.begin(), beginning.end(), bytes.begin());
}

/// What of a datagram is an RTU frame; none: it is one of the AA55 set (goodwe-et-modbus 8), which has a sum.
Bytes rtu_frame_in(Bytes datagram, bool request) {
  constexpr std::array<std::uint8_t, 4> set_reply{0xAA, 0x55, 0x7F, 0xC0};  // from the inverter to the client
  if (!begins_with(datagram, dongle_mark)) return datagram;
  const Bytes frame = datagram.subspan(dongle_mark.size());
  const bool of_the_set = request || (begins_with(datagram, set_reply) && !sim::has_valid_crc(frame));
  return of_the_set ? Bytes{} : frame;
}

void describe_datagram(Text& text, Bytes bytes, bool request) {
  const Bytes frame = rtu_frame_in(bytes, request);
  if (frame.empty()) return add_bytes(text, bytes);
  if (!sim::has_valid_crc(frame)) {
    add_bytes(text, bytes);
    text.add("; crc bad");
    return;
  }
  describe(text, frame.first(frame.size() - crc_bytes), request);
  text.add("; crc ok");
}

}  // namespace

bool fails_its_crc(std::span<const std::uint8_t> datagram, bool request) {
  const Bytes frame = rtu_frame_in(datagram, request);
  return !frame.empty() && !sim::has_valid_crc(frame);
}

std::size_t whole_tcp_frame(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t bytes_before_length = 6;
  constexpr int shortest = 2;
  if (bytes.size() < sim::mbap_header_bytes || word_at(bytes, 2) != 0 || word_at(bytes, 4) < shortest) return 0;
  const std::size_t size = bytes_before_length + static_cast<std::size_t>(word_at(bytes, 4));
  return size <= sim::largest_tcp_frame && size <= bytes.size() ? size : 0;
}

std::string_view write_frame(std::span<char> room, std::string_view line, const sim::SerialLine::FrameRecord& record) {
  Text text{room};
  std::array<char, longest_number> time{};
  const char* end = write_time(time.data(), record.begin);
  text.add("{} {} {} ", std::string_view(time.data(), static_cast<std::size_t>(end - time.data())), line,
           record.from_far_side ? "request" : "reply  ");
  if (sim::has_valid_crc(record.bytes)) {
    describe(text, record.bytes.first(record.bytes.size() - crc_bytes), record.from_far_side);
    text.add("; crc ok");
  } else if (record.bytes.empty()) {
    text.add("no byte heard");
  } else {
    text.add("{} bytes:", record.bytes.size());
    text.hex(record.bytes);
    text.add("; crc bad");
  }
  if (record.marks != 0) {
    text.add("; ");
    list_marks(text, record.marks);
  }
  return text.view();
}

std::string_view write_unit_frame(std::span<char> room, std::span<const std::uint8_t> frame, bool request) {
  Text text{room};
  describe(text, frame, request);
  return text.view();
}

std::string_view write_network_frame(std::span<char> room, std::string_view name, const NetworkFrame& frame) {
  Text text{room};
  std::array<char, longest_number> time{};
  const char* end = write_time(time.data(), frame.at);
  text.add("{} {} {}{}{} ", std::string_view(time.data(), static_cast<std::size_t>(end - time.data())), name,
           frame.client, frame.client.empty() ? "" : " ", frame.request ? "request" : "reply  ");
  frame.stream ? describe_segment(text, frame.bytes, frame.request)
               : describe_datagram(text, frame.bytes, frame.request);
  if (frame.marks != 0) {
    text.add("; ");
    list_network_marks(text, frame.marks);
  }
  return text.view();
}

std::string_view write_network_marks(std::span<char> room, sim::NetworkMarks marks) {
  Text text{room};
  list_network_marks(text, marks);
  return text.view();
}

std::string_view write_marks(std::span<char> room, sim::WireMarks marks) {
  Text text{room};
  list_marks(text, marks);
  return text.view();
}

}  // namespace hil::harness
