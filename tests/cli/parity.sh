# The product's own hosts, hilcontroller and the firmware on a board in QEMU, do exactly what the same core does in process when
# they have their time from the bench.
# usage: parity.sh HILBENCH SOURCE HILCONTROLLER IMAGE
source "$(dirname "$0")/expectations.sh" "$@"
hilcontroller=$3
image=$4
heater=$source_dir/scenarios/goodwe/heater_step_short.xml
expect_exit 0 parity "$heater" --stepped --controller "$hilcontroller" --board "$image" --results out
cat stdout
[ "$(grep -c '^agree$' stdout)" -eq 2 ] || fail "not both hosts agree"
expect_in stdout 'verdict ' 'hilcontroller less in process' 'board less in process' 'grid.import_w'
[ "$(grep -cE '^([1-9][0-9]+) of \1 signals the same in all 35 rows$' stdout)" -eq 2 ] || fail "not all signals are the same"
expect_exit 0 parity "$heater" --stepped --quick --controller "$hilcontroller" --results quick
expect_in stdout '5 of 6 checks decided'

# One that is set up otherwise is found out, be it by the last digit.
sed 's|<export_limit_w>.*</export_limit_w>|<export_limit_w>1</export_limit_w>|' "$heater" >one_watt.xml
grep -q '>1<' one_watt.xml || fail "the scenario's limit is not where this test looks for it"
expect_exit 1 parity one_watt.xml --stepped --quick --board "$image" --results other
expect_in stdout 'differs: trace: ' 'do not agree'
expect_in stdout "note: is $image made with the settings of this scenario? hilbench parity one_watt.xml --write-board-settings site.h"
grep -q 'the controller asked' stdout && fail "each unit was asked"
# Its UART at another baud than the line: nobody understands it, as on a wire, and that is said.
cp -r "$source_dir/scenarios" library
sed -i 's|\(<line name="com1".*\)baud="9600"|\1baud="19200"|' library/sites/goodwe_two_et_400v.xml
expect_exit 1 parity library/goodwe/heater_step_short.xml --library library --stepped --quick --board "$image" --results baud
expect_in stdout 'note: com1 at 0 s was set to 9600 baud, com1 has 19200: neither understands the other' 'do not agree'
# An image of another site, and one of the other kind.
expect_exit 1 parity "$source_dir/scenarios/goodwe/loads_three_inverters.xml" --stepped --quick --board "$image" --results other_site
expect_in stdout 'note: com2: the controller asked et2 unit 2 once, and no other unit more often: is it, or the board' "note: is $image made with the settings"
expect_exit 3 parity "$heater" --board "$image" --results waits
expect_in stderr "parity: board: the image $image waits for the bench's time, it says \"d " 'it goes with --stepped'
expect_exit 3 parity "$heater" --stepped --board "${image%_stepped.elf}.elf" --results own_clock
expect_in stderr 'parity: board: its bench ended with 4 and no report: heater_step_short: no controller took a turn on ' \
  'within 30 s, its latest words are "state '
expect_in own_clock/heater_step_short_parity/board_bench.log 'has it a clock of its own?'

expect_exit 2 parity "$heater"
expect_in stderr 'needs --controller or --board'
expect_exit 2 parity "$source_dir/scenarios/goodwe/ha_moves_export_limit.xml" --controller "$hilcontroller"
expect_in stderr 'has a LAN client'
expect_exit 0 parity "$source_dir/scenarios/goodwe/loads_three_inverters.xml" --write-board-settings site.h
expect_in site.h 'settings.inverter_lines[2].addresses[0] = 3;'
