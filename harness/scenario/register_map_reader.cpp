#include <fmt/core.h>

#include <array>
#include <charconv>
#include <initializer_list>
#include <map>
#include <utility>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/names.h"
#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

constexpr int highest_word = 0xFFFF;

/// The words of an attribute and what each stands for.
template <typename Value>
class Words {
 public:
  Words(const char* what, std::initializer_list<std::pair<const std::string, Value>> words)
      : what_(what), meanings_(words) {
    for (const auto& [word, meaning] : meanings_) known_.push_back(word);
  }

  void read(ElementReader& reader, const char* attribute, Value& value, Need need = Need::required) const {
    std::string given;
    if (reader.one_of(attribute, given, known_, what_, need)) value = meanings_.at(given);
  }

 private:
  const char* what_;
  std::map<std::string, Value> meanings_;
  std::vector<std::string> known_;
};

const Words<sim::Encoding> encodings{"encodings",
                                     {{"u16", sim::Encoding::u16},
                                      {"s16", sim::Encoding::s16},
                                      {"u32_high_first", sim::Encoding::u32_high_first},
                                      {"s32_high_first", sim::Encoding::s32_high_first},
                                      {"u64_high_first", sim::Encoding::u64_high_first},
                                      {"float32_high_first", sim::Encoding::float32_high_first},
                                      {"ascii", sim::Encoding::ascii},
                                      {"bit", sim::Encoding::bit},
                                      {"u32_low_first", sim::Encoding::u32_low_first},
                                      {"s32_low_first", sim::Encoding::s32_low_first}}};
const Words<sim::Table> tables{"tables",
                               {{"holding", sim::Table::holding},
                                {"input", sim::Table::input},
                                {"coils", sim::Table::coils},
                                {"discrete", sim::Table::discrete},
                                {"single_write", sim::Table::single_write},
                                {"block_write", sim::Table::block_write}}};
const std::vector<std::string> units{"W", "Wh", "var", "varh", "VA", "V", "A", "Ah", "Hz", "ohm", "degC", "s"};
const Words<sim::Access> accesses{
    "accesses", {{"read", sim::Access::read}, {"write", sim::Access::write}, {"read_write", sim::Access::read_write}}};
const Words<sim::Certainty> certainties{"certainties",
                                        {{"C", sim::Certainty::certain},
                                         {"S", sim::Certainty::single_source},
                                         {"I", sim::Certainty::inferred},
                                         {"U", sim::Certainty::unknown}}};

/// Register number or content, decimal or 0x: makers print both.
bool read_register(ElementReader& reader, const char* attribute, std::uint16_t& value, Need need = Need::required) {
  std::string given;
  if (!reader.text(attribute, given, need)) return false;
  const bool hex = given.starts_with("0x");
  const std::string_view digits = std::string_view{given}.substr(hex ? 2 : 0);
  unsigned parsed = 0;
  const auto [rest, status] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed, hex ? 16 : 10);
  if (status != std::errc{} || rest != digits.data() + digits.size() || parsed > highest_word) {
    reader.fault_of(attribute, fmt::format("{} is {}, must be 0..65535, decimal or 0x", attribute, in_quotes(given)));
    return false;
  }
  value = static_cast<std::uint16_t>(parsed);
  return true;
}

/// Exactly one of them says what stands in the row.
void read_binding(ElementReader& reader, sim::RegisterRow& row) {
  constexpr std::array bindings{"signal", "setting", "action", "text"};
  int given = reader.element().attribute("constant") == nullptr ? 0 : 1;
  for (const char* binding : bindings) {
    if (reader.name(binding, row.binding, Need::optional) || reader.element().attribute(binding) != nullptr) ++given;
  }
  if (row.encoding == sim::Encoding::ascii) {
    reader.text("constant", row.constant_text, Need::optional);
  } else {
    reader.number("constant", row.constant, any_number, Need::optional);
  }
  if (given != 1) {
    reader.fault(fmt::format("has {} of signal, setting, action, text and constant, must be exactly one", given));
  }
}

sim::RegisterRow read_row(const Element& element, Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  sim::RegisterRow row;
  row.line = element.place.line;
  read_register(reader, "address", row.address);
  reader.integer("count", row.count, 1, 125);
  encodings.read(reader, "encoding", row.encoding);
  reader.number("scale", row.scale, any_number);
  reader.one_of("unit", row.unit, units, "units", Need::optional);
  tables.read(reader, "table", row.table, Need::optional);
  reader.number("lowest", row.lowest, any_number);
  reader.number("highest", row.highest, any_number);
  accesses.read(reader, "access", row.access);
  read_binding(reader, row);
  reader.text("name", row.name);
  reader.text("source", row.source);
  certainties.read(reader, "certainty", row.certainty);
  reader.finish();
  return row;
}

