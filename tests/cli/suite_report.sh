# One report for all scenarios of a call, beside the folders of their runs; shares of a run; the first failure ends it.
source "$(dirname "$0")/expectations.sh" "$@"
mkdir cases
scenario cases/a_holds 5 "$holding"
scenario cases/b_breaks 5 "$breaking"
scenario cases/c_holds 5 "$holding"
sed -i 's|name="cases/|name="|' cases/*.xml
expect_exit 1 run cases --jobs 2 --report suite
expect_in stdout '3 scenarios: 2 pass, 1 fail' 'report of all suite/index.html'
for file in index.html junit.xml a_holds/report.html b_breaks/run.json; do
  [ -s "suite/$file" ] || fail "suite/$file is missing"
done
expect_in suite/index.html 'tag fail' '<a href="b_breaks/report.html">' 'Smallest margins' 'hilbench run cases --jobs 2 --report suite'
expect_in suite/junit.xml '<testsuites name="hilbench" tests="6" failures="1"'
if command -v gnuplot >/dev/null; then
  # The broken check's own signal, with its limit; in the report of all too.
  expect_in suite/index.html '<svg'
  expect_in suite/b_breaks/report.html '#c62828' 'load of the lines'
fi
grep -qE '(src|href)="https?:' suite/index.html suite/*/report.html && fail "a report needs the network"

# Results elsewhere: the links lead there.
expect_exit 0 run cases/a_holds.xml cases/c_holds.xml --report pages --results runs
expect_in pages/index.html '<a href="../runs/a_holds/report.html">'

# Each machine its share, each scenario once.
expect_exit 0 run cases --shard 1/2 --results first
expect_exit 1 run cases --shard 2/2 --results second
[ "$(ls first | tr '\n' ' ')$(ls second)" = "a_holds c_holds b_breaks" ] || fail "the shares are $(ls first second)"
expect_exit 2 run cases --shard 3/2
expect_in stderr '3/2 is no share, must be I/N'

# The first failure ends the run: what comes behind it is not started, and says so.
expect_exit 1 run cases --jobs 1 --fail-fast --report early
expect_in stdout 'PASS' 'FAIL' 'INCONCLUSIVE' 'not run: b_breaks did not pass'
[ ! -e early/c_holds/run.json ] || fail "it was run"
expect_in early/junit.xml '<testsuite name="c_holds" tests="2" failures="0" errors="0" skipped="2"'

# Somebody's own page is left alone.
mkdir mine && echo '<h1>mine</h1>' >mine/index.html
expect_exit 2 run cases/a_holds.xml --report mine --results other
expect_in stderr 'mine/index.html: is no report of hilbench'
[ ! -e other ] || fail "something was written"
exit 0
