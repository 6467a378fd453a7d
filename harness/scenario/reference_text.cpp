#include "harness/scenario/reference_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

constexpr std::uintmax_t largest_reference_bytes = 2U << 20U;

}  // namespace

std::filesystem::path reference_path(const Attribute& file) {
  return std::filesystem::path{file.place.file.text()}.parent_path() / file.value;
}

std::optional<std::string> reference_text(const Attribute& file, std::string& trouble) {
  const std::filesystem::path path = reference_path(file);
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    trouble = fmt::format("no such file: looked for {}", path.string());
    return std::nullopt;
  }
  const auto size = std::filesystem::file_size(path, error);
  if (error || size > largest_reference_bytes) {
    trouble = fmt::format("is {} bytes long, must be <= {} (2 MiB)", size, largest_reference_bytes);
    return std::nullopt;
  }
  std::ifstream stream{path, std::ios::binary};
  return std::string{std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
}

Element with_references_inside(Element expect) {
  for (Element& check : expect.children) {
    const Attribute* file = check.name == "follows" ? check.attribute("file") : nullptr;
    std::string trouble;
    if (file == nullptr) continue;
    if (const auto text = reference_text(*file, trouble)) {
      check.text = std::string{trimmed(*text)};
      std::erase_if(check.attributes, [](const Attribute& attribute) { return attribute.name == "file"; });
    }
  }
  return expect;
}

}  // namespace hil::harness
