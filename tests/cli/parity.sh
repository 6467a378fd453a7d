# The product's own hosts, hilcontroller on pseudo-terminals and the firmware on a board in QEMU, come to the verdict that the
# same core comes to in process.
source "$(dirname "$0")/expectations.sh" "$@"
hilcontroller=$3
image=$4
expect_exit 0 parity "$source_dir/scenarios/goodwe/heater_step_short.xml" --controller "$hilcontroller" --board "$image" --results out
cat stdout
[ "$(grep -c '^agree$' stdout)" -eq 2 ] || fail "not both hosts agree"
expect_in stdout 'verdict ' 'hilcontroller less in process' 'board less in process' 'grid.import_w'
grep -q 'state 1, import .* 2 answer, 0 bytes lost' out/heater_step_short_parity/console.txt ||
  fail "the board's console does not tell that it regulates"
# The first 25 s of it, both hosts at once. What is late is tried again, which takes longer.
began=$SECONDS
expect_exit 0 parity "$source_dir/scenarios/goodwe/heater_step_short.xml" --quick --controller "$hilcontroller" --board "$image" --results quick
[ "$(grep -c '^agree$' stdout)" -eq 2 ] || fail "not both hosts agree in the shortened window"
expect_in stdout '5 of 6 checks decided'
grep -q attempt stdout || [ $((SECONDS - began)) -lt 40 ] || fail "--quick took $((SECONDS - began)) s"
expect_exit 2 parity "$source_dir/scenarios/goodwe/heater_step_short.xml"
expect_in stderr 'needs --controller or --board'
expect_exit 2 parity "$source_dir/scenarios/goodwe/ha_moves_export_limit.xml" --controller "$hilcontroller"
expect_in stderr 'has a LAN client'
expect_exit 0 parity "$source_dir/scenarios/goodwe/loads_three_inverters.xml" --write-board-settings site.h
expect_in site.h 'settings.inverter_lines[2].addresses[0] = 3;'
