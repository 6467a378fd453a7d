#include "harness/scenario/site_merge.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/scenario/base_file.h"

namespace hil::harness {
namespace {

/// The attribute that tells elements of this name apart; "" when there is one at most.
std::string_view key_attribute(std::string_view element) {
  constexpr std::array<std::string_view, 22> single{
      "grid",       "battery",  "weather",    "clouds",    "backup",  "rlc",      "noise",  "kettle",
      "support",    "hob",      "thermostat", "motor",     "profile", "welding",  "inrush", "heat_pump",
      "ev_charger", "volt_var", "volt_watt",  "freq_watt", "trips",   "generator"};
  if (std::find(single.begin(), single.end(), element) != single.end()) return {};
  if (element == "pv") return "input";
  if (element == "quirk") return "kind";
  if (element == "ct") return "phase";
  if (element == "loss") return "path";
  if (element == "assumed") return "attribute";
  if (element == "string") return "number";
  if (element == "smart_load") return "channel";
  return "name";
}

/// A PV input is told by its light or by its plane: what a site says replaces the other in its base.
void drop_other_light(Element& base, const Element& top) {
  if (base.name != "pv") return;
  constexpr std::array<std::string_view, 2> light{"irradiance_w_m2", "cell_temperature_c"};
  constexpr std::array<std::string_view, 3> plane{"tilt_deg", "azimuth_deg", "albedo"};
  const auto is_one_of = [](const auto& names, const Attribute& attribute) {
    return std::find(names.begin(), names.end(), attribute.name) != names.end();
  };
  const auto gives = [&](const auto& names) {
    return std::any_of(top.attributes.begin(), top.attributes.end(),
                       [&](const Attribute& attribute) { return is_one_of(names, attribute); });
  };
  const bool gives_light = gives(light);
  const bool gives_plane = gives(plane);
  if (gives_light == gives_plane) return;
  std::erase_if(base.attributes, [&](const Attribute& attribute) {
    return gives_light ? is_one_of(plane, attribute) : is_one_of(light, attribute);
  });
}

/// Two elements of one identity in one file are a slip, not an override: reported, and the second one dropped.
void drop_twins(Element& parent, Diagnostics& diagnostics) {
  std::map<std::pair<std::string, std::string>, int> first_line;
  std::erase_if(parent.children, [&](Element& child) {
    drop_twins(child, diagnostics);
    const auto identity = identity_of(child);
    if (!identity) return false;
    const auto [known, is_new] = first_line.emplace(*identity, child.place.line);
    if (!is_new) {
      diagnostics.add(child.place,
                      fmt::format("{}: stands a second time, first at line {}", child.label(), known->second));
    }
    return !is_new;
  });
}

/// Elements with a name that a site has several of, and the attribute without which none can be new.
struct Named {
  std::string_view element;
  std::string_view needs;
};
constexpr std::array<Named, 7> named_elements{{{"inverter", "bus"},
                                               {"pcs", "bus"},
                                               {"solax", "bus"},
                                               {"load", "bus"},
                                               {"cable", "from"},
                                               {"transformer", "from"},
                                               {"line", "baud"}}};

const Named* named_element(const Element& element) {
  const auto found = std::find_if(named_elements.begin(), named_elements.end(),
                                  [&element](const Named& each) { return each.element == element.name; });
  return found == named_elements.end() ? nullptr : &*found;
}

/// What is wrong with an element on top of a base that has none of its name, and that cannot be new: it was meant to
/// override one of the base. Empty: nothing.
std::string misnaming(const Element& child, const Element& base, std::string_view base_name) {
  const Attribute* name = child.attribute("name");
  const Named* kind = named_element(child);
  if (kind == nullptr || name == nullptr || child.attribute(kind->needs) != nullptr) return "";
  std::string known;
  std::string of_another_kind;
  for (const Element& each : base.children) {
    const Attribute* other = each.attribute("name");
    if (named_element(each) == nullptr || other == nullptr) continue;
    if (other->value == name->value && each.name == child.name) return "";
    if (other->value == name->value) of_another_kind = each.name;
    if (each.name == child.name) known += (known.empty() ? "" : ", ") + other->value;
  }
  if (!of_another_kind.empty()) {
    return fmt::format("{} has it as <{} name=\"{}\">, must be that here, too", base_name, of_another_kind,
                       name->value);
  }
  if (known.empty()) return "";
  return fmt::format("{} has no such {}, known: {}; a new one needs the attribute {}", base_name, child.name, known,
                     kind->needs);
}

void drop_misnamed(Element& site, const Element& base, const std::string& base_name, Diagnostics& diagnostics) {
  std::erase_if(site.children, [&](const Element& child) {
    const std::string fault = misnaming(child, base, base_name);
    if (fault.empty()) return false;
    diagnostics.add(child.attribute("name")->place, child.label() + ": " + fault);
    return true;
  });
}

std::optional<Element> merged(Element site, const std::filesystem::path& file, const std::filesystem::path& library,
                              std::vector<std::filesystem::path>& chain, Diagnostics& diagnostics) {
  drop_twins(site, diagnostics);
  const Attribute* extends = site.attribute("extends");
  if (extends == nullptr) return site;
  const std::string base_name = extends->value;  // read_base() takes the attribute away
  std::optional<BaseFile> extended = read_base(site, "site", file, library, chain, diagnostics);
  if (!extended) return std::nullopt;
  std::optional<Element> base = merged(std::move(extended->root), extended->file, library, chain, diagnostics);
  if (!base) return std::nullopt;
  drop_misnamed(site, *base, base_name, diagnostics);
  merge_elements(*base, site);
  base->place = site.place;
  return base;
}

}  // namespace

void merge_elements(Element& base, const Element& top) {
  drop_other_light(base, top);
  for (const Attribute& given : top.attributes) {
    // What was assumed of a value does not hold for the one that replaces it.
    std::erase_if(base.children, [&](const Element& child) {
      const Attribute* of = child.attribute("attribute");
      return child.name == "assumed" && of != nullptr && of->value == given.name;
    });
    const auto known = std::find_if(base.attributes.begin(), base.attributes.end(),
                                    [&](const Attribute& candidate) { return candidate.name == given.name; });
    if (known == base.attributes.end()) {
      base.attributes.push_back(given);
      base.attributes.back().overriding = true;
    } else {
      *known = given;
      known->overriding = true;
    }
  }
  if (!top.text.empty()) base.text = top.text;
  std::map<std::pair<std::string, std::string>, std::size_t> known_children;
  for (std::size_t index = 0; index < base.children.size(); ++index) {
    if (const auto identity = identity_of(base.children[index])) known_children.emplace(*identity, index);
  }
  for (const Element& child : top.children) {
    const auto identity = identity_of(child);
    const auto known = identity ? known_children.find(*identity) : known_children.end();
    if (known == known_children.end()) {
      base.children.push_back(child);
    } else {
      merge_elements(base.children[known->second], child);
    }
  }
}

std::optional<std::pair<std::string, std::string>> identity_of(const Element& element) {
  const std::string_view key = key_attribute(element.name);
  if (key.empty()) return std::pair{element.name, std::string{}};
  const Attribute* given = element.attribute(key);
  if (given != nullptr) return std::pair{element.name, given->value};
  if (element.name == "pv") return std::pair{element.name, std::string{"1"}};
  return std::nullopt;
}

std::optional<Element> merged_site(const Element& site, const std::filesystem::path& file,
                                   const std::filesystem::path& library, Diagnostics& diagnostics) {
  std::vector<std::filesystem::path> chain;
  return merged(site, file, library, chain, diagnostics);
}

}  // namespace hil::harness
