# The same scenario gives the same bytes and the same hash; the hash can be made again from the files.
source "$(dirname "$0")/expectations.sh" "$@"
scenario good 30 "$holding"
expect_exit 0 run good.xml --results first
expect_in stdout 'PASS  good' 'trace hash ' 'first/good/report.html'
hash=$(grep -o 'trace hash [0-9a-f]\{32\}' stdout)
[ -n "$hash" ] || fail "no hash of 32 digits"
expect_exit 0 run good.xml --results second
expect_in stdout "$hash"
cmp first/good/trace.csv second/good/trace.csv || fail "the traces differ"
cmp first/good/events.csv second/good/events.csv || fail "the events differ"
for name in scenario.xml trace.csv events.csv run.json report.html junit.xml bench.log; do
  [ -e "first/good/$name" ] || fail "first/good/$name is missing"
done
# A row at the first step, then one a second.
[ "$(wc -l <first/good/trace.csv)" -eq 32 ] || fail "trace.csv must have a header and 31 rows"
expect_in first/good/run.json '"verdict": "pass"' '"seed": 7' '"command_line": "hilbench run good.xml --results first"'
if command -v xxh128sum >/dev/null; then
  again=$(cat first/good/trace.csv first/good/events.csv | xxh128sum | cut -d' ' -f1)
  [ "trace hash $again" = "$hash" ] || fail "xxh128sum says $again"
fi
if command -v gnuplot >/dev/null; then
  [ -s first/good/plots/1_power.svg ] || fail "no plot"
  expect_in first/good/report.html '<svg'
fi
# Without gnuplot the run is as good, and the report says what is missing. The inner process needs nothing of PATH.
PATH=/nowhere "$hilbench" run good.xml --results third >stdout 2>stderr || fail "a run needs gnuplot"
expect_in third/good/report.html 'gnuplot is not installed'
expect_in stdout "$hash"
