#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>

#include "harness/plant/bench.h"
#include "harness/scenario/reader.h"

namespace hil::harness {

/// A scenario of the tree, read without a fault.
inline Scenario scenario_of_tree(const std::string& path) {
  const std::filesystem::path library = std::filesystem::path(HILBENCH_SOURCE_DIR) / "scenarios";
  Diagnostics diagnostics;
  auto scenario = read_scenario(library / path, library, diagnostics);
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  if (!scenario) throw std::runtime_error("the scenario has faults");
  return *std::move(scenario);
}

/// Runs `measure` in a child process, so that one test can hold two kernels side by side.
template <std::size_t Count>
std::array<double, Count> in_child(const std::function<std::array<double, Count>()>& measure) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    const std::array<double, Count> figures = measure();
    const auto written = write(ends[1], figures.data(), sizeof figures);
    _exit(written == static_cast<ssize_t>(sizeof figures) ? 0 : 1);
  }
  close(ends[1]);
  std::array<double, Count> figures{};
  const auto got = read(ends[0], figures.data(), sizeof figures);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (got != static_cast<ssize_t>(sizeof figures) || status != 0) throw std::runtime_error("the child failed");
  return figures;
}

}  // namespace hil::harness
