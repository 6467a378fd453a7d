#include "harness/scenario/catalog.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/names.h"
#include "harness/scenario/part_reader.h"
#include "harness/scenario/site_merge.h"

namespace hil::harness {
namespace {

const std::vector<std::string> kinds{"inverter", "battery", "pv_module", "cable", "transformer",
                                     "load",     "ct",      "meter",     "pcs",   "solax"};

void read_figures_of(const std::string& kind, ElementReader& reader, Diagnostics& diagnostics) {
  const Assuming nothing;
  if (kind == "inverter") read_inverter_part(reader, nothing, diagnostics);
  if (kind == "pcs") read_pcs_part(reader, nothing, diagnostics);
  if (kind == "solax") read_solax_part(reader, nothing, diagnostics);
  if (kind == "battery") read_battery_part(reader, nothing);
  if (kind == "pv_module") read_pv_module_part(reader);
  if (kind == "cable") read_cable_part(reader);
  if (kind == "transformer") read_transformer_part(reader, nothing);
  if (kind == "load") read_load_part(reader, LoadPlace{}, nothing, diagnostics);
  if (kind == "ct") read_ct_part(reader);
  if (kind == "meter") read_meter_part(reader);
}

/// What belongs to the catalogue and not to the use of a part.
bool is_about_the_entry(const std::string& attribute) {
  return attribute == "part" || attribute == "source";
}

/// Attributes and children of the entry that the element does not give itself, at any depth.
void write_missing(const Element& entry, Element& element) {
  for (const Attribute& given : entry.attributes) {
    if (is_about_the_entry(given.name) || element.attribute(given.name) != nullptr) continue;
    element.attributes.push_back(given);
  }
  for (const Element& child : entry.children) {
    if (child.name == "assumed") continue;
    const auto known = std::find_if(element.children.begin(), element.children.end(), [&](const Element& candidate) {
      return identity_of(candidate) == identity_of(child);
    });
    if (known == element.children.end()) {
      element.children.push_back(child);
    } else {
      write_missing(child, *known);
    }
  }
}

}  // namespace

std::vector<std::string> xml_stems(const std::filesystem::path& folder) {
  std::vector<std::string> stems;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{folder, error}) {
    if (entry.path().extension() == ".xml") stems.push_back(entry.path().stem().string());
  }
  std::sort(stems.begin(), stems.end());
  return stems;
}

Catalog::Catalog(const std::filesystem::path& library, Diagnostics& diagnostics) {
  const std::filesystem::path folder = library / "catalog";
  const std::vector<std::string> stems = xml_stems(folder);
  if (stems.empty()) diagnostics.add({folder.string(), 0, 0}, "no catalogue files (*.xml) here");
  for (const std::string& stem : stems) read_file(folder / (stem + ".xml"), diagnostics);
}

void Catalog::read_file(const std::filesystem::path& file, Diagnostics& diagnostics) {
  std::optional<Element> root = load_xml(file, diagnostics);
  if (!root) return;
  if (root->name != "catalog") {
    diagnostics.add(root->place, fmt::format("root element is <{}>, must be <catalog>", root->name));
    return;
  }
  ElementReader reader{*root, diagnostics};
  for (const std::string& kind : kinds) reader.children(kind);
  reader.finish();
  for (const std::string& kind : kinds) {
    for (Element& part : root->children) {
      if (part.name == kind) read_part(std::move(part), diagnostics);
    }
  }
}

void Catalog::read_part(Element element, Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  Part part;
  std::string name;
  reader.name("part", name);
  read_figures_of(element.name, reader, diagnostics);
  std::string source;
  reader.text("source", source);
  for (const Element* child : reader.children("assumed")) {
    ElementReader assumed{*child, diagnostics};
    std::string attribute;
    std::string reason;
    std::vector<std::string> given;
    for (const Attribute& candidate : element.attributes) {
      if (!is_about_the_entry(candidate.name)) given.push_back(candidate.name);
    }
    assumed.one_of("attribute", attribute, given, "attributes of the part");
    assumed.text("reason", reason);
    assumed.finish();
    if (assumed.sound()) part.assumed.emplace_back(attribute, reason);
    part.sound = part.sound && assumed.sound();
  }
  reader.finish();
  part.sound = part.sound && reader.sound();
  if (name.empty()) return;
  const std::pair key{element.name, name};
  if (const auto known = parts_.find(key); known != parts_.end()) {
    reader.fault(
        fmt::format("stands a second time, first at {}", seen_from(element.place, known->second.element.place)));
    return;
  }
  part.element = std::move(element);
  parts_.emplace(key, std::move(part));
}

