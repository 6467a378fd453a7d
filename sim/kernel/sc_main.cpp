#include <cstdio>
#include <cstdlib>
#include <systemc>

/// The SystemC library's own main() wants this symbol. Ours never runs it: programs here have their own main().
int sc_main(int /*argc*/, char* /*argv*/[]) {
  std::fputs("sc_main was called: this program was linked without a main() of its own\n", stderr);
  std::abort();
}
