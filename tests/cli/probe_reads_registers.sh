# probe as a master on libmodbus: on a serial line and over TCP, by the names of a register map.
source "$(dirname "$0")/expectations.sh" "$@"

scenario served 600 "$holding"
"$hilbench" serve served.xml --without-controller --pty com1="$work/com1" --pty com4="$work/com4" --tcp et2=127.0.0.1:0 \
  --for 100 >served.out 2>served.err &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do
  grep -q 'et2 .*Modbus TCP' served.out && break
  sleep 0.1
done
tcp=$(sed -n 's/.*et2 *Modbus TCP \([0-9.:]*\),.*/\1/p' served.out)
[ -n "$tcp" ] || fail "serve does not say where it listens"

# Who is there: 1 and 2 are, 3 is not.
expect_exit 0 probe --port "$work/com1:9600,8N1" --timeout 2 scan --to 3
expect_in stdout 'unit   1  serial "9010KETU22AW0001"' 'unit   2  serial "9010KETU22AW0002"' '2 of units 1 to 3 answer'
! grep -q 'unit   3' stdout || fail "unit 3 is there"
expect_exit 3 probe --port "$work/com1" scan --from 3 --to 4
expect_in stdout '0 of units 3 to 4 answer'
expect_in stderr 'probe: nobody answers at 9600 8N1: another baud or format (--port PATH:BAUD,FORMAT), another address, A and B'
expect_exit 3 probe --port "$work/com1:19200,8N1" --timeout 0.3 watch rated_w --every 0.05 --times 2
[ "$(grep -c 'nobody answers at 19200 8N1' stderr)" -eq 1 ] || fail "the hint does not come once"
expect_in served.out 'com1 set to 19200 baud, com1 has 9600: neither understands the other'

# By name, by pattern and by address, in the units of the map.
expect_exit 0 probe --port "$work/com1" read rated_w serial 'pv1_*' 35123
grep -qE '^35001 +rated_w +10000 W' stdout || fail "no rated power"
grep -qE '^35003 +serial +"9010KETU' stdout || fail "no serial number"
grep -qE '^35103 +pv1_v +[4-9][0-9]{2}(\.[0-9])? V ' stdout || fail "no PV voltage"
grep -qE '^35123 +frequency_hz +50 Hz' stdout || fail "no frequency"
expect_exit 0 probe --port "$work/com4" --map eastron_sdm630 read l1_voltage_ln_rms_v
grep -qE 'l1_voltage_ln_rms_v +2[23][0-9](\.[0-9]+)? V' stdout || fail "no voltage from the meter"

# Over TCP, and what was written is there for the line too.
expect_exit 0 probe --tcp "$tcp" --unit 247 write ems_power_w=1234
grep -qE '^47512 +ems_power_w +1234 W' stdout || fail "it is not read back"
expect_exit 0 probe --port "$work/com1" --unit 2 read ems_power_w
grep -qE '^47512 +ems_power_w +1234 W' stdout || fail "unit 2 has not got what was written"

# The safety country is one setting, written at one address and shown at two.
expect_exit 0 probe --tcp "$tcp" --unit 247 write 45244=2
sleep 1  # the image of its block is up to 0.2 s old
expect_exit 0 probe --port "$work/com1" --unit 2 read 35186 45244
grep -qE '^35186 .* 2( |$)' stdout && grep -qE '^45244 .* 2( |$)' stdout || fail "the safety country is not shown at both"

# A write that its register cannot hold exactly is told; a device of other addresses for what is written says it, too.
cp "$source_dir/scenarios/solax/parallel_runs.xml" solax.xml
"$hilbench" serve solax.xml --library "$source_dir/scenarios" --tcp a1=127.0.0.1:0 --for 60 >solax.out 2>solax.err &
solax=$!
trap 'kill $server $solax 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do
  grep -q 'a1 .*Modbus TCP' solax.out && break
  sleep 0.1
done
a1=$(sed -n 's/.*a1 *Modbus TCP \([0-9.:]*\),.*/\1/p' solax.out)
# Another device than the map's, and one that is locked: what to try is said, once.
expect_exit 0 probe --tcp "$a1" scan --to 2
expect_in stdout 'unit   1  exception 2'
expect_in stderr 'asked with the registers of goodwe_et_205; is it another device, give its register map, --map NAME: ' 'solax_g4'
expect_exit 3 probe --tcp "$a1" watch rated_w --every 0.05 --times 3
[ "$(grep -c 'give its register map' stderr)" -eq 1 ] || fail "the hint does not come once"
expect_exit 2 probe --tcp "$a1" read feed_in_word
expect_in stderr 'feed_in_word: goodwe_et_205 has no such name' 'probe: without --map it is goodwe_et_205'
expect_exit 2 probe --tcp "$a1" --map solax_g4 write unlock=2014
expect_in stderr 'nearest: unlock_password, '
! grep -q 'without --map' stderr || fail "the map was given"
expect_exit 3 probe --tcp "$a1" --map solax_g4 write export_limit_w=1500
expect_in stderr 'probe: unit 1, export_limit_w: exception 4' \
  'probe: is it locked? Write unlock_password first: 2014 user level, 6868 advanced level, else lock'
