#include "controller/hosts/linux/json_lines.h"

#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>

namespace hil::hosts {
namespace {

/// Hands out the characters of a text and counts lines: the parser tells no positions but of its errors.
class CountingReader {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingReader(const char* at, int* line) : at_(at), line_(line) {}
  const char& operator*() const { return *at_; }
  CountingReader& operator++() {
    if (*at_ == '\n') ++*line_;
    ++at_;
    return *this;
  }
  bool operator==(const CountingReader& other) const { return at_ == other.at_; }
  bool operator!=(const CountingReader& other) const { return at_ != other.at_; }
  const char* at() const { return at_; }

 private:
  const char* at_;
  int* line_;
};

/// Builds the tree from the parser's calls.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(const int& line, JsonFault& fault) : line_(line), fault_(fault) {}

  bool null() override {
    add(JsonValue::Kind::null);
    return true;
  }
  bool boolean(bool value) override {
    add(JsonValue::Kind::boolean).boolean = value;
    return true;
  }
  bool number_integer(number_integer_t value) override { return add_number(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add_number(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return add_number(value); }
  bool string(string_t& value) override {
    add(JsonValue::Kind::text).text = value;
    return true;
  }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*count*/) override { return open(JsonValue::Kind::object); }
  bool key(string_t& name) override {
    JsonValue& member = open_.back()->items.emplace_back();
    member.name = name;
    member.line = line_;
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*count*/) override { return open(JsonValue::Kind::array); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    const std::string what = error.what();
    const std::size_t reason = what.find(": ");
    fault_ = {line_, "is no JSON" + (reason == std::string::npos ? std::string() : what.substr(reason))};
    return false;
  }

  JsonValue take() { return std::move(root_); }

 private:
  /// The value that comes now: the root, one more item, or the member whose name has been read.
  JsonValue& add(JsonValue::Kind kind) {
    JsonValue* value = &root_;
    if (open_.empty()) {
      root_.line = line_;
    } else if (open_.back()->kind == JsonValue::Kind::array) {
      value = &open_.back()->items.emplace_back();
      value->line = open_.back()->line;
    } else {
      value = &open_.back()->items.back();
    }
    value->kind = kind;
    return *value;
  }
  bool add_number(double value) {
    add(JsonValue::Kind::number).number = value;
    return true;
  }
  bool open(JsonValue::Kind kind) {
    open_.push_back(&add(kind));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  const int& line_;
  JsonFault& fault_;
  JsonValue root_;
  std::vector<JsonValue*> open_;  ///< a container that is open does not move: its siblings come after it
};

}  // namespace

std::optional<JsonValue> read_json(const std::string& text, JsonFault& fault) {
  int line = 1;
  Builder builder(line, fault);
  const CountingReader begin(text.data(), &line);
  const CountingReader end(text.data() + text.size(), &line);
  if (!nlohmann::json::sax_parse(begin, end, &builder)) return std::nullopt;
  return builder.take();
}

}  // namespace hil::hosts
