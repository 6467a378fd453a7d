#include "tests/layering/include_rules.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <regex>
#include <set>
#include <string_view>
#include <utility>

namespace hil::layering {

namespace {

namespace fs = std::filesystem;

struct Folder {
  std::string name;
  std::set<std::string> uses;
  bool std_only = false;         ///< outside our own folders, nothing but the standard library ...
  std::string also_allowed;      ///< ... and what starts with this
  bool may_read_clocks = false;  ///< of the machine
};

const std::array<Folder, 4> folders{{
    {"models", {"models"}, true, "Eigen/", false},
    {"sim", {"sim", "models"}, false, "", false},
    {"controller", {"controller"}, true, "", false},
    {"harness", {"harness", "sim", "models", "controller"}, false, "", true},
}};

/// Sub-folders of which the first does not know the second, which knows it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 1> apart{{{"harness/plant", "harness/live"}}};

const std::set<std::string> standard_headers{
    "algorithm",
    "any",
    "array",
    "atomic",
    "barrier",
    "bit",
    "bitset",
    "cassert",
    "cctype",
    "cerrno",
    "cfenv",
    "cfloat",
    "charconv",
    "chrono",
    "cinttypes",
    "climits",
    "clocale",
    "cmath",
    "compare",
    "complex",
    "concepts",
    "condition_variable",
    "coroutine",
    "csetjmp",
    "csignal",
    "cstdarg",
    "cstddef",
    "cstdint",
    "cstdio",
    "cstdlib",
    "cstring",
    "ctime",
    "cuchar",
    "cwchar",
    "cwctype",
    "deque",
    "exception",
    "execution",
    "filesystem",
    "forward_list",
    "fstream",
    "functional",
    "future",
    "initializer_list",
    "iomanip",
    "ios",
    "iosfwd",
    "iostream",
    "istream",
    "iterator",
    "latch",
    "limits",
    "list",
    "locale",
    "map",
    "memory",
    "memory_resource",
    "mutex",
    "new",
    "numbers",
    "numeric",
    "optional",
    "ostream",
    "queue",
    "random",
    "ranges",
    "ratio",
    "regex",
    "scoped_allocator",
    "semaphore",
    "set",
    "shared_mutex",
    "source_location",
    "span",
    "sstream",
    "stack",
    "stdexcept",
    "stop_token",
    "streambuf",
    "string",
    "string_view",
    "syncstream",
    "system_error",
    "thread",
    "tuple",
    "type_traits",
    "typeindex",
    "typeinfo",
    "unordered_map",
    "unordered_set",
    "utility",
    "valarray",
    "variant",
    "vector",
    "version",
};

/// The lines of a file with comments blanked, so that line numbers stay. `line_comment` is "//" or "#".
std::vector<std::string> lines_without_comments(const fs::path& file, std::string_view line_comment) {
  std::ifstream stream{file};
  std::vector<std::string> lines;
  std::string line;
  bool in_block = false;
  while (std::getline(stream, line)) {
    std::string kept;
    bool in_string = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string_view rest = std::string_view{line}.substr(i);
      if (in_block) {
        if (rest.starts_with("*/")) {
          in_block = false;
          ++i;
        }
        continue;
      }
      if (!in_string && rest.starts_with(line_comment)) break;
      if (!in_string && line_comment == "//" && rest.starts_with("/*")) {
        in_block = true;
        ++i;
        continue;
      }
      if (in_string && rest.front() == '\\' && rest.size() > 1) {
        kept += line[i];
        ++i;
      } else if (rest.front() == '"') {
        in_string = !in_string;
      }
      kept += line[i];
    }
    lines.push_back(kept);
  }
  return lines;
}

bool is_source(const fs::path& path) {
  static const std::set<std::string> endings{".h", ".hpp", ".c", ".cpp", ".cc", ".ipp", ".inl"};
  return endings.contains(path.extension().string());
}

std::vector<fs::path> files_below(const fs::path& folder, bool (*wanted)(const fs::path&)) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && wanted(entry.path())) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string first_part(const fs::path& path) {
  return path.empty() ? "" : path.begin()->string();
}

bool is_ours(const std::string& folder) {
  return folder == "tests" ||
         std::any_of(folders.begin(), folders.end(), [&](const Folder& known) { return known.name == folder; });
}

/// The file an include names, relative to the root: as written, or beside the file that includes it.
std::optional<fs::path> our_file(const fs::path& root, const fs::path& includer, const std::string& name, bool quoted) {
  if (quoted) {
    const fs::path beside = (includer.parent_path() / name).lexically_normal();
    if (fs::exists(root / beside)) return beside;
  }
  const fs::path from_root = fs::path{name}.lexically_normal();
  if (is_ours(first_part(from_root))) return from_root;
  return std::nullopt;
}

bool is_systemc(const std::string& name) {
  return name == "systemc" || name == "systemc.h" || name.starts_with("sysc/") || name.starts_with("tlm");
}

/// A host of the controller is a program on a machine or board: it has clocks and libraries.
bool is_host(const fs::path& file) {
  return file.generic_string().starts_with("controller/hosts/");
}

