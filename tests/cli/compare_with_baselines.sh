# Runs against reviewed baselines: the same, different with the first difference named, accepted with a reason.
source "$(dirname "$0")/expectations.sh" "$@"
scenario good 30 "$holding"
scenario bad 5 "$breaking"
expect_exit 0 run good.xml
expect_exit 2 compare results/good
expect_in stderr 'results/baselines/good: is no baseline; --accept makes one of results/good'
expect_exit 2 compare results/good --accept
expect_in stderr '--accept: needs --reason'
[ ! -e results/baselines ] || fail "something was written"
expect_exit 0 compare results/good --accept --reason 'the first one' --signal 'grid.*_w' --signal 'et1.battery_*' --every 5
expect_in stdout 'ACCEPTED   good'
expect_in results/baselines/good/baseline.json '"reason": "the first one"'
head -1 results/baselines/good/trace.csv | grep -q 'site.load_w' && fail "a signal that was not chosen"
expect_exit 0 compare results/good
expect_in stdout 'SAME       good'
# A folder of results, and another site: 20 % less load.
expect_exit 0 compare results
sed -i 's|<site extends="sites/goodwe_two_et_400v.xml"/>|<site extends="sites/goodwe_two_et_400v.xml"><inverter name="et1" soc="0.5"/></site>|' good.xml
expect_exit 0 run good.xml --results other
expect_exit 1 compare other --baseline results/baselines
expect_in stdout 'DIFFERENT  good' 'the first: et1.battery_' 'at 0.01 s: baseline ' ', run ' ', allowed '
# Tolerances are reviewed by hand.
printf 'signal,value,time_s\n*,1e9,0\n' >results/baselines/good/tolerances.csv
expect_exit 0 compare other --baseline results/baselines
printf 'signal,value,time_s\n*,wide,0\n' >results/baselines/good/tolerances.csv
expect_exit 2 compare other --baseline results/baselines
expect_in stderr 'tolerances.csv:2: value is "wide", must be a number from 0 on'
# What did not pass is no baseline.
expect_exit 1 run bad.xml
expect_exit 2 compare results/bad --accept --reason 'no'
expect_in stderr 'results/bad: its verdict is fail, a baseline must have passed'
expect_exit 2 compare nowhere
expect_in stderr 'nowhere: holds no run.json'
expect_exit 2 compare results/good --every 5
exit 0
