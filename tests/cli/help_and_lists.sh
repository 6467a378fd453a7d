# Every --help has an example; the lists name what a scenario can use.
source "$(dirname "$0")/expectations.sh" "$@"
expect_exit 0 --version
grep -qE '^hilbench [0-9]+\.[0-9]+\.[0-9]+$' stdout || fail "no version"
expect_exit 0 --help
expect_in stdout 'Example' 'Exit code'
grep -q 'run-case' stdout && fail "the inner command is shown"
for command in run check explain new list serve attach parity probe compare; do
  expect_exit 0 "$command" --help
  expect_in stdout 'Example' "hilbench $command "
done
expect_exit 0 list --faults
expect_in stdout 'silence' 'ct_reversed' 'ct_swapped' 'meter_neutral_lost' 'meter_link_lost' 'an inverter with own_meter' \
  'no_terminator          at com1, com2, com3 or com4' 'byte_error_rate: 0 to 1, 0.0001 without it' \
  'where: behind or ahead, behind without it' 'release_s: 0 to 60 s, 0.005 without it' \
  'address: a whole number from 1 to 247, must be given' 'without for_s to the end of the run' \
  'alarm: a name at the end of this list, must be given' 'error_insulation                     35189.18  -' \
  'diagnostic_export_limited            35220.24  47509 is 1'
expect_exit 0 list --quirks
expect_in stdout 'export_limit_freeze' 'hold_s' 'pv_collapse_at_full_battery' 'goodwe-et-modbus 1.4'
expect_exit 0 list --registers goodwe_et_205
expect_in stdout 'what stands there' 'holding         35001      1 read       rated_w' 'rated power (G T)'
expect_in stdout '(G O B); takes 1 to 247' # the map's own bounds
# What a converter takes is its own matter: bounds by its rating, words of a mode, orders, values held against others.
expect_exit 0 list --registers sinexcel_pws1
expect_in stdout '; takes -100000 W to 100000 W, at first 0 W' '; takes 0, 1 or 2, at first ' '(004); takes 1' \
  '; takes -1 to 1 *, at first ' 'is that of pcs1 of sites/sinexcel_pws1_400v.xml' 'README.md beside the map'
grep -qE '^holding +53010 .*takes' stdout && fail "what can only be read takes something"
expect_exit 0 list --registers sinexcel_pws2
expect_in stdout 'is that of pcs1 of sites/sinexcel_pws2_400v.xml' '; takes -30000 W to 30000 W, at first 0 W'
expect_exit 0 list --registers solax_g4
expect_in stdout 'is that of a1 of sites/solax_' '; takes 0 or 1, at first 1' '; takes 0 W to 300000 W, at first 300000 W' \
  '; takes 0, 1, 2, 3 or 4, at first 0' 'write_06            0      1 write      unlock_password'
cp "$source_dir/scenarios/registers/eastron_sdm630.xml" .
expect_exit 0 list --registers eastron_sdm630.xml
expect_in stdout 'input '
expect_exit 2 list --registers goodwe_et_2055
expect_in stderr 'register map "goodwe_et_2055": is neither a file nor one of ' 'known: goodwe_et_205, '
scenario good 5 "$holding"
expect_exit 0 list good.xml
expect_in stdout 'good' '5 s' 'Written by a test.'
expect_exit 0 list --signals good.xml
expect_in stdout 'grid.import_w' 'et1.battery_soc'

# A map of one's own beside the scenario extends one of the library; one for another device is refused in few lines.
mkdir -p registers
printf '<register_map name="own" extends="goodwe_et_205"/>\n' >registers/own.xml
site='<site extends="sites/goodwe_two_et_400v.xml">'
sed "s|${site%>}/>|$site<inverter name=\"et1\" register_map=\"own\"/></site>|" good.xml >with_own.xml
expect_exit 0 check with_own.xml registers/own.xml
sed "s|${site%>}/>|$site<inverter name=\"et1\" register_map=\"eastron_sdm630\"/></site>|" good.xml >with_meters.xml
expect_exit 2 check with_meters.xml
expect_in stderr 'eastron_sdm630.xml:' 'is unknown to the device, nearest: ' 'is the map one for this device?'
[ "$(wc -c <stderr)" -lt 6000 ] || fail "more than a screen about one wrong map"
