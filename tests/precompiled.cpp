// A target of CMake needs a source; what is compiled ahead stands in CMakeLists.txt.
