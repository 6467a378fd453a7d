# The board leads storage converters exactly as the leader does in process: attached over pseudo-terminals, with its time from the
# bench. The image as it comes is one for three converters; a scenario's own settings make the same image a leader, too.
# usage: fleet_on_the_board.sh HILBENCH SOURCE IMAGE BUILD_DIR; in BUILD_DIR an image for another site is made, and kept for the next time
source "$(dirname "$0")/expectations.sh" "$@"
image=$3
build_dir=$4
sinexcel=$source_dir/scenarios/sinexcel
# agrees NAME IMAGE
agrees() {
  expect_exit 0 parity "$sinexcel/$1.xml" --stepped --board "$2" --results out
  cat stdout
  grep -qE '^verdict +pass +pass$' stdout || fail "$1: not passed by both"
  grep -qE '^([1-9][0-9]+) of \1 signals the same in all [0-9]+ rows$' stdout || fail "$1: not all signals are the same"
  tail -n 1 stdout | grep -qx agree || fail "$1: they do not agree"
  # What lies below the stack would be overwritten, and agree until it matters.
  local console stack
  console=$(grep '^controller: fleet mode 2, ' "out/${1}_parity/board_bench.log" | tail -n 1)
  stack=$(sed -n 's/.* [1-9] run, .* 0 bytes lost, stack \([0-9]*\) B.*/\1/p' <<<"$console")
  echo "$1: $console"
  [ -n "$stack" ] || fail "$1: the board's console does not tell that converters run"
  [ "$stack" -le 6144 ] || fail "$1: $stack of the 8192 bytes of stack were in use, a quarter is kept free"
}
agrees fleet_loses_one "$image"

mkdir -p "$build_dir"
expect_exit 0 parity "$sinexcel/fleet_string_fault.xml" --write-board-settings site.h
expect_in site.h 'constexpr controller::FleetSettings site_settings() {' 'settings.strings_per_unit = 3;'
cmp -s site.h "$build_dir/site.h" || cp site.h "$build_dir/site.h"
{ cmake -S "$source_dir" -B "$build_dir" -G Ninja -DHILBENCH_BOARD_SETTINGS="$build_dir/site.h" \
  --toolchain "$source_dir/controller/hosts/mps2_an386/toolchain.cmake" &&
  cmake --build "$build_dir" --target mps2_an386_stepped_image; } >stdout 2>stderr || fail "no image could be built"
# One with the other site's settings does not agree, and why is told.
expect_exit 1 parity "$sinexcel/fleet_string_fault.xml" --stepped --quick --board "$image" --results other
expect_in stdout 'do not agree' "note: is $image made with the settings of this scenario? hilbench parity"
agrees fleet_string_fault "$build_dir/controller/hosts/mps2_an386/hilcontroller_mps2_an386_stepped.elf"
exit 0
