# What serve cannot open is exit 2, with what could be opened.
source "$(dirname "$0")/expectations.sh" "$@"
scenario good 5 "$holding"
expect_exit 2 serve good.xml
expect_in stderr 'nothing to open, needs --pty, --instant-pty, --serial, --tcp, --udp, --can or --lan'
expect_exit 2 serve good.xml --pty com9
expect_in stderr '--pty com9: unknown, lines: com1, com4; devices: et1, et2, meter'
expect_exit 2 serve good.xml --pty com1 --pty et1
expect_in stderr '--pty et1: line com1 is opened twice'
expect_exit 2 serve good.xml --pty com1 --instant-pty et1
expect_in stderr '--instant-pty et1: line com1 is opened twice'
expect_exit 2 serve good.xml --instant-pty com9=/tmp/nothing
expect_in stderr '--instant-pty com9: unknown, lines: com1, com4; devices: et1, et2, meter'
expect_exit 2 serve good.xml --serial com1=pty
expect_in stderr '--serial com1=pty: must be a serial port or server, for a pseudo-terminal there is --pty'
expect_exit 2 serve good.xml --serial com1=/dev/null
expect_in stderr '/dev/null: is no serial port'
expect_exit 2 serve good.xml --serial com1
expect_in stderr '--serial com1: no path'
# CAN: of a scenario that has one, and an interface that is there. A kernel without CAN says that of any name.
expect_exit 2 serve good.xml --can vcan0
expect_in stderr '--can vcan0: the scenario has no CAN, must be one with SolaX inverters in <parallel>'
expect_exit 2 serve good.xml --can ''
expect_in stderr '--can' 'the word behind it is empty'
solax="$source_dir/scenarios/solax/share_heater_step.xml"
for refused in 'nosuchcan0:does not exist, must be a CAN interface that is up; there are: ' \
  'lo:is none of CAN, must be a CAN interface that is up; there are: ' \
  'a_name_beyond_all:has a name of 17 characters, must be 1..15'; do
  name=${refused%%:*}
  expect_exit 2 serve "$solax" --can "$name" --for 1
  grep -qF "CAN interface $name: ${refused#*:}" stderr ||
    grep -qF "CAN interface $name: this kernel has no CAN sockets, must be a Linux with SocketCAN" stderr ||
    fail "not told why $name is not opened: $(cat stderr)"
done
expect_exit 2 serve good.xml --serial com1=tcp:127.0.0.1:1
expect_in stderr 'tcp:127.0.0.1:1: no serial server answers there'
expect_exit 2 serve good.xml --case good@a=1 --pty com1
expect_in stderr 'no case'
expect_exit 2 serve good.xml --tcp et7=127.0.0.1:0
expect_in stderr 'unknown device, known: et1, et2, meter'
for address in et1 et1=127.0.0.1 et1=127.0.0.1:99999 et1=127.1:1502; do
  expect_exit 2 serve good.xml --tcp "$address"
  expect_in stderr "--tcp $address: must be DEVICE=ADDRESS:PORT, as et1=127.0.0.1:1502"
done
expect_exit 2 serve good.xml --udp meter=127.0.0.1:0
expect_in stderr '--udp meter: only an inverter has a dongle'
expect_exit 2 serve good.xml --tcp et1=127.0.0.1:0 --discovery 127.0.0.1:0
expect_in stderr '--discovery: needs a --udp'
expect_exit 2 serve good.xml --tcp et1=127.0.0.1:0 --factor 0
for address in 127.0.0.1 127.1:1234 127.0.0.1:99999; do
  expect_exit 2 serve good.xml --lan "$address"
  expect_in stderr "--lan $address: must be ADDRESS:PORT, as 127.0.0.1:1234"
done
for out in '--without-controller' '--controller none'; do
  expect_exit 2 serve good.xml --lan 127.0.0.1:0 $out
  expect_in stderr '--lan: needs the controller, which is left out'
done
expect_exit 2 serve good.xml --lan 127.0.0.1:0 --controller elsewhere
expect_exit 2 serve good.xml --lan 192.0.2.1:1234 --for 1
expect_in stderr 'TCP 192.0.2.1:1234: Cannot assign requested address'
expect_exit 2 serve missing.xml --pty com1
expect_in stderr 'missing.xml: does not exist'
# A file is not overwritten by a link, and an address that cannot be had is said so.
echo precious >com1
expect_exit 2 serve good.xml --pty com1=com1 --for 1
[ "$(cat com1)" = precious ] || fail "the file was overwritten"
expect_exit 2 serve good.xml --tcp et1=192.0.2.1:1502 --for 1
expect_in stderr 'TCP 192.0.2.1:1502: Cannot assign requested address'
