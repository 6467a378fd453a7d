# 24 h of virtual time of the two-inverter site: the run ends, every check holds, and it says how fast it was.
source "$(dirname "$0")/expectations.sh" "$@"
expect_exit 0 run "$source_dir/scenarios/goodwe/day_zero_export.xml" --results out
expect_in stdout 'PASS  day_zero_export' 'ran 86400 s' 'x real time'
expect_in out/day_zero_export/run.json '"steps": 8640001'
tail -n 1 out/day_zero_export/trace.csv | grep -q '^86400' || fail "the trace does not reach the end of the day"
