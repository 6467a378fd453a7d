# A scenario whose process dies is an error of that scenario: the others run, and its log stands in the reports.
source "$(dirname "$0")/expectations.sh" "$@"
scenario a_long 86400 "$holding"
scenario b_good 5 "$holding"
"$hilbench" run a_long.xml b_good.xml --results out --junit junit.xml --jobs 1 >stdout_of_both 2>stderr_of_both &
bench=$!
# The inner process is the only child of the one started here.
for _ in $(seq 200); do
  inner=$(cat "/proc/$bench/task/$bench/children" 2>/dev/null)
  [ -n "$inner" ] && [ -e out/a_long/trace.csv ] && break
  sleep 0.05
done
[ -n "${inner:-}" ] || fail "no inner process"
# A second run into the same folder stays out of it.
expect_exit 2 run a_long.xml --results out
expect_in stderr 'out/a_long is in use by another run'
kill -KILL $inner  # what no handler of a sanitizer can catch
wait "$bench"
code=$?
[ "$code" -eq 3 ] || fail "ended with $code, expected 3"
expect_in stdout_of_both 'ERROR' 'a_long' 'PASS' 'b_good' '2 scenarios: 1 pass, 1 error'
expect_in out/a_long/run.json '"verdict": "error"' 'signal 9'
expect_in out/a_long/run.json '"state": "untested"'
expect_in out/a_long/report.html 'signal 9' 'untested'
expect_in junit.xml '<error' '<testsuite name="a_long" tests="2" failures="0" errors="1" skipped="1"'
