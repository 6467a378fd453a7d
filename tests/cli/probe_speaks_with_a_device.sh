# The LAN client over real sockets, against a device written by hand.
source "$(dirname "$0")/expectations.sh" "$@"
here=$source_dir/tests/cli
server=

# device [TROUBLE]: starts one, its address in $device, what it is asked in asked.
device() {
  [ -z "$server" ] || kill $server 2>/dev/null
  rm -f asked
  /usr/bin/python3 "$here/fake_sec1000.py" "$@" >asked 2>device.err &
  server=$!
  trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
  for _ in $(seq 100); do
    [ -s asked ] && break
    sleep 0.1
  done
  device=127.0.0.1:$(head -1 asked)
}

device
expect_exit 0 probe --lan "$device" telemetry
expect_in stdout '241.0    240.4    240.9 V' '4.80     3.90     5.08 A' '295     -114     -532 W' '-351 W' '3386 W' '3737 W'
expect_exit 0 probe --lan "$device" settings
expect_in stdout 'value' 'export limit  0.00 kW' '20.30 kW' '40'

device
# Capacity 20.3 kW as the device has it, 7250 W, the sum of the phases; then VALUE alone on.
expect_exit 0 probe --lan "$device" set-limit 7.25
expect_in stdout 'export limit  7.25 kW'
tail -n +2 asked | cut -d' ' -f5 | paste -sd' ' | grep -qx '43 42 33 28 40 43' || fail "asked otherwise"
grep -q '42 00 00 4f 4c 00 00 1c 52 02' asked || fail "the limit was written otherwise"
expect_exit 0 probe --lan "$device" set-limit 3 --phases each
grep -q '42 00 00 4f 4c 00 00 0b b8 01' asked || fail "the phase mode did not go with the limit"
expect_exit 0 probe --lan "$device" set-mode dred
expect_in stdout 'dred'
expect_exit 0 probe --lan "$device" set-mode off
expect_in stdout 'off'
expect_exit 0 probe --lan "$device" set-clock
tail -1 asked | grep -q "^00 0c 01 01 05 $(printf '%02x' "$(date +%-y)") $(printf '%02x' "$(date +%-m)") 00" ||
  fail "the clock is not that of this machine"

device
expect_exit 0 probe --lan "$device" set-limit 2
began=$(date +%s)
expect_exit 0 probe --lan "$device" reset-watchdog
[ $(($(date +%s) - began)) -ge 6 ] || fail "the limit was away for too short a time"
expect_in stdout 'value' 'export limit  2.00 kW'

# Minimum and maximum as limits, with a capacity of the caller's own; the client's code clamps and says so.
device
expect_exit 0 probe --lan "$device" export-enable --maximum 8.5
expect_in stdout 'export limit  8.50 kW' 'export        on' 'ready         yes' 'feedback      export_enable: 1 (OK)'
grep -q '42 00 00 4f 4c 00 00 21 34 02' asked || fail "the maximum was written otherwise"
expect_exit 0 probe --lan "$device" export-disable --minimum 0.5 --capacity 12
expect_in stdout 'export limit  0.50 kW' 'capacity      12.00 kW' 'export        off' 'export_disable: 1 (OK)'
grep -q '42 00 00 2e e0 00 00 01 f4 02' asked || fail "minimum and capacity were written otherwise"
expect_exit 0 probe --lan "$device" settings --minimum 0.2
expect_in stdout 'export        on' 'feedback      get_export_limit: 1 (OK)'
expect_exit 0 probe --lan "$device" set-limit 12 --profile client --maximum 10
expect_in stdout 'export limit  10.00 kW' 'set_export_limit: 129 (OK, invalid parameter)'
expect_exit 2 probe --lan "$device" export-enable --profile other
expect_in stderr 'manual,client'

# An answer in pieces is put together; wrong ones are told apart.
device pieces
expect_exit 0 probe --lan "$device" telemetry
device checksum
expect_exit 3 probe --lan "$device" telemetry
expect_in stderr "probe: $device: get_telemetry: checksum error"
device status
expect_exit 3 probe --lan "$device" set-limit 1
expect_in stderr 'set_export_limit: unexpected packet'
device closed
expect_exit 3 probe --lan "$device" settings
expect_in stderr 'get_export_limit: socket error: closed without an answer'
device silent
expect_exit 3 probe --lan "$device" --timeout 0.5 telemetry
expect_in stderr 'get_telemetry: timeout'
kill $server
wait $server 2>/dev/null
expect_exit 3 probe --lan "$device" telemetry
expect_in stderr 'socket error: Connection refused'

# Wrong usage says what is right.
expect_exit 0 probe --help
expect_in stdout 'Example' 'hilbench probe --lan' 'set-limit' 'export-enable' 'export-disable' 'reset-watchdog'
expect_exit 2 probe telemetry
expect_in stderr '--lan'
expect_exit 2 probe --lan 127.0.0.1:1
for address in 192.168.1.200 192.168.1:1234 127.0.0.1:0; do
  expect_exit 2 probe --lan "$address" telemetry
  expect_in stderr "--lan $address: must be ADDRESS:PORT, as 192.168.1.200:1234"
done
expect_exit 2 probe --lan 127.0.0.1:1 set-limit 101
expect_in stderr '101'
expect_exit 2 probe --lan 127.0.0.1:1 set-mode zero
expect_in stderr 'off,dred,rcr,value'
