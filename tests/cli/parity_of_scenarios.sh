# hilcontroller on pseudo-terminals, with its time from the bench, does to the last digit what the same core does in process: in
# scenarios of one, three and ten inverters, of loads, clouds, outages, freezes and faults.
# usage: parity_of_scenarios.sh HILBENCH SOURCE HILCONTROLLER
source "$(dirname "$0")/expectations.sh" "$@"
hilcontroller=$3
for name in backup_load_shared chain_cut cloud_edge empty_batteries_night freeze_cured_full_batteries frequency_rise \
  heater_step_zero_export inverter_power_cycle loads_one_inverter loads_three_inverters night_heater_three_inverters \
  outage_three_inverters outage_ten_inverters ports_three_on_one ports_three_and_two troubled_bus unbalanced_load \
  voltage_support; do
  expect_exit 0 parity "$source_dir/scenarios/goodwe/$name.xml" --stepped --controller "$hilcontroller" --results out
  [ "$(grep -c '^agree$' stdout)" -eq 1 ] || fail "$name does not agree"
  grep -qE '^([1-9][0-9]+) of \1 signals the same in all [0-9]+ rows$' stdout || fail "$name: not all signals are the same"
  rm -rf out
done

# What somebody would have to do by hand has no place in the bench's time.
expect_exit 2 parity "$source_dir/scenarios/goodwe/silent_controller_bounded.xml" --stepped --controller "$hilcontroller"
expect_in stderr "controller's power off at 40 s: switch it by hand"
