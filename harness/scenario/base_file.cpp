#include "harness/scenario/base_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "harness/scenario/catalog.h"
#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

constexpr std::size_t longest_chain = 8;

/// As an `extends` names them.
std::vector<std::string> sites_of(const std::filesystem::path& library) {
  std::vector<std::string> names = xml_stems(library / "sites");
  for (std::string& name : names) name = fmt::format("sites/{}.xml", name);
  return names;
}

}  // namespace

std::optional<BaseFile> read_base(Element& element, std::string_view root, const std::filesystem::path& file,
                                  const std::filesystem::path& library, std::vector<std::filesystem::path>& chain,
                                  Diagnostics& diagnostics) {
  const Attribute reference = *element.attribute("extends");
  std::erase_if(element.attributes, [](const Attribute& attribute) { return attribute.name == "extends"; });
  const auto refuse = [&](const std::string& message) {
    diagnostics.add(reference.place,
                    fmt::format("{}: extends is {}, {}", reference.owner.text(), in_quotes(reference.value), message));
    return std::nullopt;
  };
  const std::filesystem::path beside = file.parent_path() / reference.value;
  const std::filesystem::path in_library = library / reference.value;
  std::error_code error;
  const bool is_beside = std::filesystem::is_regular_file(beside, error);
  if (!is_beside && !std::filesystem::is_regular_file(in_library, error)) {
    std::string known;
    if (root == "site") known = "; sites: " + list_nearest_first(reference.value, sites_of(library));
    return refuse(fmt::format("no such file: looked for {} and {}{}", beside.string(), in_library.string(), known));
  }
  BaseFile base{is_beside ? beside : in_library, {}};
  const std::filesystem::path canonical = std::filesystem::weakly_canonical(base.file, error);
  if (std::find(chain.begin(), chain.end(), canonical) != chain.end()) {
    return refuse(fmt::format("the {} would extend itself", root));
  }
  chain.push_back(canonical);
  if (chain.size() > longest_chain) {
    return refuse(fmt::format("more than {} {}s on one another", longest_chain, root));
  }
  std::optional<Element> found = load_xml(base.file, diagnostics);
  if (!found) return std::nullopt;
  if (found->name != root) {
    diagnostics.add(found->place, fmt::format("root element is <{}>, must be <{}>", found->name, root));
    return std::nullopt;
  }
  base.root = *std::move(found);
  return base;
}

}  // namespace hil::harness
