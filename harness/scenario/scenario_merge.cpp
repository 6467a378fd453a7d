#include "harness/scenario/scenario_merge.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "harness/scenario/base_file.h"
#include "harness/scenario/element_reader.h"
#include "harness/scenario/names.h"
#include "harness/scenario/site_merge.h"

namespace hil::harness {
namespace {

constexpr std::string_view order_text =
    "purpose, parameters, sweep, site, register_refresh, controller, lan_client, ems, fleet_leader, timeline, expect, "
    "record, tabulate, "
    "plot";
constexpr std::array<std::string_view, 14> order{
    "purpose", "parameters",   "sweep",    "site",   "register_refresh", "controller", "lan_client",
    "ems",     "fleet_leader", "timeline", "expect", "record",           "tabulate",   "plot"};

std::ptrdiff_t rank_of(const Element& element) {
  return std::find(order.begin(), order.end(), element.name) - order.begin();
}

/// The schema fixes this order, so the reader does too.
void check_order(const Element& root, Diagnostics& diagnostics) {
  const Element* last = nullptr;
  std::ptrdiff_t reached = 0;
  for (const Element& child : root.children) {
    const std::ptrdiff_t rank = rank_of(child);
    if (rank == static_cast<std::ptrdiff_t>(order.size())) continue;
    if (last != nullptr && rank < reached) {
      ElementReader{child, diagnostics}.fault(fmt::format("stands behind <{}>, order: {}", last->name, order_text));
      continue;
    }
    reached = rank;
    last = &child;
  }
}

/// `replaces` is of the merge alone: nothing else knows it. Only "true" replaces.
bool takes_the_place(Element& element, Diagnostics& diagnostics) {
  bool replaces = false;
  if (element.attribute("replaces") == nullptr) return false;
  ElementReader reader{element, diagnostics};
  reader.flag("replaces", replaces);
  std::erase_if(element.attributes, [](const Attribute& attribute) { return attribute.name == "replaces"; });
  return replaces;
}

void refuse_replacing(Element& element, Diagnostics& diagnostics) {
  if (element.attribute("replaces") == nullptr) return;
  ElementReader{element, diagnostics}.fault_of("replaces", "replaces is of a scenario that extends one");
  std::erase_if(element.attributes, [](const Attribute& attribute) { return attribute.name == "replaces"; });
}

void give_attributes(Element& base, const Element& top) {
  for (const Attribute& given : top.attributes) {
    const auto known = std::find_if(base.attributes.begin(), base.attributes.end(),
                                    [&](const Attribute& attribute) { return attribute.name == given.name; });
    if (known == base.attributes.end()) {
      base.attributes.push_back(given);
    } else {
      *known = given;
    }
  }
  base.place = top.place;
}

/// One of the two must be, so the one replaces the other.
void give_controller(Element& base, const Element& top) {
  const auto is_limit = [](const Element& child) {
    return child.name == "export_limit_w" || child.name == "unlimited_export";
  };
  if (std::any_of(top.children.begin(), top.children.end(), is_limit)) std::erase_if(base.children, is_limit);
  merge_elements(base, top);
  base.place = top.place;
}

void give_site(Element& base, const Element& top) {
  if (top.attribute("extends") != nullptr) {
    base = top;
    return;
  }
  merge_elements(base, top);
  base.place = top.place;
}

/// What happens and what is expected.
void give_list(Element& base, Element top, Diagnostics& diagnostics) {
  if (takes_the_place(top, diagnostics)) {
    base = std::move(top);
    return;
  }
  give_attributes(base, top);
  base.children.insert(base.children.end(), top.children.begin(), top.children.end());
}

/// The child of the base that a child of the top belongs to; nullptr: it is added.
Element* counterpart(Element& base, const Element& child) {
  const bool many = child.name == "lan_client" || child.name == "ems" || child.name == "plot" ||
                    child.name == "tabulate" || child.name == "register_refresh";
  const std::string_view key = child.name == "plot" || child.name == "tabulate" ? "title" : "name";
  const Attribute* wanted = child.attribute(key);
  for (Element& candidate : base.children) {
    if (candidate.name != child.name) continue;
    if (!many) return &candidate;
    const Attribute* given = candidate.attribute(key);
    if (given != nullptr && wanted != nullptr && given->value == wanted->value) return &candidate;
  }
  return nullptr;
}

void give_child(Element& base, const Element& child, Diagnostics& diagnostics) {
  Element* known = counterpart(base, child);
  if (known == nullptr) {
    // In the place of nothing, too.
    Element& added = base.children.emplace_back(child);
    if (child.name == "timeline" || child.name == "expect") takes_the_place(added, diagnostics);
  } else if (child.name == "site") {
    give_site(*known, child);
  } else if (child.name == "controller") {
    give_controller(*known, child);
  } else if (child.name == "timeline" || child.name == "expect") {
    give_list(*known, child, diagnostics);
  } else if (child.name == "parameters" || child.name == "lan_client" || child.name == "ems") {
    merge_elements(*known, child);
    known->place = child.place;
  } else {
    *known = child;
  }
}

/// A scenario asks its own question under its own name, whatever it extends.
void require_own(const Element& root, Diagnostics& diagnostics) {
  ElementReader reader{root, diagnostics};
  std::string ignored;
  reader.text("schema", ignored);
  reader.text("name", ignored);
  reader.child("purpose", Need::required);
}

std::optional<Element> merged(Element root, const std::filesystem::path& file, const std::filesystem::path& library,
                              std::vector<std::filesystem::path>& chain, Diagnostics& diagnostics) {
  check_order(root, diagnostics);
  if (root.attribute("extends") == nullptr) {
    for (Element& child : root.children) {
      if (child.name == "timeline" || child.name == "expect") refuse_replacing(child, diagnostics);
    }
    return root;
  }
  require_own(root, diagnostics);
  std::optional<BaseFile> extended = read_base(root, "scenario", file, library, chain, diagnostics);
  if (!extended) return std::nullopt;
  std::optional<Element> base = merged(std::move(extended->root), extended->file, library, chain, diagnostics);
  if (!base) return std::nullopt;
  // Its site looks for its own base beside its own file.
  for (Element& child : base->children) {
    if (child.name != "site") continue;
    std::optional<Element> site = merged_site(child, extended->file, library, diagnostics);
    if (!site) return std::nullopt;
    child = std::move(*site);
  }
  give_attributes(*base, root);
  for (const Element& child : root.children) give_child(*base, child, diagnostics);
  std::stable_sort(base->children.begin(), base->children.end(),
                   [](const Element& left, const Element& right) { return rank_of(left) < rank_of(right); });
  return base;
}

}  // namespace

std::optional<Element> merged_scenario(const Element& root, const std::filesystem::path& file,
                                       const std::filesystem::path& library, Diagnostics& diagnostics) {
  std::error_code error;
  std::vector<std::filesystem::path> chain{std::filesystem::weakly_canonical(file, error)};
  return merged(root, file, library, chain, diagnostics);
}

}  // namespace hil::harness
