#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// The file that an `extends` names, read: the files that one extends after the other, and what is wrong with that.
struct BaseFile {
  std::filesystem::path file;
  Element root;
};

/// Takes the attribute `extends` off `element`, which must have it, and reads what it names: beside `file`, else in the
/// library. `root`: what that file must hold, "site" or "scenario". `chain`: the files so far; the new one is added.
/// Nothing: a fault at the attribute says why.
std::optional<BaseFile> read_base(Element& element, std::string_view root, const std::filesystem::path& file,
                                  const std::filesystem::path& library, std::vector<std::filesystem::path>& chain,
                                  Diagnostics& diagnostics);

}  // namespace hil::harness
