#include "sim/devices/device_face.h"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace hil::sim {

void DeviceFace::signal(std::string name, const double* value) {
  add(std::move(name), Entry::Kind::signal).value = value;
}

void DeviceFace::setting(std::string name, double* value, double lowest, double highest) {
  Entry& entry = add(std::move(name), Entry::Kind::setting);
  entry.value = value;
  entry.target = value;
  entry.lowest = lowest;
  entry.highest = highest;
}

void DeviceFace::choice(std::string name, double* value, std::vector<double> allowed) {
  if (allowed.empty()) throw std::invalid_argument("choice \"" + name + "\" allows no value");
  Entry& entry = add(std::move(name), Entry::Kind::setting);
  entry.value = value;
  entry.target = value;
  entry.allowed = std::move(allowed);
}

void DeviceFace::action(std::string name, std::function<void(double)> act) {
  add(std::move(name), Entry::Kind::action).act = std::move(act);
}

void DeviceFace::text(std::string name, const std::string* value) {
  add(std::move(name), Entry::Kind::text).text = value;
}

DeviceFace::Entry& DeviceFace::add(std::string name, Entry::Kind kind) {
  const auto [place, added] = entries_.try_emplace(std::move(name));
  if (!added) throw std::invalid_argument("\"" + place->first + "\" is published twice");
  last_ = &place->second;
  last_->kind = kind;
  return *last_;
}

DeviceFace::Entry& DeviceFace::last_setting() {
  if (last_ == nullptr || last_->kind != Entry::Kind::setting) {
    throw std::logic_error("what was published last is no setting");
  }
  return *last_;
}

DeviceFace::Entry& DeviceFace::last_written() {
  if (last_ != nullptr && last_->kind == Entry::Kind::action) return *last_;
  return last_setting();
}

void DeviceFace::accept_if(std::function<bool(double)> accepts) {
  last_written().accepts = std::move(accepts);
}

void DeviceFace::receive_by(std::function<Reception()> receive) {
  last_written().receive = std::move(receive);
}

void DeviceFace::when_written(std::function<void()> written) {
  last_setting().written = std::move(written);
}

void DeviceFace::moves_others() {
  last_setting().moves_others = true;
}

const DeviceFace::Entry* DeviceFace::find(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

std::string DeviceFace::known_names() const {
  std::string names;
  for (const auto& [name, entry] : entries_) {
    if (!names.empty()) names += ", ";
    names += name;
  }
  return names;
}

std::string DeviceFace::names_like(std::string_view name) const {
  constexpr std::size_t most = 5;
  std::vector<std::pair<std::size_t, std::string_view>> alike;
  for (const auto& [known, entry] : entries_) {
    const auto [own, other] = std::mismatch(known.begin(), known.end(), name.begin(), name.end());
    alike.emplace_back(static_cast<std::size_t>(own - known.begin()), known);
  }
  std::stable_sort(alike.begin(), alike.end(),
                   [](const auto& left, const auto& right) { return left.first > right.first; });
  std::string names;
  for (std::size_t i = 0; i < std::min(most, alike.size()); ++i) {
    names += (names.empty() ? "" : ", ") + std::string{alike[i].second};
  }
  return names;
}

}  // namespace hil::sim
