# Masters that others wrote, all at once, each on a port of its own: mbpoll, libmodbus and pymodbus, over pseudo-terminals and over
# TCP, without one error. usage: foreign_masters.sh HILBENCH SOURCE [SECONDS]; 600 s is what it must bear.
source "$(dirname "$0")/../cli/expectations.sh" "$@"
here=$source_dir/tests/paced
seconds=${3:-10}

"$hilbench" serve "$source_dir/scenarios/goodwe/loads_ten_inverters.xml" --without-controller --for $((seconds + 60)) \
  --pty com1="$work/com1" --pty com2="$work/com2" --pty com3="$work/com3" \
  --tcp et2=127.0.0.1:0 --tcp et5=127.0.0.1:0 --tcp et8=127.0.0.1:0 >stdout 2>stderr &
server=$!
masters=
trap 'kill $server $masters 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 200); do
  grep -q 'et8 .*Modbus TCP' stdout && break
  sleep 0.1
done
port_of() { sed -n "s/^ *$1 *Modbus TCP 127\.0\.0\.1:\([0-9]*\),.*/\1/p" stdout; }
[ -n "$(port_of et8)" ] || fail "serve does not say where it listens"

# master NAME COMMAND...: runs in the background, its output in NAME.
master() {
  local name=$1
  shift
  stdbuf -oL "$@" >"$name" 2>&1 &
  masters="$masters $!"
}
# mbpoll counts registers from 1: the five powers of both PV inputs.
master mbpoll_line mbpoll -m rtu -b 9600 -P none -a 15 -t 4 -r 35104 -c 8 -l 150 "$work/com2"
master mbpoll_tcp mbpoll -m tcp -p "$(port_of et5)" -a 247 -t 4 -r 35104 -c 8 -l 100 127.0.0.1
# probe is a master on libmodbus.
master libmodbus_line "$hilbench" probe --port "$work/com3" --unit 18 watch pv1_w pv2_w rated_w --every 0.25
master libmodbus_tcp "$hilbench" probe --tcp "127.0.0.1:$(port_of et8)" --unit 247 watch pv1_w pv2_w rated_w --every 0.1
/usr/bin/python3 "$here/foreign_masters.py" --seconds "$seconds" --serial "$work/com1" --tcp "$(port_of et2)" \
  >pymodbus 2>&1 || { cat pymodbus; fail "pymodbus met an error"; }
# shellcheck disable=SC2086
kill -INT $masters
# shellcheck disable=SC2086
wait $masters
masters=
kill -INT $server
wait $server || fail "serve did not end well"

cat pymodbus
for name in mbpoll_line mbpoll_tcp; do
  grep -q 'frames transmitted' $name || { tail $name; fail "$name tells no statistics"; }
  grep -E 'frames transmitted' $name | sed "s/^/$name: /"
  # Ctrl-C may have come between a request and its reply.
  awk '/frames transmitted/ { good = $1 - $4 <= 1 && $6 == 0 && $4 >= 10 } END { exit !good }' $name ||
    { tail $name; fail "$name lost frames"; }
done
for name in libmodbus_line libmodbus_tcp; do
  read_times=$(grep -c '^35001 *rated_w *10000 W' $name)
  printf '%s: %s readings\n' "$name" "$read_times"
  [ "$read_times" -ge $((seconds * 2)) ] || { tail $name; fail "$name read too little"; }
  ! grep -q '^probe:' $name || { grep '^probe:' $name; fail "$name met an error"; }
done
grep -E 'served|late' stdout
