# The type test of IEEE 1547.1 for storage converters passes, and says so of each clause.
source "$(dirname "$0")/expectations.sh" "$@"
expect_exit 0 run "$source_dir/scenarios/sinexcel/ieee1547_1" --results out --report pages --shard "${3:-1/1}"
[ -n "${3:-}" ] && exit 0
for clause in active_power_limit constant_power_factor constant_reactive_power enter_service freq_watt \
  frequency_ride_through hvrt lvrt priority trip_magnitude trip_time unbalanced_voltage unintentional_islanding \
  unintentional_islanding.negative volt_var volt_watt; do
  grep -qE "^  PASS +1547\.1-$clause +[0-9]+ checks? +[0-9.]+ % left, " stdout || fail "$clause did not pass"
  grep -qE "<td>1547\\.1-$clause<.*<span class=\"tag pass\">" pages/index.html || fail "the page has no $clause"
done
expect_in stdout 'deviate as expected' 'in part: the manual' 'deviates      1547.1-vref_autonomous'
# Every clause that the scenarios or the deviations name stands in the table of the pack, and the other way round.
pack=$source_dir/scenarios/sinexcel/ieee1547_1
clauses() { grep -ohE '1547\.1-[a-z_]+(\.[a-z_]+)*' "$@" | LC_ALL=C sort -u; }
named=$(clauses "$pack"/*.xml "$pack/deviations.csv")
told=$(clauses "$pack/README.md")
[ "$named" = "$told" ] || fail "scenarios and README name other clauses: $(diff <(echo "$named") <(echo "$told"))"
# A converter that answers too slowly fails its clause, and no other.
mkdir slow
sed -E 's|response_s="1"|response_s="3"|' "$pack/volt_var_b2.xml" >slow/volt_var_b2.xml
expect_exit 1 run slow --results slow_out
grep -qE '^  FAIL +1547\.1-volt_var +[0-9]+ checks +-[0-9.]+ % left, ' stdout || fail "a slow converter passed"
expect_in stdout '1 requirement: 0 pass, 1 do not'
# A part of the pack tells what its own scenarios show, and nothing of those that did not run.
expect_exit 0 run "$pack/volt_var_b2.xml" "$pack/volt_watt_part_power.xml" --results some
expect_in stdout '3 requirements: 1 pass, 1 deviate as expected, 1 pass as far as they ran' 'deviates      1547.1-volt_watt'
grep -qE 'vref_autonomous|freq_watt|in part' stdout && fail "what did not run is counted"
# Which is no pass of a clause that has more files.
grep -qE '^  PART +1547\.1-volt_var +[0-9]+ checks? .* 1 of 4 files ran$' stdout || fail "it is not told how much of a clause ran"
grep -qE '^  PASS +1547\.1-volt_var ' stdout && fail "a clause passed of which a part ran"
# One folder is one, however its path is spelled: no deviation is told twice.
expect_exit 0 run "$pack/volt_watt_part_power.xml" "$pack/../ieee1547_1/volt_watt_fast.xml" "$pack/./volt_watt_slow.xml" --results spelled
[ "$(tr -s ' \n' ' ' <stdout | grep -o 'judged as 1547.1-volt_watt.manual' | wc -l)" -eq 1 ] || fail "a deviation is told twice"
# A row that says of no clause anything is refused before anything runs.
mkdir other
scenario other/one 5 "$holding"
sed -i 's|name="other/|name="|' other/one.xml
printf 'id,scenarios,reason\nvolt_var,-,none\n' >other/deviations.csv
expect_exit 2 run other --results never
expect_in stderr 'other/deviations.csv:2: volt_var is no clause'
[ ! -e never ] || fail "something ran"
