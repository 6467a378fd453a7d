#pragma once

#include <stdexcept>
#include <string>

namespace hil::models {

/// A parameter outside its bounds. Says which field, what it was and what is allowed.
class InvalidParameter : public std::invalid_argument {
 public:
  InvalidParameter(const std::string& field, double value, const std::string& allowed)
      : std::invalid_argument(field + " is " + std::to_string(value) + ", must be " + allowed), field_(field) {}
  const std::string& field() const { return field_; }

 private:
  std::string field_;
};

/// Throws InvalidParameter unless `holds` is true. NaN fails every comparison, so it is refused too.
inline void require(bool holds, const char* field, double value, const char* allowed) {
  if (!holds) throw InvalidParameter(field, value, allowed);
}

}  // namespace hil::models
