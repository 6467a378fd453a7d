#include "harness/scenario/requirements.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <pugixml.hpp>
#include <set>
#include <stdexcept>
#include <utility>

#include "harness/record/csv_reader.h"
#include "harness/record/output_file.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

constexpr const char* all_csv = "requirements.csv";
constexpr const char* open_csv = "requirements_open.csv";
constexpr const char* rules_csv = "requirements_rules.csv";
constexpr const char* deviations_csv = "deviations.csv";
constexpr const char* for_the_bench = "bench";
constexpr const char* no_scenario = "-";

/// Whether a row's first field names it alone.
enum class Key : unsigned char { first_field, other };

struct Row {
  std::vector<std::string> fields;
  Place place;
};

/// The rows behind the header, which must be `header`. No field of these files holds a line break.
std::vector<Row> rows_of(const fs::path& file, const std::string& header, Key key = Key::first_field) {
  std::vector<Row> rows;
  int line = 0;
  std::set<std::string> ids;
  const auto fields = static_cast<std::size_t>(std::count(header.begin(), header.end(), ',') + 1);
  for (const auto& record : parse_csv(read_whole_file(file))) {
    ++line;
    const std::string place = fmt::format("{}:{}", file.string(), line);
    if (line == 1) {
      if (fmt::format("{}", fmt::join(record, ",")) == header) continue;
      throw std::runtime_error(fmt::format("{}: must be {}", place, header));
    }
    if (record.size() != fields || record.front().empty() || record.back().empty()) {
      throw std::runtime_error(fmt::format("{}: must have {}", place, header));
    }
    if (key == Key::first_field && !ids.insert(record.front()).second) {
      throw std::runtime_error(fmt::format("{}: {} stands here twice", place, record.front()));
    }
    rows.push_back({record, {file.string(), line, 1}});
  }
  return rows;
}

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

/// S, the document (000 to 004), a dash, a number of up to three digits.
bool is_statement(std::string_view word) {
  constexpr std::size_t dash = 4;
  constexpr std::size_t longest = 8;
  if (word.size() < dash || word.size() > longest || !word.starts_with("S00") || word[3] < '0' || word[3] > '4')
    return false;
  return word.size() > dash + 1 && word[dash] == '-' && std::all_of(word.begin() + dash + 1, word.end(), is_digit);
}

/// Another source, of letters, digits and dots but not with an S ahead, a dash, a name of its own: "1547.1-volt_var".
bool is_clause(std::string_view word) {
  const std::size_t dash = word.find('-');
  if (dash == 0 || dash == std::string_view::npos || dash + 1 == word.size() || word.front() == 'S') return false;
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto of_source = [&](char c) { return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '.'; };
  const auto of_name = [&](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '.'; };
  const std::string_view source = word.substr(0, dash);
  const std::string_view name = word.substr(dash + 1);
  return is_lower(name.front()) && std::all_of(source.begin(), source.end(), of_source) &&
         std::all_of(name.begin(), name.end(), of_name);
}

bool is_id(std::string_view word) {
  return is_statement(word) || is_clause(word);
}

/// A row about something that the bench is to prove.
void require_for_the_bench(const Requirements& requirements, const Row& row) {
  const bool known = std::any_of(requirements.all.begin(), requirements.all.end(), [&](const Requirement& each) {
    return each.id == row.fields[0] && each.matter == for_the_bench;
  });
  if (known) return;
  throw std::runtime_error(
      fmt::format("{}:{}: {} is no requirement for the bench", row.place.file, row.place.line, row.fields[0]));
}

