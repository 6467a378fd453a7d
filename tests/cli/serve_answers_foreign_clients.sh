# Masters that others wrote meet the inverters of a scenario on a pseudo-terminal, on Modbus TCP and on the dongle's UDP.
source "$(dirname "$0")/expectations.sh" "$@"
here=$source_dir/tests/cli

scenario served 600 "$holding"
"$hilbench" serve served.xml --pty com1="$work/com1" --instant-pty meter="$work/com4" --tcp et1=127.0.0.1:0 \
  --tcp et2=127.0.0.1:0 --udp et1=127.0.0.1:0 --discovery 127.0.0.1:0 --for 60 >stdout 2>stderr &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do
  grep -q discovery stdout && break
  sleep 0.1
done
port_of() { sed -n "s/^ *$1 .*127\.0\.0\.1:\([0-9]*\).*/\1/p" stdout; }
tcp=$(port_of 'et1 *Modbus TCP')
udp=$(port_of 'et1 *dongle UDP')
discovery=$(port_of 'dongles *discovery UDP')
[ -n "$tcp" ] && [ -n "$udp" ] && [ -n "$discovery" ] || fail "serve does not say where it listens"

expect_in stdout 'without wire time: meter unit 1'

# Register 35001 is the rated power, 35003 on the serial number (goodwe-et-modbus 2): 10000 W, "90".
mbpoll -m rtu -b 9600 -P none -a 1 -t 4 -r 35002 -c 1 -1 "$work/com1" >mbpoll.out 2>&1 ||
  { cat mbpoll.out; fail "mbpoll over the pseudo-terminal"; }
grep -q '\[35002\]:.*10000' mbpoll.out || { cat mbpoll.out; fail "mbpoll read something else over the line"; }
mbpoll -m tcp -p "$tcp" -a 247 -t 4 -r 35002 -c 1 -1 127.0.0.1 >mbpoll.out 2>&1 ||
  { cat mbpoll.out; fail "mbpoll over TCP"; }
grep -q '\[35002\]:.*10000' mbpoll.out || { cat mbpoll.out; fail "mbpoll read something else over TCP"; }

/usr/bin/python3 "$here/foreign_clients.py" --tcp "$tcp" --udp "$udp" --discovery "$discovery" --serial "$work/com1" \
  --meter "$work/com4" >clients.out 2>&1 || { cat clients.out; fail "a foreign client was not served"; }

kill -INT $server
wait $server
[ $? -eq 0 ] || fail "serve did not end well on Ctrl-C"
expect_in stdout 'instants were more than 1 ms late'
[ ! -e "$work/com1" ] || fail "the link to the pseudo-terminal was left behind"
