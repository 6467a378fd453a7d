#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>

#include "harness/cli/commands.h"

namespace hil::harness {

/// The command line of hilbench: what is parsed, and what is then to be done.
struct CommandLine {
  CLI::App app;
  std::filesystem::path library;       ///< empty: the default
  std::string text;                    ///< as it was typed
  std::function<int(Console)> chosen;  ///< set by the command that was met
};

// Each adds one command, or those of one kind.
void define_run(CommandLine& line);
void define_check(CommandLine& line);
void define_explain(CommandLine& line);
void define_new(CommandLine& line);
void define_list(CommandLine& line);
void define_compare(CommandLine& line);
void define_case(CommandLine& line);
void define_serve(CommandLine& line);
void define_attach(CommandLine& line);
void define_parity(CommandLine& line);
void define_probe(CommandLine& line);

/// The option that nearly all commands have.
void add_library(CommandLine& line, CLI::App& command);
/// Of times that may not be 0; CLI11's own would name the largest double in 309 digits.
CLI::Range some_seconds();
/// Refuses an empty word, as of a shell variable that is not set: it must not stand for an option that is not given.
std::string is_not_empty(const std::string& word);
/// Refuses what is no seed. Not left to the conversion, which takes -1 for 2^64-1.
std::string is_seed(const std::string& word);

}  // namespace hil::harness
