#include "harness/cli/shard.h"

#include <charconv>

namespace hil::harness {
namespace {

std::optional<std::size_t> whole(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<Shard> shard_from(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto part = whole(text.substr(0, slash));
  const auto of = whole(text.substr(slash + 1));
  if (!part || !of || *part < 1 || *part > *of) return std::nullopt;
  return Shard{*part, *of};
}

std::string shard_fault(std::string_view text) {
  return std::string{text} + " is no share, must be I/N with 1 <= I <= N, as 1/4";
}

}  // namespace hil::harness
