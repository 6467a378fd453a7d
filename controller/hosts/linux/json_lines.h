#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hil::hosts {

/// A JSON value that knows its line.
struct JsonValue {
  enum class Kind : unsigned char { null, boolean, number, text, array, object };
  Kind kind = Kind::null;
  int line = 0;      ///< of its name; of an array's item: of the array's name
  std::string name;  ///< of an object's member
  bool boolean = false;
  double number = 0.0;
  std::string text;
  std::vector<JsonValue> items;  ///< of an array, and of an object as they stand in the text, names given twice too
};

/// What is no JSON.
struct JsonFault {
  int line = 0;
  std::string what;
};

/// Reads a text; nullopt and `fault` when it is no JSON.
std::optional<JsonValue> read_json(const std::string& text, JsonFault& fault);

}  // namespace hil::hosts
