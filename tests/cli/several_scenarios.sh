# Several scenarios: a line each in order, a total, JUnit XML, and the gravest exit code.
source "$(dirname "$0")/expectations.sh" "$@"
mkdir cases && cd cases || exit 1
scenario a_holds 5 "$holding"
scenario b_breaks 5 "$breaking"
cd ..
echo '<catalog schema="1"/>' >cases/catalog.xml  # not a scenario, so not a case
mkdir reports
expect_exit 1 run cases --results out --junit reports/junit.xml --jobs 2
expect_in stdout '2 scenarios: 1 pass, 1 fail'
expect_in stdout 'report out/b_breaks/report.html'
[ "$(cut -d' ' -f1 stdout | head -2 | tr '\n' ' ')" = "PASS FAIL " ] || fail "not a line each in order"
expect_in reports/junit.xml '<testsuites name="hilbench" tests="4" failures="1" errors="0" skipped="0"' \
  '<testsuite name="a_holds" tests="2" failures="0"' '<property name="seed" value="7"'
expect_in out/b_breaks/run.json '"verdict": "fail"'
expect_in out/b_breaks/junit.xml '<failure'

expect_exit 1 run cases/b_breaks.xml --results out --seed 99
expect_in stdout 'FAIL  b_breaks' 'BROKEN' 'seed 99'
expect_in out/b_breaks/run.json '"seed": 99'