expect_exit 0 probe --tcp "$a1" --map solax_g4 write unlock_password=2014
grep -qE '^0 +unlock_password +2014 .*\(sent; it cannot be read\)' stdout || fail "it does not say what it sent"
expect_exit 0 probe --tcp "$a1" --map solax_g4 write export_limit_w=1234
grep -qE '^182 +export_limit_w +1230 W' stdout || fail "it is not read back where it is read"
expect_in stderr 'export_limit_w: 1230 W was sent for 1234: the register has steps of 10'
expect_exit 0 probe --tcp "$a1" --map solax_g4 write export_limit_w=1500
[ ! -s stderr ] || fail "nothing was rounded"
kill -INT $solax
wait $solax || fail "serve did not end well"

expect_exit 0 probe --tcp "$tcp" --unit 2 watch rated_w --every 0.05 --times 3
[ "$(grep -c '^35001 ' stdout)" -eq 3 ] || fail "it did not read three times"
"$hilbench" probe --tcp "$tcp" --unit 2 watch rated_w --every 0.05 >stdout 2>stderr &
watcher=$!
sleep 1
kill -INT $watcher
wait $watcher || fail "Ctrl-C is not how to end watching"
expect_in stdout 'rated_w'

# What does not answer, and what refuses.
expect_exit 3 probe --port "$work/com1" --unit 9 --timeout 0.3 read rated_w
expect_in stderr 'probe: unit 9, registers 35001 to 35001: no answer'
expect_exit 3 probe --tcp "$tcp" --unit 9 read rated_w
expect_in stderr 'exception 11'
expect_exit 3 probe --port "$work/com1:9600,8N1,rs485low" read rated_w
expect_in stderr 'com1: its driver has no RS485 mode, must be one that has, or without rs485'
expect_exit 3 probe --port "$work/missing" read rated_w
expect_in stderr "$work/missing: No such file or directory"
expect_exit 3 probe --tcp 127.0.0.1:1 read rated_w
expect_in stderr '127.0.0.1:1: Connection refused'

# Frames as they are copied from a log: 6012 W of PV1.
expect_exit 0 probe decode '01 03 89 21 00 02 be 5d' '01 03 04 00 00 17 7c f4 22'
expect_in stdout 'request unit 1: read holding registers 35105 x2' 'reply   unit 1: read holding registers 0 6012'
grep -qE '^  35105 +pv1_w +6012 W +PV1 power' stdout || fail "the reply is not decoded"
expect_exit 0 probe decode '01 03 89 21 00 02 be 5e'
expect_in stdout '8 bytes, the CRC is wrong'

# Wrong usage says what is right, and asks nobody.
expect_exit 2 probe scan
expect_in stderr 'needs --port or --tcp'
expect_exit 2 probe --port "$work/com1" read pv1_watt
expect_in stderr 'pv1_watt: goodwe_et_205 has no such name' 'pv1_w'
expect_exit 2 probe --port "$work/com1" read 'zz*'
expect_in stderr 'zz*: goodwe_et_205 has no such name' 'nearest: ' '`hilbench list --registers goodwe_et_205` has all '
[ "$(wc -c <stderr)" -lt 300 ] || fail "it lists too many names"
expect_exit 2 probe --port "$work/com1" write rated_w=1
expect_in stderr 'rated_w: can be read only'
expect_exit 2 probe --port "$work/com1" --map nonsense read rated_w
expect_in stderr 'register map "nonsense": is neither a file nor one of ' \
  'known: eastron_sdm630, goodwe_et_205, goodwe_et_745'
expect_exit 2 probe --port "$work/com1" write ems_power_w
expect_in stderr 'must be NAME=VALUE'
expect_exit 2 probe --port "$work/com1" write ems_power_w=much
expect_in stderr '"much" is no number'
nobody=$(printf 'x%.0s' {1..70})  # no label of a host's name has more than 63 characters
expect_exit 2 probe --tcp "$nobody:502" read rated_w
expect_in stderr "--tcp $nobody:502: no IPv4 address is known of \"$nobody\""
expect_exit 0 probe --tcp "localhost:${tcp##*:}" --unit 2 read rated_w
expect_exit 2 probe --port "$work/com1" write ems_power_w=70000
expect_in stderr 'does not fit'
expect_exit 2 probe --port pty read rated_w
expect_in stderr '--port pty: must be a serial port'
expect_exit 2 probe --tcp nowhere read rated_w
expect_in stderr '--tcp nowhere: must be ADDRESS:PORT'
expect_exit 2 probe decode 'xyz'
expect_in stderr '"xyz" is no frame'
expect_exit 2 probe --map nowhere --port "$work/com1" read rated_w
expect_exit 2 probe --port "$work/com1" scan --from 9 --to 3
expect_in stderr '--from must not be beyond --to'
expect_exit 2 probe --lan 127.0.0.1:1 --port "$work/com1" scan

kill -INT $server
wait $server || fail "serve did not end well"
