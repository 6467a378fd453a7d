#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/scenario.h"

namespace hil::harness {

/// A statement of the documents that the bench is built after.
struct Requirement {
  std::string id;        ///< "S003-18"
  std::string document;  ///< "003"
  std::string kind;      ///< "behaviour", "fault", ...
  std::string matter;    ///< "bench": checks have to prove it; "document", "none": nothing to run
  std::string title;
};

/// One that no check of a scenario proves yet.
struct OpenRequirement {
  std::string id;
  std::string reason;
  Place place;
};

/// One that a rule of the reader holds: what breaks it does not run, or is warned of.
struct RuledRequirement {
  std::string id;
  std::string rule;  ///< "S007", as scenarios/README.md has it
  std::string how;
  Place place;
};

struct Requirements {
  std::vector<Requirement> all;  ///< as in the file
  std::vector<OpenRequirement> open;
  std::vector<RuledRequirement> ruled{};
};

/// Where a library has its table of statements.
std::filesystem::path requirements_file(const std::filesystem::path& library);
/// That table alone; empty where there is none. Throws as read_requirements does.
std::vector<Requirement> read_requirements_table(const std::filesystem::path& library);

/// requirements.csv, requirements_open.csv and, where it is there, requirements_rules.csv of a library. Throws
/// std::runtime_error "file:line: ..." for what cannot be read, for an id that stands there twice, and for an open or
/// ruled one that is unknown.
Requirements read_requirements(const std::filesystem::path& library);

/// The ids in a check's `requirement`, which may name several: "S001-14 S000-17". Beside statements of the documents
/// there are clauses of other sources by a name: "1547.1-volt_var"; no file of the library lists those. Other words are
/// none.
std::vector<std::string> requirement_ids(std::string_view text);

/// Each clause that a check of the scenarios in these folders names, with the files that do, by their canonical paths:
/// what stands in the folders themselves, not below. What cannot be read names none.
std::map<std::string, std::set<std::filesystem::path>> files_of_clauses(const std::set<std::filesystem::path>& folders);

/// A clause that what is tested rightly does not fulfil, or in part only.
struct Deviation {
  std::string id;
  std::vector<std::filesystem::path> files;  ///< of the scenarios that show it; empty: none is about the clause
  std::string reason;
};
/// deviations.csv of a folder of scenarios, nothing where there is none. Throws as read_requirements does, for what is
/// no clause, for a file that the folder does not have and for a clause of one file that stands there twice.
std::vector<Deviation> read_deviations(const std::filesystem::path& folder);

/// A requirement with what proves it.
struct Coverage {
  const Requirement* requirement = nullptr;
  std::vector<const CheckSpec*> checks;
  const OpenRequirement* open = nullptr;
  const RuledRequirement* ruled = nullptr;

  bool proven() const { return !checks.empty() || ruled != nullptr; }
};
/// One for each requirement, in their order. All arguments must outlive it.
std::vector<Coverage> coverage_of(const Requirements& requirements, const std::vector<Scenario>& scenarios);

/// Rows for the bench that are neither proven nor open, and open ones that have been proven: "file:line:column: ...",
/// one each.
std::vector<std::string> coverage_faults(const Requirements& requirements, const std::vector<Scenario>& scenarios);

}  // namespace hil::harness
