# hilcontroller leads storage converters over pseudo-terminals exactly as the leader does in process, when it has its time from the
# bench; what it cannot do, and the board, are told plainly.
# usage: fleet_parity.sh HILBENCH SOURCE HILCONTROLLER
source "$(dirname "$0")/expectations.sh" "$@"
hilcontroller=$3
sinexcel=$source_dir/scenarios/sinexcel
for name in fleet_loses_one fleet_string_fault; do
  # An image for the board is left out: whatever it is, it is not of a leader.
  expect_exit 0 parity "$sinexcel/$name.xml" --stepped --controller "$hilcontroller" --board "$hilcontroller" --results out
  cat stdout
  expect_in stdout "board: there is no image of a fleet's leader for it, it is left out"
  grep -qE '^verdict +pass +pass$' stdout || fail "$name: not passed by both"
  grep -qE '^([1-9][0-9]+) of \1 signals the same in all [0-9]+ rows$' stdout || fail "$name: not all signals are the same"
  tail -n 1 stdout | grep -qx agree || fail "$name: they do not agree"
  expect_in "out/${name}_parity/settings.json" '"role": "fleet"' '"unit_rating_w"'
done

expect_exit 2 parity "$sinexcel/fleet_islands_and_returns.xml" --controller "$hilcontroller"
expect_in stderr 'its leader moves a transfer switch, for which hilcontroller has no contact'
expect_exit 2 parity "$sinexcel/fleet_loses_one.xml" --write-board-settings site.h
expect_in stderr 'has a fleet leader, of which there is no image for the board'
[ ! -e site.h ] || fail "settings for a board were written"
exit 0
