#!/bin/bash
# Usage: freestanding_symbols.sh NM LIBRARY
# Fails when a static library refers to the heap, exceptions or run-time type information, and says where.
set -euo pipefail

nm_program=$1
library=$2

symbols=$("$nm_program" --demangle --print-file-name "$library")
if [ -z "$symbols" ]; then
  echo "$library: no symbols, nothing was checked" >&2
  exit 1
fi

# Lines read "library:member:address kind name"; an undefined symbol has no address.
refused='(operator (new|delete)|(malloc|calloc|realloc|free|aligned_alloc|posix_memalign)(@|$)|__cxa_(throw|rethrow|allocate_exception|begin_catch|bad_typeid|bad_cast)|std::__throw_|typeinfo (for|name for) )'
found=$(sed -E 's/^[^:]*:([^:]*):[0-9a-f ]*[[:space:]]([A-Za-z]) /\1: \2 /' <<<"$symbols" |
  grep -E "^[^ ]+: [A-Za-z] $refused" || true)
if [ -n "$found" ]; then
  echo "$library refers to what a controller without heap, exceptions and type information cannot have:" >&2
  echo "$found" >&2
  exit 1
fi
