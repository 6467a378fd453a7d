#include "harness/report/html_parts.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "harness/record/output_file.h"

namespace hil::harness {
namespace {

// On a narrow screen a row of a table becomes a block, each cell under its heading; plots keep a width at which their
// text can be read and are scrolled.
constexpr const char* style = R"(
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, sans-serif; color: #222; max-width: 1040px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; margin: 0 0 .3em; } h2 { font-size: 1.1em; margin: 2em 0 .5em; } h3 { font-size: 1em; margin: 1em 0 .2em; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .35em .7em; vertical-align: top;
border-bottom: 1px solid #ddd; } th { font-weight: 600; color: #555; } .number { text-align: right; white-space: nowrap; }
.tag { display: inline-block; padding: .1em .6em; border-radius: .3em; color: #fff; font-weight: 600; white-space: nowrap; }
.pass, .holds { background: #1a7f37; } .fail, .broken, .error { background: #c62828; }
.inconclusive, .untested, .open { background: #9a6700; } .faint { color: #666; font-size: .92em; }
pre { background: #f4f4f4; padding: .8em; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
svg { width: 100%; min-width: 680px; height: auto; display: block; } a { color: #0b5cad; }
.box { overflow-x: auto; } .bar { display: inline-block; height: .7em; background: #57779c; }
td, p, li, h1, h2, h3, code { overflow-wrap: anywhere; } td { min-width: 3em; } td a, .word { overflow-wrap: break-word; }
.matrix { font-size: .85em; } .matrix td, .matrix th { min-width: 6.6em; padding: .3em .35em; } .matrix b { overflow-wrap: normal; }
.counts span { display: inline-block; margin: .2em 1.2em .2em 0; } .counts b { font-size: 1.3em; }
.trouble { border-left: .35em solid #c62828; padding-left: 1em; margin: 1.2em 0; } .trouble svg { max-width: 760px; }
@media (max-width: 640px) {
  body { margin: 1em auto; } .fold, .fold tbody, .fold tr, .fold td { display: block; width: auto; }
  .fold tr:first-child { display: none; } .fold tr { border-bottom: 1px solid #ccc; padding: .5em 0; }
  .fold td { border: 0; padding: .1em 0; text-align: left; } .fold td[data-is]::before { content: attr(data-is) ": "; color: #666; }
  .fold td:empty { display: none; }
}
)";

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string html_head(std::string_view title) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"generator\" content=\"hilbench\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n"
      "<style>{}</style>\n</head>\n<body>\n",
      html_escaped(title), style);
}

std::string html_tag(std::string_view word) {
  return fmt::format("<span class=\"tag {0}\">{0}</span>", word);
}

const char* state_name(CheckState state) {
  if (state == CheckState::holds) return "holds";
  return state == CheckState::broken ? "broken" : "untested";
}

std::string html_counts(const std::map<CheckState, std::size_t>& states) {
  constexpr std::array order{std::pair{CheckState::broken, "broken"}, std::pair{CheckState::untested, "untested"},
                             std::pair{CheckState::holds, "held"}};
  std::string html;
  for (const auto& [state, word] : order) {
    const auto found = states.find(state);
    if (found == states.end() || found->second == 0) continue;
    html += fmt::format("<span><b>{}</b> {} {}</span>", found->second, found->second == 1 ? "check" : "checks", word);
  }
  return html.empty() ? "" : "<p class=\"counts\">" + html + "</p>\n";
}

std::string inline_svg(const std::filesystem::path& file) {
  const std::string text = read_whole_file(file);
  const std::size_t begin = text.find("<svg");
  return begin == std::string::npos ? "" : text.substr(begin);
}

}  // namespace hil::harness