bool is_below(const fs::path& file, std::string_view folder) {
  return file.generic_string().starts_with(std::string{folder} + "/");
}

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// What is wrong with the include; empty: nothing.
std::string fault_of(const Folder& folder, const fs::path& root, const fs::path& includer, const std::string& name,
                     bool quoted) {
  const std::string spelled = quoted ? '"' + name + '"' : '<' + name + '>';
  if (const auto ours = our_file(root, includer, name, quoted)) {
    const std::string target = first_part(*ours);
    if (is_host(*ours) && target == folder.name && !is_host(includer)) {
      return "includes " + spelled + ", a host uses the core and not the other way round";
    }
    for (const auto& [user, used] : apart) {
      if (!is_below(includer, user) || !is_below(*ours, used)) continue;
      return "includes " + spelled + ", " + std::string{user} + " may not use " + std::string{used};
    }
    if (folder.uses.contains(target)) return "";
    return "includes " + spelled + ", " + folder.name + " may use " + joined(folder.uses);
  }
  if (is_systemc(name) && !includer.generic_string().starts_with("sim/kernel/")) {
    return "includes " + spelled + ", SystemC may be used in sim/kernel only";
  }
  const bool allowed_extra = !folder.also_allowed.empty() && name.starts_with(folder.also_allowed);
  if (folder.std_only && !is_host(includer) && !allowed_extra && !standard_headers.contains(name)) {
    return "includes " + spelled + ", " + folder.name + " may use the standard library" +
           (folder.also_allowed.empty() ? "" : " and " + folder.also_allowed) + " only";
  }
  return "";
}

void check_source(const Folder& folder, const fs::path& root, const fs::path& file, std::vector<Violation>& found) {
  static const std::regex include_line{R"(^\s*#\s*include\s*(["<])([^">]+)[">])"};
  static const std::regex clock{
      R"(\b(system_clock|steady_clock|high_resolution_clock|clock_gettime|gettimeofday|timespec_get)\b)"};
  const fs::path relative = file.lexically_relative(root);
  int number = 0;
  for (const std::string& line : lines_without_comments(file, "//")) {
    ++number;
    std::smatch match;
    if (std::regex_search(line, match, include_line)) {
      const std::string fault = fault_of(folder, root, relative, match[2], match[1] == "\"");
      if (!fault.empty()) found.push_back({relative.generic_string(), number, fault});
    }
    if (!folder.may_read_clocks && !is_host(relative) && std::regex_search(line, match, clock)) {
      found.push_back({relative.generic_string(), number,
                       "names " + match.str() + ", " + folder.name + " gets time as an argument"});
    }
  }
}

bool is_cmake(const fs::path& path) {
  return path.filename() == "CMakeLists.txt" || path.extension() == ".cmake";
}

/// A call that lists files of a known kind of data, such as all scenarios, is no build input by glob.
bool lists_data_only(const std::string& call) {
  static const std::regex wildcard{R"re([^\s()"]*\*[^\s()"]*)re"};
  static const std::regex data{R"(.*\.(xml|csv))", std::regex::icase};
  const std::sregex_iterator first{call.begin(), call.end(), wildcard};
  return first != std::sregex_iterator{} && std::all_of(first, std::sregex_iterator{}, [](const std::smatch& pattern) {
           return std::regex_match(pattern.str(), data);
         });
}

void check_cmake(const fs::path& root, const fs::path& file, std::vector<Violation>& found) {
  static const std::regex glob{R"(\bfile\s*\(\s*GLOB(_RECURSE)?\b|\baux_source_directory\s*\()", std::regex::icase};
  const std::vector<std::string> lines = lines_without_comments(file, "#");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    if (!std::regex_search(lines[i], match, glob)) continue;
    std::string arguments = match.suffix().str();
    for (std::size_t next = i + 1; next < lines.size() && arguments.find(')') == std::string::npos; ++next) {
      arguments += ' ' + lines[next];
    }
    if (lists_data_only(arguments.substr(0, arguments.find(')')))) continue;
    found.push_back(
        {file.lexically_relative(root).generic_string(), static_cast<int>(i) + 1, "takes sources by glob, list them"});
  }
}

}  // namespace

std::vector<Violation> violations_in(const fs::path& root) {
  std::vector<Violation> found;
  std::vector<fs::path> cmake_files;
  if (fs::exists(root / "CMakeLists.txt")) cmake_files.push_back(root / "CMakeLists.txt");
  for (const Folder& folder : folders) {
    for (const fs::path& file : files_below(root / folder.name, is_source)) check_source(folder, root, file, found);
  }
  for (const char* folder : {"models", "sim", "controller", "harness", "tests"}) {
    const auto more = files_below(root / folder, is_cmake);
    cmake_files.insert(cmake_files.end(), more.begin(), more.end());
  }
  for (const fs::path& file : cmake_files) check_cmake(root, file, found);
  std::stable_sort(found.begin(), found.end(), [](const Violation& a, const Violation& b) {
    return a.file != b.file ? a.file < b.file : a.line < b.line;
  });
  return found;
}

std::size_t sources_in(const fs::path& root) {
  std::size_t count = 0;
  for (const Folder& folder : folders) count += files_below(root / folder.name, is_source).size();
  return count;
}

}  // namespace hil::layering
