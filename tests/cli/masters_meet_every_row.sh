# Every row of every map of the library, over Modbus TCP and over a line: mbpoll and pymodbus read it, write it back where that is
# allowed and read it again; libmodbus (probe) reads all of them by name.
source "$(dirname "$0")/expectations.sh" "$@"

# meet MAP NAME UNIT_TCP_AND_LINE LINE [06]: NAME of the served scenario has that map; 06: it has no function 16.
meet() {
  local map=$1 name=$2 unit=$3 line=$4 port where
  port=$(sed -n "s/^ *$name  *Modbus TCP .*127\.0\.0\.1:\([0-9]*\).*/\1/p" stdout)
  [ -n "$port" ] || fail "serve does not say where $name listens"
  "$hilbench" list --registers "$map" >rows || fail "no rows of $map"
  /usr/bin/python3 "$source_dir/tests/cli/every_row.py" "$unit" "$port" "$work/$line" "${@:5}" <rows >met 2>&1 ||
    { cat met; fail "$map was not served row by row"; }
  grep -q "^[1-9][0-9]* rows read" met || { cat met; fail "$map has no rows"; }
  for where in "--tcp 127.0.0.1:$port" "--port $work/$line:9600,8N1"; do
    # shellcheck disable=SC2086
    "$hilbench" probe $where --unit "$unit" --map "$map" read '*' >by_name 2>&1 || { cat by_name; fail "$map over libmodbus, $where"; }
    [ "$(grep -c '^[0-9]' by_name)" -ge "$(sed 's/ .*//' met)" ] || { cat by_name; fail "libmodbus reads few rows of $map, $where"; }
  done
}

# opened OPTIONS...: serve in the background, until it says where MANY devices listen.
opened() {
  local many=$1
  shift
  : >stdout
  "$hilbench" serve served.xml "$@" --for 590 >stdout 2>stderr &
  server=$!
  for _ in $(seq 100); do
    [ "$(grep -c 'Modbus TCP' stdout)" -ge "$many" ] && return
    sleep 0.1
  done
  cat stderr
  fail "serve does not say where it listens"
}
closed() {
  kill -INT $server
  wait $server
}
# serve SITE: what stands in the site, in the place of nothing.
serve() {
  scenario served 600 "$holding"
  sed -i "s|<site extends=\(\"[^\"]*\"\)/>|<site extends=\1>$1</site>|" served.xml
  opened 3 --without-controller --instant-pty com1="$work/com1" --instant-pty meter="$work/com4" --tcp et1=127.0.0.1:0 \
    --tcp et2=127.0.0.1:0 --tcp meter=127.0.0.1:0
}
# serve_site SITE NAME [LEADER]: a site of the library as it is, with the element that its devices ask for.
serve_site() {
  cat >served.xml <<XML
<?xml version="1.0" encoding="UTF-8"?>
<scenario schema="1" name="served" duration_s="600" seed="7">
  <purpose>Written by a test.</purpose>
  <site extends="sites/$1.xml"/>
  ${3:-}
  <expect>$holding</expect>
</scenario>
XML
  opened 1 --without-controller --instant-pty com1="$work/com1" --tcp "$2=127.0.0.1:0"
}
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT

serve '<inverter name="et2" register_map="goodwe_et_745"/>'
meet goodwe_et_205 et1 1 com1
meet goodwe_et_745 et2 2 com1
meet eastron_sdm630 meter 1 com4
closed

for map in pws1 pws1_multi_string pwg2 pws2; do
  serve_site "sinexcel_${map}_400v" pcs1 '<ems name="ems" lines="com1"/>'
  meet "sinexcel_$map" pcs1 1 com1 06
  closed
done

serve_site solax_three_a1_240v a1
meet solax_g4 a1 1 com1
