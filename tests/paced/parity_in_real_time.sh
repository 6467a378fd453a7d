# The same hosts with their own clocks, over the first 25 s, both at once. A machine that keeps bench or host from its processor
# again and again decides nothing: then this test is skipped and says why.
# usage: parity_in_real_time.sh HILBENCH SOURCE HILCONTROLLER IMAGE
source "$(dirname "$0")/../cli/expectations.sh" "$@"
hilcontroller=$3
image=$4
"$hilbench" parity "$source_dir/scenarios/goodwe/heater_step_short.xml" --quick --controller "$hilcontroller" --board "$image" \
  --results out >stdout 2>stderr
code=$?
cat stdout
if [ "$code" -eq 4 ]; then
  echo "skipped: this machine is no judge of real time"
  exit 77
fi
[ "$code" -eq 0 ] || fail "parity ended with $code"
[ "$(grep -c '^agree$' stdout)" -eq 2 ] || fail "not both hosts agree"
expect_in stdout '5 of 6 checks decided'
grep -q 'state 1, import .* 2 answer, 0 bytes lost' out/heater_step_short_parity/console.txt ||
  fail "the board's console does not tell that it regulates"