template <typename Named>
const Named* find_id(const std::vector<Named>& all, const std::string& id) {
  const auto found = std::find_if(all.begin(), all.end(), [&id](const Named& each) { return each.id == id; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<Requirement> statements_in(const fs::path& file) {
  std::vector<Requirement> all;
  for (const Row& row : rows_of(file, "id,document,kind,matter,title")) {
    const auto& fields = row.fields;
    all.push_back({fields[0], fields[1], fields[2], fields[3], fields[4]});
  }
  return all;
}

/// The files of the scenarios in a row of deviations.csv.
std::vector<fs::path> files_in(const fs::path& folder, const Row& row) {
  std::vector<fs::path> files;
  std::string_view names = row.fields[1];
  if (names == no_scenario) return files;
  do {
    const std::size_t end = std::min(names.find(' '), names.size());
    const fs::path file = folder / names.substr(0, end);
    if (end == 0 || !fs::is_regular_file(file)) {
      throw std::runtime_error(
          fmt::format("{}:{}: \"{}\" is no file of this folder, must be those of scenarios with a "
                      "space between, or {} where none is about the clause",
                      row.place.file, row.place.line, names.substr(0, end), no_scenario));
    }
    files.push_back(file);
    names.remove_prefix(std::min(end + 1, names.size()));
  } while (!names.empty());
  return files;
}

}  // namespace

fs::path requirements_file(const fs::path& library) {
  return library / all_csv;
}

std::vector<Requirement> read_requirements_table(const fs::path& library) {
  return fs::exists(requirements_file(library)) ? statements_in(requirements_file(library))
                                                : std::vector<Requirement>{};
}

Requirements read_requirements(const fs::path& library) {
  Requirements requirements;
  requirements.all = statements_in(requirements_file(library));
  for (Row& row : rows_of(library / open_csv, "id,reason")) {
    require_for_the_bench(requirements, row);
    requirements.open.push_back({row.fields[0], row.fields[1], row.place});
  }
  if (!fs::exists(library / rules_csv)) return requirements;
  for (Row& row : rows_of(library / rules_csv, "id,rule,how")) {
    require_for_the_bench(requirements, row);
    requirements.ruled.push_back({row.fields[0], row.fields[1], row.fields[2], row.place});
  }
  return requirements;
}

std::vector<std::string> requirement_ids(std::string_view text) {
  std::vector<std::string> ids;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" ,;"), text.size());
    if (is_id(text.substr(0, end))) ids.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return ids;
}

std::map<std::string, std::set<fs::path>> files_of_clauses(const std::set<fs::path>& folders) {
  std::map<std::string, std::set<fs::path>> files;
  for (const fs::path& folder : folders) {
    for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder)) {
      if (!entry.is_regular_file() || entry.path().extension() != ".xml") continue;
      pugi::xml_document document;
      if (!document.load_file(entry.path().c_str())) continue;
      const pugi::xml_node expect = document.child("scenario").child("expect");
      for (const pugi::xml_node check : expect.children()) {
        for (const std::string& id : requirement_ids(check.attribute("requirement").value())) {
          if (is_clause(id)) files[id].insert(fs::weakly_canonical(entry.path()));
        }
      }
    }
  }
  return files;
}

std::vector<Deviation> read_deviations(const fs::path& folder) {
  std::vector<Deviation> deviations;
  const fs::path file = folder / deviations_csv;
  if (!fs::exists(file)) return deviations;
  std::set<std::pair<std::string, fs::path>> met;
  for (const Row& row : rows_of(file, "id,scenarios,reason", Key::other)) {
    if (!is_clause(row.fields[0])) {
      throw std::runtime_error(fmt::format("{}:{}: {} is no clause, must be as in 1547.1-volt_var", row.place.file,
                                           row.place.line, row.fields[0]));
    }
    Deviation deviation{row.fields[0], files_in(folder, row), row.fields[2]};
    std::vector<fs::path> shown = deviation.files;
    if (shown.empty()) shown.emplace_back();
    for (const fs::path& each : shown) {
      if (met.emplace(deviation.id, each).second) continue;
      throw std::runtime_error(fmt::format("{}:{}: {} of {} stands here twice", row.place.file, row.place.line,
                                           deviation.id, each.empty() ? no_scenario : each.filename().string()));
    }
    deviations.push_back(std::move(deviation));
  }
  return deviations;
}

std::vector<Coverage> coverage_of(const Requirements& requirements, const std::vector<Scenario>& scenarios) {
  std::vector<Coverage> coverage;
  for (const Requirement& requirement : requirements.all) {
    Coverage each;
    each.requirement = &requirement;
    for (const Scenario& scenario : scenarios) {
      for (const CheckSpec& check : scenario.checks) {
        const std::vector<std::string> ids = requirement_ids(check.requirement);
        if (std::find(ids.begin(), ids.end(), requirement.id) != ids.end()) each.checks.push_back(&check);
      }
    }
    each.open = find_id(requirements.open, requirement.id);
    each.ruled = find_id(requirements.ruled, requirement.id);
    coverage.push_back(std::move(each));
  }
  return coverage;
}

std::vector<std::string> coverage_faults(const Requirements& requirements, const std::vector<Scenario>& scenarios) {
  std::vector<std::string> faults;
  for (const Coverage& each : coverage_of(requirements, scenarios)) {
    const std::string& id = each.requirement->id;
    if (each.open != nullptr && each.proven()) {
      const Place& proof = each.checks.empty() ? each.ruled->place : each.checks.front()->place;
      faults.push_back(Fault{
          each.open->place, fmt::format("{} is proven at {}:{}, must not be open any more", id, proof.file, proof.line)}
                           .text());
    } else if (each.open == nullptr && !each.proven() && each.requirement->matter == for_the_bench) {
      faults.push_back(
          fmt::format("{} ({}): no check proves it, and it is not open in {}", id, each.requirement->title, open_csv));
    }
  }
  return faults;
}

}  // namespace hil::harness
