# mbpoll over Modbus TCP and over a line, and pymodbus, read and write back every row of every map of the library.
source "$(dirname "$0")/expectations.sh" "$@"

# meet MAP NAME UNIT_TCP_AND_LINE LINE: NAME of the served scenario has that map.
meet() {
  local map=$1 name=$2 unit=$3 line=$4 port
  port=$(sed -n "s/^ *$name  *Modbus TCP .*127\.0\.0\.1:\([0-9]*\).*/\1/p" stdout)
  [ -n "$port" ] || fail "serve does not say where $name listens"
  "$hilbench" list --registers "$map" >rows || fail "no rows of $map"
  /usr/bin/python3 "$source_dir/tests/cli/every_row.py" "$unit" "$port" "$work/$line" <rows >met 2>&1 ||
    { cat met; fail "$map was not served row by row"; }
  grep -q "^[1-9][0-9]* rows read" met || { cat met; fail "$map has no rows"; }
}

# serve SITE: what stands in the site, in the place of nothing.
serve() {
  scenario served 600 "$holding"
  sed -i "s|<site extends=\(\"[^\"]*\"\)/>|<site extends=\1>$1</site>|" served.xml
  "$hilbench" serve served.xml --without-controller --instant-pty com1="$work/com1" \
    --instant-pty meter="$work/com4" --tcp et1=127.0.0.1:0 --tcp et2=127.0.0.1:0 --tcp meter=127.0.0.1:0 --for 290 >stdout 2>stderr &
  server=$!
  for _ in $(seq 100); do
    [ "$(grep -c 'Modbus TCP' stdout)" -ge 3 ] && break
    sleep 0.1
  done
}
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT

serve '<inverter name="et2" register_map="goodwe_et_745"/>'
meet goodwe_et_205 et1 1 com1
meet goodwe_et_745 et2 2 com1
meet bench_three_phase_meter meter 1 com4
kill -INT $server
wait $server

serve '<meter name="meter" register_map="eastron_sdm630"/>'
meet eastron_sdm630 meter 1 com4
