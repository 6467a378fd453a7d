# Time limits, Ctrl-C and a runner that is killed: no child is left, and what was recorded can be read.
source "$(dirname "$0")/expectations.sh" "$@"
scenario a_good 5 "$holding"
scenario b_long 8640000 "$holding"
scenario c_good 5 "$holding"

children_of() { cat "/proc/$1/task/$1/children" 2>/dev/null; }
# wait_for FILE: until a long case has recorded something.
wait_for() {
  for _ in $(seq 200); do
    [ -s "$1" ] && return
    sleep 0.05
  done
  fail "$1 never came"
}
gone() {
  for _ in $(seq 100); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.05
  done
  fail "process $1 is still there"
}
# readable FOLDER: whole rows of as many fields as the heading has, the times rising.
readable() {
  awk -F, 'NR == 1 { fields = NF; next } NF != fields || $1 <= last { exit 1 } { last = $1 } END { exit NR < 10 }' "$1/trace.csv" ||
    fail "$1/trace.csv cannot be read"
}

# Beyond its time limit: an error of that case, the others run.
expect_exit 3 run a_good.xml b_long.xml c_good.xml --jobs 2 --timeout 15 --report limited
expect_in stdout 'ERROR' 'it took longer than its time limit of 15 s' '3 scenarios: 2 pass, 1 error'
expect_in limited/b_long/run.json '"verdict": "error"' 'time limit of 15 s'
expect_in limited/junit.xml '<error message="it took longer than its time limit of 15 s"'
readable limited/b_long

# A case that hangs and does not listen.
"$hilbench" run b_long.xml --timeout 15 --results hung >stdout 2>stderr &
bench=$!
wait_for hung/b_long/trace.csv
kill -STOP $(children_of $bench)
wait $bench
[ $? -eq 3 ] || fail "a hang did not end with 3"
expect_in stdout 'ERROR' 'time limit of 15 s'

# Ctrl-C: the case under way ends with all its files, the next is not started.
"$hilbench" run b_long.xml c_good.xml --jobs 1 --report stopped >stdout 2>stderr &
bench=$!
wait_for stopped/b_long/trace.csv
child=$(children_of $bench)
kill -INT $bench
wait $bench
[ $? -eq 4 ] || fail "Ctrl-C did not end with 4"
gone $child
expect_in stdout 'INCONCLUSIVE' "before the scenario's end" 'not run: stopped by the user'
expect_in stopped/b_long/run.json '"verdict": "inconclusive"'
[ -s stopped/b_long/report.html ] || fail "no report"
[ ! -e stopped/c_good/run.json ] || fail "c_good was started"
readable stopped/b_long
expect_in stopped/index.html 'tag inconclusive' 'not run: stopped by the user'

# The runner is killed: so is what it started, and no verdict is claimed.
"$hilbench" run b_long.xml --results killed >stdout 2>stderr &
bench=$!
wait_for killed/b_long/trace.csv
child=$(children_of $bench)
kill -KILL $bench
wait $bench 2>/dev/null
gone $child
[ ! -e killed/b_long/run.json ] || fail "a verdict of a run that did not end"

# On a terminal one line tells how far it is; it is gone at the end. Elsewhere there is none.
"$hilbench" run a_good.xml c_good.xml --results plain >stdout 2>stderr
grep -q 'x real time, running' stdout && fail "a progress line in a file"
if command -v script >/dev/null; then
  script -qec "'$hilbench' run b_long.xml --timeout 2 --results seen" /dev/null </dev/null >terminal 2>&1
  grep -q '\[0/1\].* x real time, running: b_long [0-9]* %' terminal || { cat terminal; fail "no progress line"; }
fi
exit 0
