# hilcontroller leads storage converters over pseudo-terminals exactly as the leader does in process, when it has its time from the
# bench; what it cannot do is told plainly.
# usage: fleet_parity.sh HILBENCH SOURCE HILCONTROLLER
source "$(dirname "$0")/expectations.sh" "$@"
hilcontroller=$3
sinexcel=$source_dir/scenarios/sinexcel
for name in fleet_loses_one fleet_string_fault; do
  expect_exit 0 parity "$sinexcel/$name.xml" --stepped --controller "$hilcontroller" --results out
  cat stdout
  grep -qE '^verdict +pass +pass$' stdout || fail "$name: not passed by both"
  grep -qE '^([1-9][0-9]+) of \1 signals the same in all [0-9]+ rows$' stdout || fail "$name: not all signals are the same"
  tail -n 1 stdout | grep -qx agree || fail "$name: they do not agree"
  expect_in "out/${name}_parity/settings.json" '"role": "fleet"' '"unit_rating_w"'
done

touch image
for words in "--controller $hilcontroller" "--board image" "--write-board-settings site.h"; do
  expect_exit 2 parity "$sinexcel/fleet_islands_and_returns.xml" $words
  expect_in stderr 'its leader moves a transfer switch, for which neither hilcontroller nor the board has a contact'
done
[ ! -e site.h ] || fail "settings for a board were written"
exit 0
