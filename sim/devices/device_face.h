#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hil::sim {

/// What a device publishes for register maps to bind to. Names carry unit and direction. The pointers live as long as
/// the face. A name published twice throws std::invalid_argument.
class DeviceFace {
 public:
  /// fail: exception 04. ignore: answered as if it had been taken.
  enum class Reception : unsigned char { take, ignore, fail };

  /// Read-only value.
  void signal(std::string name, const double* value);
  /// Value that a master may read and write, within lowest..highest; a write beyond is exception 03.
  void setting(std::string name, double* value, double lowest, double highest);
  /// The same for a code: only the values listed may be written.
  void choice(std::string name, double* value, std::vector<double> allowed);
  /// For the setting or action published last: what else a value must meet, beside its bounds; else exception 03.
  void accept_if(std::function<bool(double)> accepts);
  /// Likewise: what the device's present state makes of a value that is legal. Asked once for each write.
  void receive_by(std::function<Reception()> receive);
  /// For the setting published last: what follows once all values of a write are in place.
  void when_written(std::function<void()> written);
  /// Likewise: it changes other settings, which then read back at once.
  void moves_others();
  /// What a write sets off; reads as 0.
  void action(std::string name, std::function<void(double)> act);
  void text(std::string name, const std::string* value);

  struct Entry {
    enum class Kind : unsigned char { signal, setting, action, text } kind = Kind::signal;
    const double* value = nullptr;
    double* target = nullptr;
    double lowest = 0.0;
    double highest = 0.0;
    std::vector<double> allowed;  ///< empty: lowest..highest counts
    std::function<bool(double)> accepts;
    std::function<Reception()> receive;
    std::function<void()> written;
    bool moves_others = false;
    std::function<void(double)> act;
    const std::string* text = nullptr;
  };
  /// nullptr when unknown.
  const Entry* find(std::string_view name) const;
  /// "a, b, c", for messages.
  std::string known_names() const;
  /// Those that begin most like `name`, five at most, the most alike first.
  std::string names_like(std::string_view name) const;

 private:
  Entry& add(std::string name, Entry::Kind kind);
  Entry& last_setting();
  Entry& last_written();
  std::map<std::string, Entry, std::less<>> entries_;
  Entry* last_ = nullptr;
};

}  // namespace hil::sim