std::vector<const Element*> Catalog::parts(const std::string& kind) const {
  std::vector<const Element*> found;
  for (const auto& [key, part] : parts_) {
    if (key.first == kind && part.sound) found.push_back(&part.element);
  }
  return found;
}

std::vector<std::string> Catalog::names_of(const std::string& kind) const {
  std::vector<std::string> names;
  for (const auto& [key, part] : parts_) {
    if (key.first == kind) names.push_back(key.second);
  }
  return names;
}

const Catalog::Part* Catalog::sound_part(const std::string& kind, const Attribute* reference) const {
  if (reference == nullptr) return nullptr;
  const auto found = parts_.find({kind, reference->value});
  return found != parts_.end() && found->second.sound ? &found->second : nullptr;
}

void Catalog::write_into(Element& element) const {
  const bool is_pv = element.name == "pv";
  const Part* part = sound_part(is_pv ? "pv_module" : element.name, element.attribute(is_pv ? "module" : "part"));
  if (part == nullptr) return;
  for (const auto& [assumed, reason] : part->assumed) {
    if (element.attribute(assumed) != nullptr) continue;
    Element child{.name = "assumed", .attributes = {}, .children = {}, .text = {}, .place = part->element.place};
    child.attributes.push_back({"attribute", assumed, child.place, "<assumed>", false});
    child.attributes.push_back({"reason", reason, child.place, "<assumed>", false});
    element.children.push_back(std::move(child));
  }
  write_missing(part->element, element);
}

/// The three transformers: the part named by the meter, each with what a `<ct phase="...">` inside overrides.
void Catalog::write_transformers_into(Element& meter) const {
  const Attribute* common = meter.attribute("ct");
  if (sound_part("ct", common) == nullptr) return;
  for (const char* phase : {"l1", "l2", "l3"}) {
    const bool given = std::any_of(meter.children.begin(), meter.children.end(), [&](const Element& child) {
      const Attribute* own = child.attribute("phase");
      return child.name == "ct" && own != nullptr && own->value == phase;
    });
    if (given) continue;
    Element ct{.name = "ct", .attributes = {}, .children = {}, .text = {}, .place = meter.place};
    ct.attributes.push_back({"phase", phase, common->place, common->owner, false});
    meter.children.push_back(std::move(ct));
  }
  for (Element& child : meter.children) {
    if (child.name != "ct" || child.attribute("part") != nullptr) continue;
    child.attributes.push_back({"part", common->value, common->place, common->owner, false});
  }
}

Element Catalog::with_parts(Element site) const {
  for (Element& element : site.children) {
    if (element.name == "meter") write_transformers_into(element);
    for (Element& inner : element.children) {
      for (Element& innermost : inner.children) write_into(innermost);  // the battery of a PCS's string
      write_into(inner);
    }
    write_into(element);
  }
  return site;
}

Catalog::Use Catalog::use(const std::string& kind, const std::string& attribute, const Element& element,
                          const std::string& owner, Diagnostics& diagnostics) const {
  Use use{.element = element, .part_is_sound = false, .assumed = {}};
  std::erase_if(use.element.children, [](const Element& child) { return child.name == "assumed"; });
  std::vector<std::string> given;
  for (const Attribute& candidate : element.attributes) given.push_back(candidate.name);
  for (const Element& child : element.children) {
    if (child.name != "assumed") continue;
    ElementReader reader{child, diagnostics};
    std::string assumed;
    std::string reason;
    reader.one_of("attribute", assumed, given, "attributes given here");
    reader.text("reason", reason);
    reader.finish();
    if (!reader.sound()) continue;
    use.assumed.push_back({fmt::format("{}: {}", owner, assumed), element.attribute(assumed)->value, reason});
  }
  std::string name;
  ElementReader reader{element, diagnostics};
  if (!reader.one_of(attribute, name, names_of(kind), kind + " parts")) return use;
  use.part_is_sound = parts_.at({kind, name}).sound;
  return use;
}

}  // namespace hil::harness