sim::RegisterBlock read_block(const Element& element, Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  sim::RegisterBlock block;
  block.line = element.place.line;
  read_register(reader, "first", block.first);
  read_register(reader, "last", block.last);
  reader.integer("refresh_ms", block.refresh_ms, 0, 3'600'000);
  std::uint16_t fill = 0;
  if (read_register(reader, "fill", fill, Need::optional)) block.fill = fill;
  tables.read(reader, "table", block.table, Need::optional);
  reader.flag("behind_dsp", block.behind_dsp, Need::optional);
  reader.finish();
  return block;
}

/// "file:12: what" becomes a fault at the element that stands on line 12.
void report_content(const std::string& fault, const Element& root, Diagnostics& diagnostics) {
  const std::string prefix = root.place.file.text() + ":";
  std::string_view rest = fault;
  Place place = root.place;
  if (rest.starts_with(prefix)) {
    rest.remove_prefix(prefix.size());
    int line = 0;
    const auto [end, status] = std::from_chars(rest.data(), rest.data() + rest.size(), line);
    if (status == std::errc{}) rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    for (const Element& child : root.children) {
      if (child.place.line == line) place = child.place;
    }
    const std::size_t text = rest.find_first_not_of(": ");
    if (text != std::string_view::npos) rest.remove_prefix(text);
  }
  diagnostics.add(place, std::string{rest});
}

/// Beside the map that names it, else in the library.
std::filesystem::path base_of(const std::filesystem::path& file, const std::string& base,
                              const std::filesystem::path& library) {
  std::error_code error;
  std::filesystem::path beside = file.parent_path() / (base + ".xml");
  return std::filesystem::is_regular_file(beside, error) ? beside : library / "registers" / (base + ".xml");
}

/// `may_extend`: false for the map that another one extends, so that there is no circle to run in.
std::optional<sim::RegisterMap> read_map(const std::filesystem::path& file, const std::filesystem::path& library,
                                         Diagnostics& diagnostics, bool may_extend) {
  Diagnostics own;
  sim::RegisterMap map;
  map.file = file.string();
  const std::optional<Element> root = load_xml(file, own);
  if (root && root->name != "register_map") {
    own.add(root->place, fmt::format("root element is <{}>, must be <register_map>", root->name));
  } else if (root) {
    ElementReader reader{*root, own};
    if (reader.name("name", map.name) && map.name != file.stem().string()) {
      reader.fault_of("name",
                      fmt::format("name is \"{}\", must be that of the file ({})", map.name, file.stem().string()));
    }
    reader.flag("single_writes", map.single_writes, Need::optional);
    std::string base;
    std::filesystem::path base_file;
    std::error_code error;
    if (reader.name("extends", base, Need::optional)) {
      base_file = base_of(file, base, library);
      if (!may_extend) {
        reader.fault_of("extends", fmt::format("extends is \"{}\", but another map extends this one", base));
      } else if (!std::filesystem::is_regular_file(base_file, error)) {
        reader.fault_of("extends", fmt::format("extends is \"{}\", no such map: looked for {} and {}", base,
                                               (file.parent_path() / (base + ".xml")).string(), base_file.string()));
      }
    }
    for (const Element* block : reader.children("block")) map.blocks.push_back(read_block(*block, own));
    const std::vector<const Element*> rows = reader.children("row");
    map.rows.reserve(rows.size());
    for (const Element* row : rows) map.rows.push_back(read_row(*row, own));
    reader.finish();
    if (!base.empty() && own.empty()) {
      auto found = read_map(base_file, library, own, false);
      if (found) map = sim::extended(std::move(*found), std::move(map));
    }
    if (own.empty()) {
      for (const std::string& fault : sim::faults_of(map)) report_content(fault, *root, own);
    }
  }
  for (const Fault& fault : own.sorted()) diagnostics.add(fault.place, fault.message);
  if (!own.empty()) return std::nullopt;
  return map;
}

}  // namespace

std::optional<sim::RegisterMap> read_register_map(const std::filesystem::path& file,
                                                  const std::filesystem::path& library, Diagnostics& diagnostics) {
  return read_map(file, library, diagnostics, true);
}

}  // namespace hil::harness
